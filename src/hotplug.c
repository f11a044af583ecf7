// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hot plug: the device writes into the message ring which disks came and went;
 * a work item scans and removes them. Messages are read under msg_lock, acted
 * upon without it.
 */

#include <scsi/scsi_device.h>
#include "compat.h"
#include "device.h"
#include "hotplug.h"
#include "trace.h"

/* So many steps, then others have a right to the work queue, and a removal to an end. */
#define PVS_HOTPLUG_STEPS	64

/* A message in host byte order. */
struct pvs_message {
	u32 type;
	u32 bus;
	u32 target;
	u64 lun;
};

enum pvs_hotplug_next {
	PVS_HOTPLUG_NONE,
	PVS_HOTPLUG_MESSAGE,
	PVS_HOTPLUG_RESCAN,
	PVS_HOTPLUG_LOST,	/* nobody knows what was missed */
};

/* Additional sense codes and their qualifiers, in a unit attention. */
static bool pvs_hotplug_tells_of_change(const struct scsi_sense_hdr *sense)
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

bool pvs_hotplug_pending(struct pvs_adapter *adapter)
{
	u32 prod = le32_to_cpu(READ_ONCE(adapter->rings_state->msg_prod));

	return READ_ONCE(adapter->has_msg_ring) && prod != READ_ONCE(adapter->msg_ring.index);
}

/* Freezable: in the middle of a suspend a scan would wait for disks that sleep. */
static void pvs_hotplug_queue_work(struct pvs_adapter *adapter)
{
	queue_work(system_freezable_wq, &adapter->msg_work);
}

bool pvs_hotplug_check(struct pvs_adapter *adapter)
{
	bool pending = pvs_hotplug_pending(adapter) || READ_ONCE(adapter->msgs_lost);

	if (pending)
		pvs_hotplug_queue_work(adapter);
	return pending;
}

void pvs_hotplug_rescan(struct pvs_adapter *adapter)
{
	spin_lock_irq(&adapter->msg_lock);
	adapter->rescan_due = true;
	spin_unlock_irq(&adapter->msg_lock);
	pvs_hotplug_queue_work(adapter);
}

void pvs_hotplug_sense(struct pvs_adapter *adapter, u32 target, const struct scsi_cmnd *scmd)
{
	struct scsi_sense_hdr sense;

	if (!scsi_normalize_sense(scmd->sense_buffer, SCSI_SENSE_BUFFERSIZE, &sense) ||
	    sense.sense_key != UNIT_ATTENTION || !pvs_hotplug_tells_of_change(&sense))
		return;
	set_bit(target, adapter->changed);
	pvs_hotplug_queue_work(adapter);
}

/*
 * After a live migration QEMU's device announces messages that it wrote nowhere,
 * its index starts again at 0, and what we read could be an old message: one
 * that had us remove a disk, say. So a slot is marked when it was read.
 */
static enum pvs_hotplug_next pvs_hotplug_next_locked(struct pvs_adapter *adapter,
						     struct pvs_message *message)
{
	struct pvscsi_rings_state *state = adapter->rings_state;
	struct pvscsi_message *ring = adapter->shared_msg.va;
	struct pvscsi_message *entry;
	struct scsi_lun lun;
	u32 pending;

	lockdep_assert_held(&adapter->msg_lock);
	if (adapter->msgs_lost) {
		adapter->msgs_lost = false;
		adapter->rescan_due = false;
		return PVS_HOTPLUG_LOST;
	}
	if (adapter->rescan_due) {
		adapter->rescan_due = false;
		return PVS_HOTPLUG_RESCAN;
	}
	if (!adapter->has_msg_ring)
		return PVS_HOTPLUG_NONE;
	if (!pvs_ring_pending(&adapter->msg_ring, le32_to_cpu(READ_ONCE(state->msg_prod)),
			      &pending)) {
		atomic64_inc(&adapter->stats_rare.indices_impossible);
		return PVS_HOTPLUG_LOST;
	}
	if (!pending)
		return PVS_HOTPLUG_NONE;
	/* The index before the message that it announces. */
	dma_rmb();
	entry = &ring[pvs_ring_slot(&adapter->msg_ring)];
	message->type = le32_to_cpu(READ_ONCE(entry->type));
	message->bus = le32_to_cpu(READ_ONCE(entry->bus));
	message->target = le32_to_cpu(READ_ONCE(entry->target));
	memcpy(&lun, entry->lun, sizeof(lun));
	message->lun = scsilun_to_int(&lun);
	WRITE_ONCE(entry->type, cpu_to_le32(PVS_MSG_NONE));
	pvs_ring_advance(&adapter->msg_ring);
	/* The message is read before the device may write to it again. */
	mb();
	WRITE_ONCE(state->msg_cons, cpu_to_le32(adapter->msg_ring.index));
	return message->type == PVS_MSG_NONE ? PVS_HOTPLUG_LOST : PVS_HOTPLUG_MESSAGE;
}

