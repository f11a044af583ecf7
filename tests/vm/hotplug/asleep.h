/* SPDX-License-Identifier: GPL-2.0-only */
/* Included before attention.c in a test build: the first two rescans find a sleeping disk. */
#ifndef PVS_ASLEEP_H
#define PVS_ASLEEP_H

#include <linux/atomic.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>

static atomic_t pvs_asleep_times = ATOMIC_INIT(0);

static inline int pvs_asleep_rescan(struct scsi_device *sdev)
{
	return atomic_inc_return(&pvs_asleep_times) <= 2 ? -EWOULDBLOCK : scsi_rescan_device(sdev);
}

#define scsi_rescan_device pvs_asleep_rescan

#endif
