// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hot plug: the device reports added and removed disks in the message ring, and a
 * work item scans and removes them. Messages are read under msg_lock and handled
 * without it.
 */

#include <scsi/scsi_device.h>
#include <scsi/scsi_eh.h>
#include "compat.h"
#include "device.h"
#include "hotplug.h"
#include "trace.h"

/* Steps per run of the work, so that other work can run, and a removal can cancel it. */
#define PVS_HOTPLUG_STEPS	64

/* Retries of the TEST UNIT READY that checks whether a disk still exists. */
#define PVS_HOTPLUG_TUR_RETRIES	3

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
	PVS_HOTPLUG_LOST,	/* messages were lost */
};

bool pvs_hotplug_pending(struct pvs_adapter *adapter)
{
	u32 prod = le32_to_cpu(READ_ONCE(adapter->rings_state->msg_prod));

	return READ_ONCE(adapter->has_msg_ring) && prod != READ_ONCE(adapter->msg_ring.index);
}

/* A freezable workqueue: during a suspend a scan would wait for suspended disks. */
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

/*
 * After a live migration QEMU's device announces messages that it never wrote: its
 * index starts again at 0. The slot could then hold an old message, for example
 * about a removed disk. So each slot is marked PVS_MSG_NONE once it is read, and a
 * marked slot that the device announces means that messages were lost.
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
	/* Orders the read of the producer index before the reads of the message. */
	dma_rmb();
	entry = &ring[pvs_ring_slot(&adapter->msg_ring)];
	message->type = le32_to_cpu(READ_ONCE(entry->type));
	message->bus = le32_to_cpu(READ_ONCE(entry->bus));
	message->target = le32_to_cpu(READ_ONCE(entry->target));
	memcpy(&lun, entry->lun, sizeof(lun));
	message->lun = scsilun_to_int(&lun);
	WRITE_ONCE(entry->type, cpu_to_le32(PVS_MSG_NONE));
	pvs_ring_advance(&adapter->msg_ring);
	/*
	 * Orders the reads of the message, and the mark, before the write of the consumer
	 * index, after which the device may overwrite the slot.
	 */
	mb();
	WRITE_ONCE(state->msg_cons, cpu_to_le32(adapter->msg_ring.index));
	return message->type == PVS_MSG_NONE ? PVS_HOTPLUG_LOST : PVS_HOTPLUG_MESSAGE;
}

/* The lookup finds no disk that is already being removed, so there is nothing to do then. */
static void pvs_hotplug_remove(struct Scsi_Host *shost, u32 bus, u32 target, u64 lun)
{
	struct scsi_device *sdev = scsi_device_lookup(shost, bus, target, lun);

	if (!sdev)
		return;
	sdev_printk(KERN_INFO, sdev, "device removed\n");
	scsi_remove_device(sdev);
	scsi_device_put(sdev);
}

static void pvs_hotplug_act(struct pvs_adapter *adapter, const struct pvs_message *message)
{
	struct Scsi_Host *shost = adapter->shost;

	if (message->bus > shost->max_channel || message->target >= shost->max_id ||
	    message->lun >= shost->max_lun) {
		dev_warn_ratelimited(pvs_adapter_dev(adapter),
				     "message %u for an invalid address, %u:%u:%llu: ignored\n",
				     message->type, message->bus, message->target, message->lun);
		return;
	}
	switch (message->type) {
	case PVSCSI_MSG_DEVICE_ADDED:
		scsi_add_device(shost, message->bus, message->target, message->lun);
		break;
	case PVSCSI_MSG_DEVICE_REMOVED:
		pvs_hotplug_remove(shost, message->bus, message->target, message->lun);
		break;
	default:
		dev_warn_ratelimited(pvs_adapter_dev(adapter), "unknown message %u: ignored\n",
				     message->type);
	}
}

/*
 * True if the disk no longer exists: the device must report that twice. An offline disk is
 * not checked, since the midlayer would answer for it, and stays.
 */
static bool pvs_hotplug_is_gone(struct scsi_device *sdev)
{
	struct scsi_sense_hdr sense;
	u32 times = 2;
	int result;

	do {
		if (!scsi_device_online(sdev))
			return false;
		/* Use the disk's normal command timeout. */
		result = scsi_test_unit_ready(sdev, sdev->request_queue->rq_timeout,
					      PVS_HOTPLUG_TUR_RETRIES, &sense);
		/* (A negative errno comes from the midlayer.) */
		if (result < 0 || host_byte(result) != DID_NO_CONNECT)
			return false;
	} while (--times);
	return true;
}

/*
 * Messages are missing, so check each disk, remove those that no longer exist, and scan for
 * new ones. If the adapter is stopped, the results are meaningless, and all disks stay.
 */
static void pvs_hotplug_scan(struct pvs_adapter *adapter)
{
	DECLARE_BITMAP(gone, PVSCSI_MAX_TARGETS) = { 0 };
	struct scsi_device *sdev;
	u32 target;

	shost_for_each_device(sdev, adapter->shost) {
		if (sdev->id < PVSCSI_MAX_TARGETS && pvs_hotplug_is_gone(sdev))
			__set_bit(sdev->id, gone);
	}
	if (pvs_device_is_stopped(adapter))
		return;
	for_each_set_bit(target, gone, PVSCSI_MAX_TARGETS)
		pvs_hotplug_remove(adapter->shost, 0, target, 0);
	scsi_scan_host(adapter->shost);
}

static void pvs_hotplug_recover(struct pvs_adapter *adapter)
{
	dev_warn_ratelimited(pvs_adapter_dev(adapter),
			     "messages were lost: renewing the message ring and rescanning\n");
	pvs_device_renew_msg_ring(adapter);
	pvs_hotplug_scan(adapter);
}

void pvs_hotplug_work(struct work_struct *work)
{
	struct pvs_adapter *adapter = container_of(work, struct pvs_adapter, msg_work);
	enum pvs_hotplug_next next;
	struct pvs_message message = { 0 };
	u32 steps = PVS_HOTPLUG_STEPS;

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
			pvs_hotplug_scan(adapter);
			break;
		case PVS_HOTPLUG_LOST:
			atomic64_inc(&adapter->stats_rare.messages_lost);
			/* One recovery per run: a faulty device must not keep this work busy. */
			pvs_hotplug_recover(adapter);
			return;
		}
	}
	pvs_hotplug_queue_work(adapter);
}
