/* SPDX-License-Identifier: GPL-2.0-only */
/* Scatter-gather tables in the device's format. Pure: no DMA API, no SCSI. */
#ifndef PVS_SG_H
#define PVS_SG_H

#include "abi.h"

struct pvs_sg {
	struct pvscsi_segment *table;	/* PVSCSI_MAX_SEGMENTS of them */
	u64 first;			/* address of the first segment */
	u64 bytes;
	u32 count;
};

void pvs_sg_init(struct pvs_sg *sg, struct pvscsi_segment *table);

/*
 * Append a segment. Returns 0, -EINVAL for an empty segment, -E2BIG when the
 * table is full; on an error the table is as it was.
 */
int pvs_sg_add(struct pvs_sg *sg, u64 addr, u32 len);

/*
 * Describe the data in a request: nothing, the address of the only segment, or
 * the table, which the device finds at table_addr.
 */
void pvs_sg_describe(const struct pvs_sg *sg, u64 table_addr, struct pvscsi_request *req);

#endif
