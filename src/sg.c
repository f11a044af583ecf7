// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scatter-gather tables in the device's format. Pure: numbers and the memory it
 * is given, so that it runs in user space too. Called in any context.
 */

#include <linux/errno.h>
#include <linux/kernel.h>
#include "sg.h"

void pvs_sg_init(struct pvs_sg *sg, struct pvscsi_segment *table)
{
	sg->table = table;
	sg->first = 0;
	sg->bytes = 0;
	sg->count = 0;
}

int pvs_sg_add(struct pvs_sg *sg, u64 addr, u32 len)
{
	struct pvscsi_segment *segment;

	if (!len)
		return -EINVAL;
	if (sg->count == PVSCSI_MAX_SEGMENTS)
		return -E2BIG;

	if (!sg->count)
		sg->first = addr;
	segment = &sg->table[sg->count++];
	segment->addr = cpu_to_le64(addr);
	segment->len = cpu_to_le32(len);
	segment->flags = 0;
	sg->bytes += len;
	return 0;
}

void pvs_sg_describe(const struct pvs_sg *sg, u64 table_addr, struct pvscsi_request *req)
{
	req->data_len = cpu_to_le64(sg->bytes);
	if (sg->count > 1) {
		req->data_addr = cpu_to_le64(table_addr);
		req->flags |= cpu_to_le32(PVSCSI_REQ_FLAG_SG_LIST);
	} else {
		req->data_addr = cpu_to_le64(sg->first);
	}
}
