// SPDX-License-Identifier: GPL-2.0-only
/*
 * Submission: from a SCSI command to a descriptor in the request ring, and one
 * doorbell per batch. Called in any context. Data are mapped without a lock; the
 * descriptor is written into the ring and published under submit_lock.
 */

#include <linux/delay.h>
#include <linux/smp.h>
#include <asm/barrier.h>
#include <scsi/scsi_device.h>
#include "cdb.h"
#include "rings.h"
#include "submit.h"
#include "trace.h"

/* How often a CPU rings in a row, with interrupts disabled. More saved no doorbell. */
#define PVS_SUBMIT_MAX_ROUNDS	2

static bool pvs_submit_is_rw(u8 opcode)
{
	switch (opcode) {
	case READ_6:
	case READ_10:
	case READ_12:
	case READ_16:
	case WRITE_6:
	case WRITE_10:
	case WRITE_12:
	case WRITE_16:
		return true;
	default:
		return false;
	}
}

/* The flags for the data direction, or 0 if the device does not support it. */
static u32 pvs_submit_direction(const struct scsi_cmnd *scmd)
{
	switch (scmd->sc_data_direction) {
	case DMA_NONE:
		return PVSCSI_REQ_FLAG_NO_DATA;
	case DMA_FROM_DEVICE:
		return PVSCSI_REQ_FLAG_TO_MEMORY;
	case DMA_TO_DEVICE:
		return PVSCSI_REQ_FLAG_TO_DEVICE;
	default:
		return 0;
	}
}

static void pvs_submit_refused(struct pvs_adapter *adapter, const struct scsi_cmnd *scmd,
			       const struct pvs_cdb_in *in, const struct pvs_cdb_moves *moves)
{
	static const char * const directions[] = { "no", "in", "out" };

	atomic64_inc(&adapter->stats_rare.commands_refused);
	dev_warn_ratelimited(pvs_adapter_dev(adapter),
			     "command 0x%02x for target %u refused: it moves %llu bytes (data-%s), its buffer holds %u (data-%s); QEMU's device would never answer it, or move other data than it should\n",
			     in->cdb[0], scmd->device->id, moves->bytes,
			     directions[moves->direction], in->bufflen,
			     directions[in->direction]);
}

/*
 * True if the midlayer's error handler issues the command, which it does in its thread, to
 * check whether the disk works again. Such a command has ten seconds. If it fails, or is
 * busy all that time, the midlayer takes the disk offline. So it waits for the end of a
 * hold, as the handlers do. It may sleep: at most the disk's state_mutex is held here.
 */
static bool pvs_submit_is_of_eh(const struct Scsi_Host *shost)
{
	return current == shost->ehandler && shost->eh_action;
}

/*
 * Set how many bytes of its buffer are withheld from the device: none, except for
 * pass-through commands (SG_IO and the like) on QEMU. Returns -EPERM if the command must not
 * be sent to the device at all.
 */
static int pvs_submit_limit(struct pvs_adapter *adapter, struct pvs_cmd *cmd,
			    struct scsi_cmnd *scmd)
{
	struct pvs_cdb_in in = {
		.cdb = scmd->cmnd,
		.bufflen = scsi_bufflen(scmd),
		.type = scmd->device->type,
		/* The upper-level driver (sd, sr) sets it. Without one it is 0. */
		.block_size = scmd->device->sector_size,
	};
	struct pvs_cdb_moves moves;
	u32 given;

	cmd->withheld = 0;
	cmd->of_eh = pvs_submit_is_of_eh(adapter->shost);
	if (!pvs_compat_is_passthrough(scmd))
		return 0;
	/* A process waits for the command, and the rest of its batch may take long to arrive. */
	pvs_compat_make_last(scmd);
	if (!adapter->is_qemu)
		return 0;
	if (in.bufflen)
		in.direction = scmd->sc_data_direction == DMA_TO_DEVICE ? PVS_CDB_OUT : PVS_CDB_IN;
	pvs_cdb_parse(&in, &moves);
	if (!pvs_cdb_is_safe(&in, &moves, &given)) {
		pvs_submit_refused(adapter, scmd, &in, &moves);
		return -EPERM;
	}
	cmd->withheld = in.bufflen - given;
	return 0;
}

/*
 * Map the data of a command without an underflow. Reads and writes of file systems have
 * one, so they only pay for the test of it.
 */
