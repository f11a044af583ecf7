/* SPDX-License-Identifier: GPL-2.0-only */
/* Error handling: called by the midlayer. All but pvs_eh_timed_out() may sleep. */
#ifndef PVS_EH_H
#define PVS_EH_H

#include <scsi/scsi_cmnd.h>
#include "compat.h"

/* A command has timed out. Any context. */
pvs_compat_eh_timer_t pvs_eh_timed_out(struct scsi_cmnd *scmd);

/* SUCCESS or FAILED; eh.c explains their meaning at its top. */
int pvs_eh_abort(struct scsi_cmnd *scmd);
int pvs_eh_device_reset(struct scsi_cmnd *scmd);
int pvs_eh_bus_reset(struct scsi_cmnd *scmd);
int pvs_eh_host_reset(struct scsi_cmnd *scmd);

/* host_reset of the host in sysfs. Supports "adapter" only. 0 or -errno. */
int pvs_eh_sysfs_reset(struct Scsi_Host *shost, int reset_type);

#endif