static void pvs_hotplug_remove(struct pvs_adapter *adapter, const struct pvs_message *message)
{
	struct scsi_device *sdev = scsi_device_lookup(adapter->shost, message->bus,
						      message->target, message->lun);

	if (!sdev)
		return;
	scsi_remove_device(sdev);
	scsi_device_put(sdev);
}

static void pvs_hotplug_act(struct pvs_adapter *adapter, const struct pvs_message *message)
{
	struct Scsi_Host *shost = adapter->shost;

	if (message->bus > shost->max_channel || message->target >= shost->max_id ||
	    message->lun >= shost->max_lun) {
		dev_warn_ratelimited(pvs_adapter_dev(adapter),
				     "message %u for a disk that cannot be, %u:%u:%llu: ignored\n",
				     message->type, message->bus, message->target, message->lun);
		return;
	}
	switch (message->type) {
	case PVSCSI_MSG_DEVICE_ADDED:
		scsi_add_device(shost, message->bus, message->target, message->lun);
		break;
	case PVSCSI_MSG_DEVICE_REMOVED:
		pvs_hotplug_remove(adapter, message);
		break;
	default:
		dev_warn_ratelimited(pvs_adapter_dev(adapter), "unknown message %u: ignored\n",
				     message->type);
	}
}

/* New disks are found; one that is gone stays until its commands tell. */
static void pvs_hotplug_recover(struct pvs_adapter *adapter)
{
	dev_warn_ratelimited(pvs_adapter_dev(adapter),
			     "messages were lost: starting the message ring anew and rescanning\n");
	pvs_device_renew_msg_ring(adapter);
	scsi_scan_host(adapter->shost);
}

/* Read size and parameters of the disks anew that said they changed. */
static void pvs_hotplug_refresh(struct pvs_adapter *adapter)
{
	struct scsi_device *sdev;
	u32 target;

	for_each_set_bit(target, adapter->changed, PVSCSI_MAX_TARGETS) {
		clear_bit(target, adapter->changed);
		sdev = scsi_device_lookup(adapter->shost, 0, target, 0);
		if (!sdev)
			continue;
		pvs_compat_rescan_device(sdev);
		scsi_device_put(sdev);
	}
}

void pvs_hotplug_work(struct work_struct *work)
{
	struct pvs_adapter *adapter = container_of(work, struct pvs_adapter, msg_work);
	enum pvs_hotplug_next next;
	struct pvs_message message;
	u32 steps = PVS_HOTPLUG_STEPS;

	pvs_hotplug_refresh(adapter);
	while (steps--) {
		spin_lock_irq(&adapter->msg_lock);
		next = pvs_hotplug_next_locked(adapter, &message);
		spin_unlock_irq(&adapter->msg_lock);
		switch (next) {
		case PVS_HOTPLUG_NONE:
			return;
		case PVS_HOTPLUG_MESSAGE:
			atomic64_inc(&adapter->stats_rare.messages);
			trace_pvscsi_message(adapter, message.type, message.bus, message.target,
					     message.lun);
			pvs_hotplug_act(adapter, &message);
			break;
		case PVS_HOTPLUG_RESCAN:
			scsi_scan_host(adapter->shost);
			break;
		case PVS_HOTPLUG_LOST:
			atomic64_inc(&adapter->stats_rare.messages_lost);
			/* Once for each interrupt: a device that goes on lying cannot hold us. */
			pvs_hotplug_recover(adapter);
			return;
		}
	}
	pvs_hotplug_queue_work(adapter);
}