static noinline int pvs_submit_map_limited(struct pvs_adapter *adapter, struct pvs_cmd *cmd,
					   struct scsi_cmnd *scmd)
{
	int ret = pvs_submit_limit(adapter, cmd, scmd);

	if (!ret)
		ret = pvs_cmd_map(&adapter->cmds, cmd, scmd);
	if (!ret && cmd->withheld)
		cmd->data.len = scsi_bufflen(scmd) - cmd->withheld;
	return ret;
}

/* Map the data. Returns 0, -EBUSY or -EINVAL, as pvs_cmd_map(), or -EPERM. */
static int pvs_submit_prepare(struct pvs_adapter *adapter, struct pvs_cmd *cmd,
			      struct scsi_cmnd *scmd)
{
	cmd->data.flags = pvs_submit_direction(scmd);
	if (!cmd->data.flags || scmd->cmd_len > PVSCSI_MAX_CDB)
		return -EINVAL;
	if (unlikely(!scmd->underflow))
		return pvs_submit_map_limited(adapter, cmd, scmd);
	return pvs_cmd_map(&adapter->cmds, cmd, scmd);
}

/*
 * Fill in a slot of the ring. To be fast, this sets each field once, and nothing beyond
 * PVSCSI_REQ_USED: the rest of the slot is 0 since its allocation.
 */
static void pvs_submit_fill(struct pvscsi_request *req, const struct pvs_cmd *cmd,
			    const struct scsi_cmnd *scmd)
{
	req->context = cpu_to_le64(cmd->context);
	req->data_addr = cpu_to_le64(cmd->data.addr);
	req->data_len = cpu_to_le64(cmd->data.len);
	req->sense_addr = cpu_to_le64(cmd->sense.addr);
	req->sense_len = cpu_to_le32(SCSI_SENSE_BUFFERSIZE);
	req->flags = cpu_to_le32(cmd->data.flags);
	/* Copy a fixed size: the midlayer's CDB buffer is never smaller than this. */
	memcpy(req->cdb, scmd->cmnd, sizeof(req->cdb));
	req->cdb_len = scmd->cmd_len;
	/* max_lun allows LUN 0 only, which is all zeros. */
	memset(req->lun, 0, sizeof(req->lun));
	req->tag = PVSCSI_TAG_SIMPLE;
	/* max_channel is 0. */
	req->bus = 0;
	req->target = cmd->target;
	req->vcpu_hint = cpu_to_le16(min_t(u32, raw_smp_processor_id(), U16_MAX));
	memset(req->zero, 0, sizeof(req->zero));
}

/*
 * With the request call threshold, the device sets how many unconsumed requests there may
 * be before it needs a doorbell for reads and writes. Returns true below that number.
 */
static bool pvs_submit_device_polls(struct pvs_adapter *adapter)
{
	struct pvscsi_rings_state *state = adapter->rings_state;
	u32 threshold, unconsumed;

	if (!adapter->has_threshold)
		return false;
	/*
	 * Orders the write of our producer index before the read of the device's consumer
	 * index. Otherwise the device could stop polling while we skip the doorbell. Pairs
	 * with the device, which publishes its index before it reads ours again.
	 */
	mb();
	threshold = le32_to_cpu(READ_ONCE(state->req_call_threshold));
	unconsumed = adapter->req_ring.index - le32_to_cpu(READ_ONCE(state->req_cons));
	/* A threshold that is larger than the ring is invalid: ring the doorbell. */
	return threshold <= adapter->req_ring.entries && unconsumed < threshold;
}

enum pvs_doorbell {
	PVS_DOORBELL_NONE,
	PVS_DOORBELL_RW,
	PVS_DOORBELL_NON_RW,
};

/* If the device has consumed all requests, it needs no doorbell. */
static bool pvs_submit_all_consumed(const struct pvs_adapter *adapter)
{
	return le32_to_cpu(READ_ONCE(adapter->rings_state->req_cons)) == adapter->req_ring.index;
}

/* Count a pending doorbell that turned out to be unnecessary. */
static enum pvs_doorbell pvs_submit_save_doorbell_locked(struct pvs_adapter *adapter)
{
	lockdep_assert_held(&adapter->submit_lock);
	adapter->stats_submit.doorbells_saved++;
	return PVS_DOORBELL_NONE;
}

