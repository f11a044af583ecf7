// SPDX-License-Identifier: GPL-2.0-only
/*
 * How large the rings are; the rules are a table in docs/architecture.md. Pure:
 * numbers only, so that it runs in user space too. Called in any context.
 */

#include <linux/kernel.h>
#include "abi.h"
#include "sizing.h"

/* What the commands of a page cost, roughly: tables, sense, the midlayer's requests. */
#define PVS_SIZING_PAGE_COST		(72u * 1024)
/* The part of the machine's memory that may go there. */
#define PVS_SIZING_MEMORY_PART		128
/* 255 commands of 256 KiB, the most that is bounced at once, fill the usual 64 MiB. */
#define PVS_SIZING_BOUNCE_PAGES		8

u32 pvs_sizing_ring_pages(const struct pvs_sizing_in *in, const char **why)
{
	u64 commands = (u64)in->targets * in->cmd_per_lun;
	u32 pages = 1;

	*why = NULL;
	/* Whatever was asked: the command line is a copy of the first kernel's. */
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
