/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Scatter-gather tables in the device's format. Pure: numbers and the memory it
 * is given, no DMA API, no SCSI.
 */
#ifndef PVS_SG_H
#define PVS_SG_H

#include <linux/errno.h>
#include <linux/kernel.h>
#include "abi.h"

struct pvs_sg {
	struct pvscsi_segment *table;
	u32 room;		/* segments that it has room for */
	u32 count;
	u64 bytes;
};

static inline void pvs_sg_init(struct pvs_sg *sg, struct pvscsi_segment *table, u32 room)
{
	sg->table = table;
	sg->room = room;
	sg->count = 0;
	sg->bytes = 0;
}

/*
 * Append a segment. Returns 0, -EINVAL for an empty segment, -E2BIG when the
 * table is full; on an error the table is as it was.
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

/* Have a request refer to the data by its only segment, or by nothing at all. */
static inline void pvs_sg_refer_direct(struct pvscsi_request *req, u64 addr, u64 len)
{
	req->data_addr = cpu_to_le64(addr);
	req->data_len = cpu_to_le64(len);
}

/* Have a request refer to a table, which the device finds at table_addr. */
static inline void pvs_sg_refer_table(struct pvscsi_request *req, const struct pvs_sg *sg,
				      u64 table_addr)
{
	req->data_addr = cpu_to_le64(table_addr);
	req->data_len = cpu_to_le64(sg->bytes);
	req->flags |= cpu_to_le32(PVSCSI_REQ_FLAG_SG_LIST);
}

#endif
