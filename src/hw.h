/* SPDX-License-Identifier: GPL-2.0-only */
/* The registers: commands, doorbells, interrupts. */
#ifndef PVS_HW_H
#define PVS_HW_H

#include <linux/io.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include "abi.h"

struct pvs_hw {
	void __iomem *regs;
	/* Keeps the register writes of a command and its descriptor together. Innermost lock. */
	spinlock_t command_lock;
};

/* Doorbell and interrupt registers: any context. Commands: process context. */

void pvs_hw_init(struct pvs_hw *hw, void __iomem *regs);

/* True if the registers read as all ones, which means that the device is gone. */
bool pvs_hw_is_gone(struct pvs_hw *hw);

/*
 * True if the status says that the device refused the command. Other values are answers:
 * for example, QEMU returns the number of words for SETUP_MSG_RING.
 */
static inline bool pvs_hw_refused(u32 status)
{
	return status == PVSCSI_STATUS_FAILED || status == PVSCSI_STATUS_MORE_WORDS;
}

/*
 * Issue a command with its descriptor (size in bytes, a multiple of 4; NULL and
 * 0 for none). Returns the value of COMMAND_STATUS afterwards.
 */
u32 pvs_hw_command(struct pvs_hw *hw, enum pvscsi_command command, const void *desc, size_t size);

/*
 * The same for a command that an old device may not know. Writes the command number
 * alone first, and the descriptor only if the device accepts that number.
 */
u32 pvs_hw_probe_command(struct pvs_hw *hw, enum pvscsi_command command, const void *desc,
			 size_t size);

void pvs_hw_reset(struct pvs_hw *hw);

/* rw_only: ring the RW doorbell. The device may defer that one; use it for reads and writes. */
static inline void pvs_hw_doorbell(struct pvs_hw *hw, bool rw_only)
{
	/* writel() orders all earlier writes to the rings before the doorbell. */
	writel(0, hw->regs + (rw_only ? PVSCSI_REG_KICK_RW_IO : PVSCSI_REG_KICK_NON_RW_IO));
}

static inline u32 pvs_hw_intr_status(struct pvs_hw *hw)
{
	return readl(hw->regs + PVSCSI_REG_INTR_STATUS);
}

static inline void pvs_hw_intr_ack(struct pvs_hw *hw, u32 bits)
{
	writel(bits, hw->regs + PVSCSI_REG_INTR_STATUS);
}

static inline void pvs_hw_intr_unmask(struct pvs_hw *hw)
{
	writel(PVSCSI_INTR_ALL, hw->regs + PVSCSI_REG_INTR_MASK);
}

static inline void pvs_hw_intr_mask(struct pvs_hw *hw)
{
	writel(0, hw->regs + PVSCSI_REG_INTR_MASK);
}

#endif
