/* SPDX-License-Identifier: GPL-2.0-only */
/* Submission: from the midlayer to the request ring, and the doorbell. */
#ifndef PVS_SUBMIT_H
#define PVS_SUBMIT_H

#include "adapter.h"
#include "compat.h"

pvs_compat_qc_t pvs_submit_queuecommand(struct Scsi_Host *shost, struct scsi_cmnd *scmd);
void pvs_submit_commit_rqs(struct Scsi_Host *shost, u16 hwq);
/* Ring the doorbell for what was queued without one. Any context. */
void pvs_submit_commit(struct pvs_adapter *adapter);
/*
 * Ring it for all that was queued, in case one was lost; whatever the state. Under
 * life_lock, whose owner says that the device may be spoken to.
 */
void pvs_submit_kick(struct pvs_adapter *adapter);

#endif
