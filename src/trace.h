/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints, in /sys/kernel/tracing/events/pvscsi. A disabled tracepoint costs one
 * jump. A tracepoint reads its arguments when it fires, so the caller must still own
 * them at that point.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM pvscsi

#if !defined(PVS_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define PVS_TRACE_H

#include <linux/tracepoint.h>
#include "adapter.h"
#include "status.h"

/* What is reset. Not an enum: user-space tools parse the event format and need numbers. */
#define PVS_TRACE_ABORT		0
#define PVS_TRACE_DEVICE	1
#define PVS_TRACE_BUS		2
#define PVS_TRACE_HOST		3
#define PVS_TRACE_ADAPTER	4

/* A request is in its slot and is about to be published. Under submit_lock. */
TRACE_EVENT(pvscsi_submit,
	TP_PROTO(const struct pvs_adapter *adapter, const struct pvs_cmd *cmd,
		 const struct pvscsi_request *req),
	TP_ARGS(adapter, cmd, req),
	TP_STRUCT__entry(
		__field(u32, host_no)
		__field(u32, tag)
		__field(u64, context)
		__field(u64, data_len)
		__field(u32, flags)
		__field(u8, target)
		__field(u8, opcode)
	),
	TP_fast_assign(
		__entry->host_no = adapter->shost->host_no;
		__entry->tag = cmd - adapter->cmds.cmd;
		__entry->context = le64_to_cpu(req->context);
		__entry->data_len = le64_to_cpu(req->data_len);
		__entry->flags = le32_to_cpu(req->flags);
		__entry->target = req->target;
		__entry->opcode = req->cdb[0];
	),
	TP_printk("host_no=%u tag=%u context=0x%llx target=%u opcode=0x%02x data_len=%llu flags=0x%x",
		  __entry->host_no, __entry->tag, __entry->context, __entry->target,
		  __entry->opcode, __entry->data_len, __entry->flags)
);

/* A doorbell is about to be rung for the requests before index. */
TRACE_EVENT(pvscsi_doorbell,
	TP_PROTO(const struct pvs_adapter *adapter, bool rw),
	TP_ARGS(adapter, rw),
	TP_STRUCT__entry(
		__field(u32, host_no)
		__field(u32, index)
		__field(u8, rw)
	),
	TP_fast_assign(
		__entry->host_no = adapter->shost->host_no;
		__entry->index = READ_ONCE(adapter->req_ring.index);
		__entry->rw = rw;
	),
	TP_printk("host_no=%u kind=%s index=%u", __entry->host_no,
		  __print_symbolic(__entry->rw, { 0, "non_rw" }, { 1, "rw" }), __entry->index)
);

/* The result of a command is set, and the command is about to go to the midlayer. */
TRACE_EVENT(pvscsi_complete,
	TP_PROTO(const struct pvs_adapter *adapter, const struct pvs_cmd *cmd,
		 const struct pvs_status_in *status, struct scsi_cmnd *scmd),
	TP_ARGS(adapter, cmd, status, scmd),
	TP_STRUCT__entry(
		__field(u32, host_no)
		__field(u32, tag)
		__field(u64, context)
		__field(u64, data_len)
		__field(u32, result)
		__field(u32, resid)
		__field(u16, host_status)
		__field(u16, scsi_status)
	),
	TP_fast_assign(
		__entry->host_no = adapter->shost->host_no;
		__entry->tag = cmd - adapter->cmds.cmd;
		__entry->context = cmd->context;
		__entry->data_len = status->data_len;
		__entry->result = scmd->result;
		__entry->resid = scsi_get_resid(scmd);
		__entry->host_status = status->host_status;
		__entry->scsi_status = status->scsi_status;
	),
	TP_printk("host_no=%u tag=%u context=0x%llx host_status=0x%02x scsi_status=0x%02x data_len=%llu result=0x%x resid=%u",
		  __entry->host_no, __entry->tag, __entry->context, __entry->host_status,
		  __entry->scsi_status, __entry->data_len, __entry->result, __entry->resid)
);

/*
 * An abort or a reset is over. (A host reset includes an adapter reset, which has an event
 * too. A renewal, or a check after errors, may also cause an adapter reset.)
 */
TRACE_EVENT(pvscsi_reset,
	TP_PROTO(const struct pvs_adapter *adapter, u32 kind, u32 target, bool done),
	TP_ARGS(adapter, kind, target, done),
	TP_STRUCT__entry(
		__field(u32, host_no)
		__field(u32, kind)
		__field(u32, target)
		__field(u8, done)
	),
	TP_fast_assign(
		__entry->host_no = adapter->shost->host_no;
		__entry->kind = kind;
		__entry->target = target;
		__entry->done = done;
	),
	TP_printk("host_no=%u kind=%s target=%d outcome=%s", __entry->host_no,
		  __print_symbolic(__entry->kind,
				   { PVS_TRACE_ABORT, "abort" },
				   { PVS_TRACE_DEVICE, "device" },
				   { PVS_TRACE_BUS, "bus" },
				   { PVS_TRACE_HOST, "host" },
				   { PVS_TRACE_ADAPTER, "adapter" }),
		  (int)__entry->target,
		  __print_symbolic(__entry->done, { 0, "failed" }, { 1, "done" }))
);

/* A message was read. It is not validated yet. */
TRACE_EVENT(pvscsi_message,
	TP_PROTO(const struct pvs_adapter *adapter, u32 type, u32 bus, u32 target, u64 lun),
	TP_ARGS(adapter, type, bus, target, lun),
	TP_STRUCT__entry(
		__field(u32, host_no)
		__field(u32, type)
		__field(u32, bus)
		__field(u32, target)
		__field(u64, lun)
	),
	TP_fast_assign(
		__entry->host_no = adapter->shost->host_no;
		__entry->type = type;
		__entry->bus = bus;
		__entry->target = target;
		__entry->lun = lun;
	),
	TP_printk("host_no=%u type=%u bus=%u target=%u lun=%llu", __entry->host_no,
		  __entry->type, __entry->bus, __entry->target, __entry->lun)
);

#endif

/* Outside the include guard: define_trace.h includes this file several times. */
#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
