/* SPDX-License-Identifier: GPL-2.0-only */
/* The command CONFIG: what the device says of itself and of its targets. */
#ifndef PVS_CONFIG_H
#define PVS_CONFIG_H

#include "adapter.h"

/*
 * In probe, while the device is stopped: fill adapter->identity, which stays empty if the device
 * has no such page. Returns whether the device accepts CONFIG. May sleep.
 */
bool pvs_config_read_controller(struct pvs_adapter *adapter);

/*
 * Copy a target's page to page, of PVSCSI_PAGE_SIZE bytes. Returns its size; -EOPNOTSUPP if the
 * device has none; -EAGAIN, nothing done, if the adapter is held; -ENODEV if it is stopped. May
 * sleep. The SCSI host must not have been removed.
 */
int pvs_config_read_target(struct pvs_adapter *adapter, u32 bus, u32 target, void *page);

#endif
