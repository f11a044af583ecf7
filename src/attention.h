/* SPDX-License-Identifier: GPL-2.0-only */
/* Unit attentions that report a changed disk. */
#ifndef PVS_ATTENTION_H
#define PVS_ATTENTION_H

#include <scsi/scsi_cmnd.h>
#include "adapter.h"

/* Schedule a rescan of the disk if its sense data reports a change. Any context. */
void pvs_attention_sense(struct pvs_adapter *adapter, u32 target, const struct scsi_cmnd *scmd);
void pvs_attention_work(struct work_struct *work);

#endif
