/* SPDX-License-Identifier: GPL-2.0-only */
/* Sizes of the rings. Pure: numbers only. Called in any context. */
#ifndef PVS_SIZING_H
#define PVS_SIZING_H

#include <linux/types.h>

struct pvs_sizing_in {
	u32 targets;
	u32 cmd_per_lun;
	u64 memory;		/* of the machine, in bytes */
	bool kdump;		/* this is a kdump kernel */
	bool bounce;		/* data is copied through bounce buffers, which are scarce */
	u32 ring_pages;		/* requested pages; 0: automatic */
};

/* Returns pages. *why names what keeps them below what the disks could use, or is NULL. */
u32 pvs_sizing_ring_pages(const struct pvs_sizing_in *in, const char **why);
u32 pvs_sizing_msg_ring_pages(bool kdump, u32 asked);

#endif
