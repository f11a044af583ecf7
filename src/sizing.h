/* SPDX-License-Identifier: GPL-2.0-only */
/* How large the rings are. Pure: numbers only. Called in any context. */
#ifndef PVS_SIZING_H
#define PVS_SIZING_H

#include <linux/types.h>

struct pvs_sizing_in {
	u32 targets;
	u32 cmd_per_lun;
	u64 memory;		/* of the machine, bytes */
	bool kdump;		/* a kernel that only saves the memory of another */
	bool bounce;		/* data is copied through memory that is scarce */
	u32 ring_pages;		/* that were asked for; 0: choose */
};

/* Returns pages; *why is what keeps them below what the disks could use, or NULL. */
u32 pvs_sizing_ring_pages(const struct pvs_sizing_in *in, const char **why);
u32 pvs_sizing_msg_ring_pages(bool kdump, u32 asked);

#endif
