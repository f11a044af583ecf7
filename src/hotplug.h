/* SPDX-License-Identifier: GPL-2.0-only */
/* Hot plug of disks, and the message ring through which the device reports it. */
#ifndef PVS_HOTPLUG_H
#define PVS_HOTPLUG_H

#include "adapter.h"

/* Marks a slot of the message ring that was never written, or was already read. */
#define PVS_MSG_NONE	(~0u)

/* True if there are messages to read. Any context. */
bool pvs_hotplug_pending(struct pvs_adapter *adapter);
/* Schedule the work and return true if there are new or lost messages. Any context. */
bool pvs_hotplug_check(struct pvs_adapter *adapter);
/* Schedule a scan for disks that were added or removed without a message. Process context. */
void pvs_hotplug_rescan(struct pvs_adapter *adapter);
void pvs_hotplug_work(struct work_struct *work);

#endif
