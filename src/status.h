/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Translation of the device's two status words to a SCSI result, residual and
 * sense length. Pure: no midlayer objects.
 */
#ifndef PVS_STATUS_H
#define PVS_STATUS_H

#include <linux/types.h>

/* Values from the device, in host byte order and otherwise unchecked. */
struct pvs_status_in {
	u16 host_status;
	u16 scsi_status;
	u64 data_len;		/* bytes moved; 0 may also mean "not reported" */
	u32 sense_len;
};

/* Properties of the command. */
struct pvs_status_cmd {
	u32 bufflen;		/* size of its data buffer, in bytes */
	u32 underflow;		/* not 0: moving less than the whole buffer is an error */
	u32 sense_max;		/* size of its sense buffer, in bytes */
	u32 withheld;		/* bytes of its buffer not given to the device; <= bufflen */
	bool out;		/* the data goes to the device; used only if underflow is 0 */
};

struct pvs_status_out {
	u8 host_byte;		/* DID_... */
	u8 status_byte;		/* SAM_STAT_... */
	u32 resid;		/* <= bufflen */
	u32 sense_len;		/* <= sense_max; 0 if there is no sense data */
	bool implausible;	/* the device reported an invalid value: log a warning */
};

/*
 * True if the SCSI status of the target determines the result: if the adapter
 * reports success, data underrun, data run (QEMU reports it whenever there is a
 * residual, so every short CHECK CONDITION has it) or failed sense retrieval (the
 * midlayer then requests the sense data).
 */
bool pvs_status_is_targets(u16 host_status);

/* True if the adapter reports that it moved less than the buffer holds. */
bool pvs_status_is_short(u16 host_status);

/*
 * True for a good read or write of all its data, as nearly all commands are: result, residual and
 * sense length are 0, whatever pvs_status_translate() would look at. A command without an underflow
 * is never plain, since a part of its buffer may be withheld.
 */
static inline bool pvs_status_is_plain(const struct pvs_status_in *in, u32 bufflen, u32 underflow)
{
	return underflow && !(in->host_status | in->scsi_status | in->sense_len) &&
	       (!in->data_len || in->data_len == bufflen);
}

void pvs_status_translate(const struct pvs_status_in *in, const struct pvs_status_cmd *cmd,
			  struct pvs_status_out *out);

#endif
