/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Scatter-gather tables in the device's format. Pure: uses only numbers and the
 * caller's memory, no DMA API and no SCSI.
 */
#ifndef PVS_SG_H
#define PVS_SG_H

#include <linux/errno.h>
#include <linux/kernel.h>
#include "abi.h"

struct pvs_sg {
	struct pvscsi_segment *table;
	u32 room;		/* capacity in segments */
	u32 count;
	u64 bytes;
};

/* What a request says about its data. */
struct pvs_sg_ref {
	u64 addr;		/* of the data, or of a table of its segments */
	u64 len;		/* of the data, in bytes */
	u32 flags;		/* PVSCSI_REQ_FLAG_...: the direction, and whether it is a table */
};

static inline void pvs_sg_init(struct pvs_sg *sg, struct pvscsi_segment *table, u32 room)
{
	sg->table = table;
	sg->room = room;
	sg->count = 0;
	sg->bytes = 0;
}

/*
 * Append a segment. Returns 0, -EINVAL for an empty segment, or -E2BIG when the
 * table is full. On an error the table is unchanged.
 */
static inline int pvs_sg_add(struct pvs_sg *sg, u64 addr, u32 len)
{
	struct pvscsi_segment *segment;

	if (!len)
		return -EINVAL;
	if (sg->count == sg->room)
		return -E2BIG;

	segment = &sg->table[sg->count++];
	segment->addr = cpu_to_le64(addr);
	segment->len = cpu_to_le32(len);
	segment->flags = 0;
	sg->bytes += len;
	return 0;
}

/* Refer to the only data segment, or to no data if addr and len are 0. Keeps the flags. */
static inline void pvs_sg_refer_direct(struct pvs_sg_ref *ref, u64 addr, u64 len)
{
	ref->addr = addr;
	ref->len = len;
}

/* Refer to a table at the DMA address table_addr. Keeps the other flags. */
static inline void pvs_sg_refer_table(struct pvs_sg_ref *ref, const struct pvs_sg *sg,
				      u64 table_addr)
{
	ref->addr = table_addr;
	ref->len = sg->bytes;
	ref->flags |= PVSCSI_REQ_FLAG_SG_LIST;
}

#endif
