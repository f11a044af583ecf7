/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Included before rings.c in a test build: the device appears to support the request call
 * threshold, and publishes the value of the parameter. QEMU's device does not support it.
 */
#ifndef PVS_THRESHOLD_H
#define PVS_THRESHOLD_H

#include <linux/module.h>
#include "adapter.h"

static uint pvs_threshold;
module_param_named(threshold, pvs_threshold, uint, 0444);
static uint pvs_threshold_enabled;
module_param_named(threshold_enabled, pvs_threshold_enabled, uint, 0444);

static inline u32 pvs_threshold_probe(struct pvs_hw *hw, enum pvscsi_command command,
				      const void *desc, size_t size)
{
	struct pvs_adapter *adapter = container_of(hw, struct pvs_adapter, hw);

	if (command != PVSCSI_CMD_SETUP_REQCALLTHRESHOLD)
		return pvs_hw_probe_command(hw, command, desc, size);
	adapter->rings_state->req_call_threshold = cpu_to_le32(pvs_threshold);
	pvs_threshold_enabled++;
	return PVSCSI_STATUS_OK;
}

#define pvs_hw_probe_command pvs_threshold_probe

#endif
