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
/* Have new disks looked for, of which no message tells. Process context. */
void pvs_hotplug_rescan(struct pvs_adapter *adapter);
/* Look at sense data, whether the disk is not what it was, and have it looked at. Any context. */
void pvs_hotplug_sense(struct pvs_adapter *adapter, u32 target, const struct scsi_cmnd *scmd);
void pvs_hotplug_work(struct work_struct *work);

#endif
