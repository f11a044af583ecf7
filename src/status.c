// SPDX-License-Identifier: GPL-2.0-only
/*
 * Translation of the device's two status words to a SCSI result, residual and
 * sense length. Pure: numbers only, so that it also runs in user space. The table
 * of all combinations is in docs/architecture.md; tests/unit/status.c tests each row.
 */

#include <linux/kernel.h>
#include <scsi/scsi.h>
#include "abi.h"
#include "status.h"

bool pvs_status_is_targets(u16 host_status)
{
	switch (host_status) {
	case PVSCSI_HOST_SUCCESS:
	case PVSCSI_HOST_LINKED:
	case PVSCSI_HOST_LINKED_FLAG:
	case PVSCSI_HOST_DATA_UNDERRUN:
	case PVSCSI_HOST_DATA_RUN:
	case PVSCSI_HOST_SENSE_FAILED:
		return true;
	default:
		return false;
	}
}

bool pvs_status_is_short(u16 host_status)
{
	return host_status == PVSCSI_HOST_DATA_UNDERRUN || host_status == PVSCSI_HOST_DATA_RUN;
}

/* Translate an error of the adapter to a DID_... byte. */
static u8 pvs_status_host_byte(u16 host_status)
{
	switch (host_status) {
	case PVSCSI_HOST_SELECTION_TIMEOUT:
		return DID_NO_CONNECT;
	/* The target was reset: the midlayer must issue the command again. */
	case PVSCSI_HOST_SENT_RESET:
	case PVSCSI_HOST_RECEIVED_RESET:
	case PVSCSI_HOST_BUS_RESET:
		return DID_RESET;
	/*
	 * The command was aborted, and not after a command timeout, since then the
	 * midlayer ignores its result. DID_SOFT_ERROR limits the retries: the next
	 * attempt may be aborted, too.
	 */
	case PVSCSI_HOST_ABORT_QUEUE:
		return DID_SOFT_ERROR;
	case PVSCSI_HOST_PARITY:
		return DID_PARITY;
	default:
		return DID_ERROR;
	}
}

static bool pvs_status_host_is_known(u16 host_status)
{
	switch (host_status) {
	case PVSCSI_HOST_SUCCESS:
	case PVSCSI_HOST_LINKED:
	case PVSCSI_HOST_LINKED_FLAG:
	case PVSCSI_HOST_DATA_UNDERRUN:
	case PVSCSI_HOST_SELECTION_TIMEOUT ... PVSCSI_HOST_LUN_MISMATCH:
	case PVSCSI_HOST_INVALID_PARAM ... PVSCSI_HOST_BAD_MESSAGE:
	case PVSCSI_HOST_ADAPTER_HARDWARE ... PVSCSI_HOST_ADAPTER_SOFTWARE:
	case PVSCSI_HOST_ADAPTER_TIMEOUT:
	case PVSCSI_HOST_PARITY:
		return true;
	default:
		return false;
	}
}

static bool pvs_status_sam_is_known(u16 scsi_status)
{
	switch (scsi_status) {
	case SAM_STAT_GOOD:
	case SAM_STAT_CHECK_CONDITION:
	case SAM_STAT_CONDITION_MET:
	case SAM_STAT_BUSY:
	case SAM_STAT_INTERMEDIATE:
	case SAM_STAT_INTERMEDIATE_CONDITION_MET:
	case SAM_STAT_RESERVATION_CONFLICT:
	case SAM_STAT_COMMAND_TERMINATED:
	case SAM_STAT_TASK_SET_FULL:
	case SAM_STAT_ACA_ACTIVE:
	case SAM_STAT_TASK_ABORTED:
		return true;
	default:
		return false;
	}
}

/*
 * Statuses that the midlayer treats as good. For a command that moves data it would
 * then find that no data was moved, and retry the command for ever.
 */
static bool pvs_status_is_good_for_nothing(u16 scsi_status)
{
	switch (scsi_status) {
	case SAM_STAT_CONDITION_MET:
	case SAM_STAT_INTERMEDIATE:
	case SAM_STAT_INTERMEDIATE_CONDITION_MET:
	case SAM_STAT_COMMAND_TERMINATED:
		return true;
	default:
		return false;
	}
}

void pvs_status_translate(const struct pvs_status_in *in, const struct pvs_status_cmd *cmd,
			  struct pvs_status_out *out)
{
	bool has_len = in->data_len && in->data_len <= cmd->bufflen;
	bool target = pvs_status_is_targets(in->host_status);
	bool sam_known = pvs_status_sam_is_known(in->scsi_status);

	out->implausible = !pvs_status_host_is_known(in->host_status) || !sam_known ||
			   in->data_len > cmd->bufflen || in->sense_len > cmd->sense_max;
	out->host_byte = target ? DID_OK : pvs_status_host_byte(in->host_status);
	out->status_byte = SAM_STAT_GOOD;
	out->sense_len = 0;

	/* A length of 0 is not reliable: QEMU always reports 0, ESXi sometimes. */
	out->resid = has_len ? cmd->bufflen - (u32)in->data_len : cmd->withheld;

	if (!sam_known) {
		out->host_byte = target ? DID_ERROR : out->host_byte;
		return;
	}
	if (in->scsi_status == SAM_STAT_CHECK_CONDITION) {
		out->sense_len = min(in->sense_len, cmd->sense_max);
		if (target || out->sense_len)
			out->status_byte = SAM_STAT_CHECK_CONDITION;
		return;
	}
	if (!target)
		return;

	out->status_byte = in->scsi_status;
	if (cmd->underflow && pvs_status_is_good_for_nothing(in->scsi_status)) {
		out->host_byte = DID_ERROR;
		out->status_byte = SAM_STAT_GOOD;
	}
	if (in->scsi_status != SAM_STAT_GOOD)
		return;
	if (in->host_status == PVSCSI_HOST_SENSE_FAILED)
		out->host_byte = DID_ERROR;
	/*
	 * A short read or write must fail, however little is missing: the midlayer
	 * would round its length down to blocks, possibly to 0, and retry for ever.
	 * (Commands whose length may vary have no underflow.) A command that sends
	 * data must also fail if it was short and the device reported no length.
	 */
	if ((cmd->underflow && out->resid) ||
	    (pvs_status_is_short(in->host_status) && !has_len && (cmd->underflow || cmd->out)))
		out->host_byte = DID_ERROR;
}
