// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device's commands. Process context. command_lock keeps the register writes of
 * a command and its descriptor together.
 */

#include "hw.h"

void pvs_hw_init(struct pvs_hw *hw, void __iomem *regs)
{
	hw->regs = regs;
	spin_lock_init(&hw->command_lock);
}

bool pvs_hw_is_gone(struct pvs_hw *hw)
{
	/* A present device never has all of these bits set. */
	return pvs_hw_intr_status(hw) == ~0u;
}

static u32 pvs_hw_command_locked(struct pvs_hw *hw, enum pvscsi_command command, const void *desc,
				 size_t size)
{
	const __le32 *word = desc;
	size_t i;

	lockdep_assert_held(&hw->command_lock);
	writel(command, hw->regs + PVSCSI_REG_COMMAND);
	for (i = 0; i < size / sizeof(*word); i++)
		writel(le32_to_cpu(word[i]), hw->regs + PVSCSI_REG_COMMAND_DATA);
	return readl(hw->regs + PVSCSI_REG_COMMAND_STATUS);
}

u32 pvs_hw_command(struct pvs_hw *hw, enum pvscsi_command command, const void *desc, size_t size)
{
	u32 status;

	spin_lock(&hw->command_lock);
	status = pvs_hw_command_locked(hw, command, desc, size);
	spin_unlock(&hw->command_lock);
	return status;
}

u32 pvs_hw_probe_command(struct pvs_hw *hw, enum pvscsi_command command, const void *desc,
			 size_t size)
{
	u32 status;

	spin_lock(&hw->command_lock);
	status = pvs_hw_command_locked(hw, command, NULL, 0);
	if (status != PVSCSI_STATUS_FAILED)
		status = pvs_hw_command_locked(hw, command, desc, size);
	spin_unlock(&hw->command_lock);
	return status;
}

void pvs_hw_reset(struct pvs_hw *hw)
{
	/* Its read of the status makes sure that the posted write has reached the device. */
	pvs_hw_command(hw, PVSCSI_CMD_ADAPTER_RESET, NULL, 0);
}
