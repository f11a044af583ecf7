/* SPDX-License-Identifier: GPL-2.0-only */
/* Older kernels declare these here only. */
#ifndef PROFILE_SCSI_EH_H
#define PROFILE_SCSI_EH_H
#include "interfaces.h"

struct scsi_sense_hdr { u8 response_code, sense_key, asc, ascq; };
bool scsi_normalize_sense(const u8 *sense, int len, struct scsi_sense_hdr *hdr);
bool scsi_sense_valid(const struct scsi_sense_hdr *hdr);
int scsi_test_unit_ready(struct scsi_device *sdev, int timeout, int retries,
			 struct scsi_sense_hdr *hdr);
#endif
