// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unit attentions: a work item rescans a disk whose size or parameters changed. Unit
 * attentions are recorded in any context, without a lock, by an atomic bit operation.
 */

#include <scsi/scsi_device.h>
#include <scsi/scsi_eh.h>
#include "attention.h"
#include "compat.h"

/* Delay before another try for a disk that is suspended and cannot be rescanned now. */
#define PVS_ATTENTION_RETRY	HZ

/* Additional sense codes and their qualifiers, in a unit attention. */
static bool pvs_attention_is_change(const struct scsi_sense_hdr *sense)
{
	switch (sense->asc << 8 | sense->ascq) {
	case 0x2a00:	/* parameters changed */
	case 0x2a01:	/* mode parameters changed */
	case 0x2a09:	/* capacity data has changed */
	case 0x3f03:	/* INQUIRY data has changed */
		return true;
	default:
		return false;
	}
}

/* A freezable workqueue: during a suspend the work would wait for suspended disks. */
static void pvs_attention_queue_work(struct pvs_adapter *adapter, unsigned long delay)
{
	queue_delayed_work(system_freezable_wq, &adapter->attention_work, delay);
}

void pvs_attention_sense(struct pvs_adapter *adapter, u32 target, const struct scsi_cmnd *scmd)
{
	struct scsi_sense_hdr sense;

	if (!scsi_normalize_sense(scmd->sense_buffer, SCSI_SENSE_BUFFERSIZE, &sense) ||
	    sense.sense_key != UNIT_ATTENTION || !pvs_attention_is_change(&sense))
		return;
	set_bit(target, adapter->changed);
	pvs_attention_queue_work(adapter, 0);
}

void pvs_attention_work(struct work_struct *work)
{
	struct pvs_adapter *adapter = container_of(to_delayed_work(work), struct pvs_adapter,
						   attention_work);
	struct scsi_device *sdev;
	u32 target;

	for_each_set_bit(target, adapter->changed, PVSCSI_MAX_TARGETS) {
		clear_bit(target, adapter->changed);
		sdev = scsi_device_lookup(adapter->shost, 0, target, 0);
		if (!sdev)
			continue;
		if (pvs_compat_rescan_device(sdev) == -EWOULDBLOCK) {
			set_bit(target, adapter->changed);
			pvs_attention_queue_work(adapter, PVS_ATTENTION_RETRY);
		}
		scsi_device_put(sdev);
	}
}
