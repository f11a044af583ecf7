/* SPDX-License-Identifier: GPL-2.0-only */
/* What submission, completion, interrupts, error handling and events offer. */
#ifndef PVS_DATAPATH_H
#define PVS_DATAPATH_H

#include "adapter.h"
#include "compat.h"

/* submit.c */

pvs_compat_qc_t pvs_submit_queuecommand(struct Scsi_Host *shost, struct scsi_cmnd *scmd);
/* Ring the doorbell for what was queued without one. Any context. */
void pvs_submit_commit(struct pvs_adapter *adapter);
/* The same, and once more in case one was lost. Any context. */
void pvs_submit_kick(struct pvs_adapter *adapter);
void pvs_submit_commit_rqs(struct Scsi_Host *shost, u16 hwq);

/* complete.c; any context unless said otherwise. */

/*
 * Deliver up to budget finished commands, rounded up to a batch. Returns true
 * if some were left.
 */
bool pvs_complete_run(struct pvs_adapter *adapter, u32 budget);
/*
 * Deliver all that is there, or as much as an honest device can have; returns true if
 * some were left. In process context, where there is no hurry.
 */
bool pvs_complete_all(struct pvs_adapter *adapter);
/* The device was reset: complete all that it still owned with host_byte. */
void pvs_complete_abandoned(struct pvs_adapter *adapter, u8 host_byte);
/*
 * Deliver what comes until the device owns no command of target, or of any with
 * PVS_ANY_TARGET, or the time is over; returns whether all came back, out of the
 * hands of other CPUs too. May sleep.
 */
#define PVS_ANY_TARGET	(~0u)
bool pvs_complete_wait(struct pvs_adapter *adapter, u32 target, u32 timeout_ms);
/* Wait until deliveries that were under way on other CPUs are over. May sleep. */
void pvs_complete_sync(void);
void pvs_complete_work(struct work_struct *work);

/* irq.c; may sleep. */

int pvs_irq_create(struct pvs_adapter *adapter);
void pvs_irq_destroy(struct pvs_adapter *adapter);

/* eh.c; handlers of the midlayer, may sleep, return SUCCESS or FAILED. */

int pvs_eh_abort(struct scsi_cmnd *scmd);
int pvs_eh_device_reset(struct scsi_cmnd *scmd);
int pvs_eh_bus_reset(struct scsi_cmnd *scmd);
int pvs_eh_host_reset(struct scsi_cmnd *scmd);

/* hotplug.c */

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
