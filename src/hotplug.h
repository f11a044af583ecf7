/* SPDX-License-Identifier: GPL-2.0-only */
/* Disks that come and go, and the message ring that tells of them. */
#ifndef PVS_HOTPLUG_H
#define PVS_HOTPLUG_H

#include "adapter.h"

/* The type of a message-ring slot that holds no message, or no longer. */
#define PVS_MSG_NONE	(~0u)

/* Are there messages to read? Any context. */
bool pvs_hotplug_pending(struct pvs_adapter *adapter);
/* If so, have them read, and tell. Any context. */
bool pvs_hotplug_check(struct pvs_adapter *adapter);
/* Have disks looked for that came or went without a message. Process context. */
void pvs_hotplug_rescan(struct pvs_adapter *adapter);
void pvs_hotplug_work(struct work_struct *work);

#endif
