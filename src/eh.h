/* SPDX-License-Identifier: GPL-2.0-only */
/* Error handling: handlers of the midlayer, may sleep, return SUCCESS or FAILED. */
#ifndef PVS_EH_H
#define PVS_EH_H

#include <scsi/scsi_cmnd.h>

int pvs_eh_abort(struct scsi_cmnd *scmd);
int pvs_eh_device_reset(struct scsi_cmnd *scmd);
int pvs_eh_bus_reset(struct scsi_cmnd *scmd);
int pvs_eh_host_reset(struct scsi_cmnd *scmd);

#endif
