// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sizes of the rings. docs/architecture.md has the rules as a table. Pure: numbers
 * only, so that it also runs in user space. Called in any context.
 */

#include <linux/kernel.h>
#include "abi.h"
#include "sizing.h"

/* Approximate memory for the commands of one page: tables, sense buffers, block-layer requests. */
#define PVS_SIZING_PAGE_COST		(72u * 1024)
/* At most 1/128 of the machine's memory is used for that. */
#define PVS_SIZING_MEMORY_PART		128
/* 255 commands of 256 KiB, the largest bounced mapping, fill swiotlb's default 64 MiB. */
#define PVS_SIZING_BOUNCE_PAGES		8

u32 pvs_sizing_ring_pages(const struct pvs_sizing_in *in, const char **why)
{
	u64 commands = (u64)in->targets * in->cmd_per_lun;
	u32 pages = 1;

	*why = NULL;
	/* Ignore in->ring_pages: a kdump kernel gets a copy of the first kernel's command line. */
	if (in->kdump) {
		*why = "kdump kernel";
		return 1;
	}
	if (in->ring_pages)
		return in->ring_pages;

	/* One slot of the ring is never used. */
	while (pages < PVSCSI_MAX_RING_PAGES && pages * PVSCSI_REQS_PER_PAGE - 1 < commands)
		pages *= 2;
	while (pages > 1 && (u64)pages * PVS_SIZING_PAGE_COST > in->memory / PVS_SIZING_MEMORY_PART) {
		pages /= 2;
		*why = "little memory";
	}
	if (in->bounce && pages > PVS_SIZING_BOUNCE_PAGES) {
		pages = PVS_SIZING_BOUNCE_PAGES;
		*why = "bounce buffers";
	}
	return pages;
}

u32 pvs_sizing_msg_ring_pages(bool kdump, u32 asked)
{
	return kdump ? 1 : asked;
}