/* Decide which doorbell is needed for the requests so far. The caller rings it. */
static enum pvs_doorbell pvs_submit_take_doorbell_locked(struct pvs_adapter *adapter)
{
	bool non_rw = adapter->doorbell_non_rw;

	lockdep_assert_held(&adapter->submit_lock);
	/* (While paused, the code that paused it rings, if the device may be accessed.) */
	if (!adapter->doorbell_due || adapter->state != PVS_STATE_RUNNING)
		return PVS_DOORBELL_NONE;
	adapter->doorbell_due = 0;
	adapter->doorbell_non_rw = false;
	if (pvs_submit_all_consumed(adapter))
		return pvs_submit_save_doorbell_locked(adapter);
	if (non_rw)
		return PVS_DOORBELL_NON_RW;
	if (pvs_submit_device_polls(adapter))
		return pvs_submit_save_doorbell_locked(adapter);
	return PVS_DOORBELL_RW;
}

/*
 * Ring the doorbell for the pending requests. The lock is dropped during the write, which may
 * take long: the device may do all the I/O within it. If another CPU is ringing, leave it to
 * that CPU. It checks again after its write, and by then the device has often consumed these
 * requests as well. Interrupts stay disabled meanwhile: the requests of other CPUs must not
 * wait for interrupt handlers of this one.
 */
static void pvs_submit_ring_locked(struct pvs_adapter *adapter)
{
	enum pvs_doorbell doorbell;
	u32 rounds = 0;

	lockdep_assert_held(&adapter->submit_lock);
	if (adapter->doorbell_ringing)
		return;
	adapter->doorbell_ringing = true;
	while ((doorbell = pvs_submit_take_doorbell_locked(adapter)) != PVS_DOORBELL_NONE) {
		/* Do not ring for other CPUs for ever: from now on another CPU may ring. */
		if (++rounds == PVS_SUBMIT_MAX_ROUNDS)
			adapter->doorbell_ringing = false;
		adapter->stats_submit.doorbells++;
		trace_pvscsi_doorbell(adapter, doorbell == PVS_DOORBELL_RW);
		adapter->doorbells_under_way++;
		spin_unlock(&adapter->submit_lock);
		pvs_hw_doorbell(&adapter->hw, doorbell == PVS_DOORBELL_RW);
		spin_lock(&adapter->submit_lock);
		adapter->doorbells_under_way--;
		if (rounds == PVS_SUBMIT_MAX_ROUNDS)
			return;
	}
	adapter->doorbell_ringing = false;
}

void pvs_submit_commit(struct pvs_adapter *adapter)
{
	unsigned long flags;

	spin_lock_irqsave(&adapter->submit_lock, flags);
	pvs_submit_ring_locked(adapter);
	spin_unlock_irqrestore(&adapter->submit_lock, flags);
}

void pvs_submit_kick(struct pvs_adapter *adapter)
{
	lockdep_assert_held(&adapter->life_lock);
	spin_lock_irq(&adapter->submit_lock);
	adapter->doorbell_due = 0;
	adapter->doorbell_non_rw = false;
	spin_unlock_irq(&adapter->submit_lock);
	trace_pvscsi_doorbell(adapter, false);
	pvs_hw_doorbell(&adapter->hw, false);
}

void pvs_submit_commit_rqs(struct Scsi_Host *shost, u16 hwq)
{
	pvs_submit_commit(pvs_owner_adapter(shost));
}

/* Give the command to the device. If this fails, nothing was changed. */
static int pvs_submit_publish_locked(struct pvs_adapter *adapter, struct pvs_cmd *cmd,
				     struct scsi_cmnd *scmd)
{
	struct pvscsi_rings_state *state = adapter->rings_state;
	struct pvscsi_request *ring = adapter->shared_req.va;
	struct pvscsi_request *req = &ring[pvs_ring_slot(&adapter->req_ring)];

	lockdep_assert_held(&adapter->submit_lock);
	if (adapter->state != PVS_STATE_RUNNING)
		return adapter->state == PVS_STATE_PAUSED ? -EAGAIN : -ENODEV;

