/* SPDX-License-Identifier: GPL-2.0-only */
/* Error handling: what the midlayer calls. May sleep, but for the first. */
#ifndef PVS_EH_H
#define PVS_EH_H

#include <scsi/scsi_cmnd.h>
#include "compat.h"

/* A command has timed out. Any context. */
pvs_compat_eh_timer_t pvs_eh_timed_out(struct scsi_cmnd *scmd);

/* SUCCESS or FAILED; what that means is at the head of eh.c. */
int pvs_eh_abort(struct scsi_cmnd *scmd);
int pvs_eh_device_reset(struct scsi_cmnd *scmd);
int pvs_eh_bus_reset(struct scsi_cmnd *scmd);
int pvs_eh_host_reset(struct scsi_cmnd *scmd);

/* host_reset of the host in sysfs; "adapter" is all that there is. 0 or -errno. */
int pvs_eh_sysfs_reset(struct Scsi_Host *shost, int reset_type);

#endif
