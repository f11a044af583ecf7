/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From the device's two status words to a SCSI result, residual and sense
 * length. Pure: no midlayer objects.
 */
#ifndef PVS_STATUS_H
#define PVS_STATUS_H

#include <linux/types.h>

/* What the device said, in host byte order and otherwise as it came. */
struct pvs_status_in {
	u16 host_status;
	u16 scsi_status;
	u64 data_len;		/* bytes moved; 0 also means "not told" */
	u32 sense_len;
};

/* What the command was. */
struct pvs_status_cmd {
	u32 bufflen;		/* bytes of its data buffer */
	u32 underflow;		/* not 0: anything less than the whole buffer is an error */
	u32 sense_max;		/* bytes of its sense buffer */
	u32 withheld;		/* how many of its bytes the device never had: <= bufflen */
	bool out;		/* the data goes to the device; matters without an underflow */
};

struct pvs_status_out {
	u8 host_byte;		/* DID_... */
	u8 status_byte;		/* SAM_STAT_... */
	u32 resid;		/* <= bufflen */
	u32 sense_len;		/* <= sense_max; 0 when there is no sense data */
	bool implausible;	/* the device said what it must not: worth a warning */
};

/*
 * Whether the target's own status counts: always when the adapter is content,
 * and also with data underrun, data run (QEMU: whenever there is a residue, so
 * that every short CHECK CONDITION comes with it) and failed sense retrieval
 * (the midlayer then asks for the sense data itself).
 */
bool pvs_status_is_targets(u16 host_status);

/* Whether the adapter says that less was moved than the buffer holds. */
bool pvs_status_is_short(u16 host_status);

void pvs_status_translate(const struct pvs_status_in *in, const struct pvs_status_cmd *cmd,
			  struct pvs_status_out *out);

#endif