	WRITE_ONCE(cmd->context, pvs_cmd_new_context(cmd));
	WRITE_ONCE(cmd->target, scmd->device->id);
	pvs_submit_fill(req, cmd, scmd);
	if (!pvs_submit_is_rw(scmd->cmnd[0]))
		adapter->doorbell_non_rw = true;
	/*
	 * Release: orders the write of the context before the write of scmd. A CPU that can
	 * see scmd can also see its context, and may complete and free it: do not use scmd
	 * below. Pairs with pvs_complete_claim_locked().
	 */
	smp_store_release(&cmd->scmd, scmd);
	trace_pvscsi_submit(adapter, cmd, req);
	pvs_ring_advance(&adapter->req_ring);
	/* Orders the writes of the descriptor before the index that publishes it to the device. */
	dma_wmb();
	WRITE_ONCE(state->req_prod, cpu_to_le32(adapter->req_ring.index));
	adapter->stats_submit.commands++;
	adapter->doorbell_due++;
	if (unlikely(adapter->req_ring.index >= PVS_RENEW_INDEX && !adapter->wraps))
		queue_delayed_work(adapter->workqueue, &adapter->renew_work,
				   adapter->renew_delay);
	return 0;
}

static int pvs_submit_publish(struct pvs_adapter *adapter, struct pvs_cmd *cmd,
			      struct scsi_cmnd *scmd)
{
	/* Read this now: once published, scmd may be completed and freed at any time. */
	bool last = pvs_compat_is_last(scmd);
	unsigned long flags;
	int ret;

	spin_lock_irqsave(&adapter->submit_lock, flags);
	ret = pvs_submit_publish_locked(adapter, cmd, scmd);
	if (unlikely(ret == -EAGAIN))
		adapter->stats_submit.busy_paused++;
	/*
	 * Ring at the end of a batch. Ring also if this command fails, since the batch may end
	 * here, and if half of the ring is pending, since the batch may be very long.
	 */
	if (ret || last || adapter->doorbell_due >= adapter->req_ring.entries / 2)
		pvs_submit_ring_locked(adapter);
	spin_unlock_irqrestore(&adapter->submit_lock, flags);
	return ret;
}

static pvs_compat_qc_t pvs_submit_fail(struct scsi_cmnd *scmd, int host_byte)
{
	scmd->result = host_byte << 16;
	pvs_compat_scsi_done(scmd);
	return 0;
}

static int pvs_submit(struct pvs_adapter *adapter, struct scsi_cmnd *scmd)
{
	struct pvs_cmd *cmd = pvs_cmds_by_tag(&adapter->cmds, pvs_compat_tag(scmd));
	int ret;

	if (WARN_ON_ONCE(!cmd || READ_ONCE(cmd->scmd)))
		ret = -EINVAL;
	else
		ret = pvs_submit_prepare(adapter, cmd, scmd);
	if (ret) {
		if (ret == -EBUSY)
			atomic64_inc(&adapter->stats_rare.busy_no_mapping);
		pvs_submit_commit(adapter);
		return ret;
	}
	ret = pvs_submit_publish(adapter, cmd, scmd);
	if (unlikely(ret))
		pvs_cmd_unmap(&adapter->cmds, cmd, scmd);
	return ret;
}

/* The adapter is paused. A command of the error handler waits, and true is returned. */
static bool pvs_submit_waits(struct pvs_adapter *adapter)
{
	if (!pvs_submit_is_of_eh(adapter->shost))
		return false;
	pvs_owner_wait(adapter->owner);
	/* During a reset the adapter is paused without a hold. */
	usleep_range(500, 1000);
	return true;
}

pvs_compat_qc_t pvs_submit_queuecommand(struct Scsi_Host *shost, struct scsi_cmnd *scmd)
{
	struct pvs_adapter *adapter = pvs_owner_adapter(shost);
	int ret;

	do {
		ret = pvs_submit(adapter, scmd);
	} while (unlikely(ret == -EAGAIN) && pvs_submit_waits(adapter));
	switch (ret) {
	case 0:
		return 0;
	case -EAGAIN:
	case -EBUSY:
		return SCSI_MLQUEUE_HOST_BUSY;
	case -ENODEV:
		return pvs_submit_fail(scmd, DID_NO_CONNECT);
	case -EPERM:
		return pvs_submit_fail(scmd, DID_ERROR);
	default:
		/* The command can never succeed: DID_ABORT, so that it is not retried. */
		return pvs_submit_fail(scmd, DID_ABORT);
	}
}
