/* SPDX-License-Identifier: GPL-2.0-only */
/* Unit attentions that tell of a disk that is not what it was. */
#ifndef PVS_ATTENTION_H
#define PVS_ATTENTION_H

#include <scsi/scsi_cmnd.h>
#include "adapter.h"

/* Look at sense data, and have the disk read again if it says so. Any context. */
void pvs_attention_sense(struct pvs_adapter *adapter, u32 target, const struct scsi_cmnd *scmd);
void pvs_attention_work(struct work_struct *work);

#endif
