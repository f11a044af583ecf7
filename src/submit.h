/* SPDX-License-Identifier: GPL-2.0-only */
/* Submission: from the midlayer to the request ring, and the doorbells. */
#ifndef PVS_SUBMIT_H
#define PVS_SUBMIT_H

#include "adapter.h"
#include "compat.h"

pvs_compat_qc_t pvs_submit_queuecommand(struct Scsi_Host *shost, struct scsi_cmnd *scmd);
void pvs_submit_commit_rqs(struct Scsi_Host *shost, u16 hwq);
/* Ring the doorbell for requests that were queued without one. Any context. */
void pvs_submit_commit(struct pvs_adapter *adapter);
/*
 * Ring the doorbell for all queued requests, in case one was lost, whatever the state. The
 * caller holds life_lock and makes sure that the device may be accessed.
 */
void pvs_submit_kick(struct pvs_adapter *adapter);

#endif
