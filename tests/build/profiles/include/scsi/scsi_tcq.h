/* SPDX-License-Identifier: GPL-2.0-only */
#include "interfaces.h"
#ifndef KERNEL_SCSI_CHANGE_QUEUE_DEPTH
int scsi_get_tag_type(struct scsi_device *sdev);
#endif
