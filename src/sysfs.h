/* SPDX-License-Identifier: GPL-2.0-only */
/* Files in sysfs besides the counters; docs/sysfs-abi.txt describes all of them. */
#ifndef PVS_SYSFS_H
#define PVS_SYSFS_H

#include <linux/sysfs.h>

/* NULL-terminated, for the host template: of the SCSI host, and of each SCSI device. */
extern const struct attribute_group *pvs_sysfs_host_groups[];
extern const struct attribute_group *pvs_sysfs_disk_groups[];

#endif
