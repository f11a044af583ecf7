// SPDX-License-Identifier: GPL-2.0-only
/*
 * Error handling: abort, device reset, bus reset and host reset. Process context, one
 * handler at a time. A handler that finds a hold waits for its end and starts over.
 *
 * SUCCESS: the affected commands are back in the midlayer. FAILED: the device may still own
 * them, and the midlayer escalates to the next handler. FAILED from the last one, host
 * reset, means that the adapter is stopped; all commands are back even then.
 */

#include <linux/delay.h>
#include <linux/jiffies.h>
#include <scsi/scsi_device.h>
#include "compat.h"
#include "complete.h"
#include "device.h"
#include "eh.h"
#include "trace.h"

#define PVS_EH_ABORT_TIMEOUT_MS		2000
#define PVS_EH_RESET_TIMEOUT_MS		5000
/*
 * The midlayer aborts commands one after the other, perhaps a thousand. After an abort has
 * failed, this shorter timeout applies until an abort or a reset succeeds.
 */
#define PVS_EH_ABORT_AGAIN_TIMEOUT_MS	50

/* How long to wait for an absent device (its registers read as all ones) to come back. */
#define PVS_EH_ABSENT_TIMEOUT_MS	5000
#define PVS_EH_ABSENT_POLL_MS		50

/* The PCI core reports an error, which begins a hold, well within this time or never. */
#define PVS_EH_OFFLINE_TIMEOUT		(10 * HZ)

static bool pvs_eh_is_held(struct pvs_adapter *adapter)
{
	return pvs_owner_is_held(adapter->owner);
}

/*
 * The adapter is stopped, but its commands may not all be completed yet. The stop completes
 * them under life_lock, so wait for that lock.
 */
static int pvs_eh_stopped(struct pvs_adapter *adapter)
{
	mutex_lock(&adapter->life_lock);
	mutex_unlock(&adapter->life_lock);
	return -ENODEV;
}

/*
 * Wait for an absent device. Returns 0 if it is present, after a reset if it was absent;
 * -EAGAIN if the adapter is held; or -ENODEV if it is stopped.
 */
static int pvs_eh_find_device(struct pvs_adapter *adapter)
{
	unsigned long end = jiffies + msecs_to_jiffies(PVS_EH_ABSENT_TIMEOUT_MS);
	int ret;

	if (pvs_device_is_stopped(adapter))
		return pvs_eh_stopped(adapter);
	if (!pvs_device_is_absent(adapter))
		return 0;
	do {
		if (pvs_device_is_stopped(adapter))
			return pvs_eh_stopped(adapter);
		if (pvs_eh_is_held(adapter))
			return -EAGAIN;
		if (time_after(jiffies, end)) {
			ret = pvs_device_give_up(adapter);
			if (ret)
				return ret;
		}
		msleep(PVS_EH_ABSENT_POLL_MS);
	} while (pvs_device_is_absent(adapter));
	/* It may have lost the setup of its rings. */
	dev_warn(pvs_adapter_dev(adapter), "the device did not answer for a moment: resetting it\n");
	return pvs_device_reset(adapter);
}

/*
 * A doorbell or an interrupt may have been lost, which is the cheapest problem to fix: poll
 * for completions and ring the doorbell. Returns the values of pvs_eh_find_device().
 */
static int pvs_eh_look_again(struct pvs_adapter *adapter)
{
	int ret = pvs_eh_find_device(adapter);

	if (ret)
		return ret;
	pvs_complete_all(adapter);
	ret = pvs_device_kick(adapter);
	pvs_complete_all(adapter);
	return ret;
}

/* Check whether the device had completed the command, and only the interrupt was lost. */
static void pvs_eh_look_for(struct pvs_adapter *adapter, const struct pvs_cmd *cmd,
			    const struct scsi_cmnd *scmd)
{
	if (READ_ONCE(cmd->scmd) != scmd)
		return;
	pvs_complete_all(adapter);
	if (READ_ONCE(cmd->scmd) == scmd)
		return;
	atomic64_inc(&adapter->stats_rare.interrupts_missed);
	dev_warn_ratelimited(pvs_adapter_dev(adapter),
			     "a command had come back without an interrupt\n");
}

/* Wait for one command. 0, -ETIMEDOUT, or -EAGAIN if the adapter is held meanwhile. */
static int pvs_eh_wait_for(struct pvs_adapter *adapter, const struct pvs_cmd *cmd,
			   const struct scsi_cmnd *scmd)
{
	unsigned long end = jiffies + msecs_to_jiffies(READ_ONCE(adapter->aborts_fail) ?
						       PVS_EH_ABORT_AGAIN_TIMEOUT_MS :
						       PVS_EH_ABORT_TIMEOUT_MS);

	while (READ_ONCE(cmd->scmd) == scmd) {
		if (pvs_eh_is_held(adapter))
			return -EAGAIN;
		if (time_after(jiffies, end))
			return -ETIMEDOUT;
		usleep_range(500, 1000);
		pvs_complete_all(adapter);
	}
	return 0;
}

/*
 * The handlers. Each returns 0 if the affected commands are back; -ENODEV if they are back
 * because the adapter is stopped; -EAGAIN if the adapter is held, and the handler must start
 * over after the hold; or another -errno after logging why.
 */

/* ABORT TASK */
static int pvs_eh_do_abort(struct pvs_adapter *adapter, struct scsi_cmnd *scmd)
{
	struct pvs_cmd *cmd = pvs_cmds_by_tag(&adapter->cmds, pvs_compat_tag(scmd));
	struct pvscsi_cmd_abort desc = { 0 };
	u32 status;
	int ret;

	if (!cmd)
		return -EINVAL;
	pvs_eh_look_for(adapter, cmd, scmd);
	ret = pvs_eh_look_again(adapter);
	if (!ret && READ_ONCE(cmd->scmd) == scmd) {
		desc.context = cpu_to_le64(READ_ONCE(cmd->context));
		desc.target = cpu_to_le32(cmd->target);
		ret = pvs_device_command(adapter, PVSCSI_CMD_ABORT_CMD, &desc, sizeof(desc),
					 &status);
		/* COMMAND_STATUS says nothing about success: wait for the completion. */
		if (!ret)
			ret = pvs_eh_wait_for(adapter, cmd, scmd);
	}
	if (ret == -EAGAIN)
		return ret;
	/* Another CPU may still be delivering the command. */
	if (ret != -ETIMEDOUT)
		pvs_complete_sync();
	scmd_printk(KERN_INFO, scmd, "abort %s\n",
		    ret == -ETIMEDOUT ? "failed: not back in time" : "done");
	return ret;
}

/* Reset one target or all targets. The device then completes the commands of these targets. */
static int pvs_eh_do_reset(struct pvs_adapter *adapter, enum pvscsi_command command,
			   const void *desc, size_t size, u32 target, const char *what)
{
	struct Scsi_Host *shost = adapter->shost;
	u32 status;
	int ret;

	ret = pvs_eh_look_again(adapter);
	if (!ret)
		ret = pvs_device_command(adapter, command, desc, size, &status);
	if (ret)
		return ret;
	if (pvs_hw_refused(status)) {
		shost_printk(KERN_NOTICE, shost, "%s refused (status 0x%x)\n", what, status);
		return -EIO;
	}
	ret = pvs_complete_wait(adapter, target, PVS_EH_RESET_TIMEOUT_MS, pvs_eh_is_held);
	if (ret == -ETIMEDOUT)
		shost_printk(KERN_NOTICE, shost, "%s: commands not back in %u ms\n", what,
			     PVS_EH_RESET_TIMEOUT_MS);
	else if (!ret)
		shost_printk(KERN_INFO, shost, "%s done\n", what);
	return ret;
}

/* LOGICAL UNIT RESET; a target has one logical unit. */
static int pvs_eh_do_device_reset(struct pvs_adapter *adapter, struct scsi_cmnd *scmd)
{
	struct pvscsi_cmd_reset_device desc = { .target = cpu_to_le32(scmd->device->id) };
	struct scsi_lun lun;
	char what[32];

	int_to_scsilun(scmd->device->lun, &lun);
	memcpy(desc.lun, &lun, sizeof(desc.lun));
	snprintf(what, sizeof(what), "target %u: device reset", scmd->device->id);
	return pvs_eh_do_reset(adapter, PVSCSI_CMD_RESET_DEVICE, &desc, sizeof(desc),
			       scmd->device->id, what);
}

static int pvs_eh_do_bus_reset(struct pvs_adapter *adapter, struct scsi_cmnd *scmd)
{
	return pvs_eh_do_reset(adapter, PVSCSI_CMD_RESET_BUS, NULL, 0, PVS_ANY_TARGET, "bus reset");
}

static int pvs_eh_do_host_reset(struct pvs_adapter *adapter, struct scsi_cmnd *scmd)
{
	int ret = pvs_eh_find_device(adapter);

	if (!ret)
		ret = pvs_device_reset(adapter);
	if (ret == -EAGAIN)
		return ret;
	if (ret)
		shost_printk(KERN_ERR, adapter->shost, "host reset failed\n");
	else
		shost_printk(KERN_INFO, adapter->shost, "host reset done\n");
	/* Not -ENODEV, which would become success: after a host reset the adapter must run. */
	return ret ? -EIO : 0;
}

/* The midlayer's entry points: count, trace, and start over after a hold */

static atomic64_t *pvs_eh_counter(struct pvs_stats_rare *rare, u32 kind)
{
	switch (kind) {
	case PVS_TRACE_ABORT:
		return &rare->aborts;
	case PVS_TRACE_DEVICE:
		return &rare->device_resets;
	case PVS_TRACE_BUS:
		return &rare->bus_resets;
	default:
		return &rare->host_resets;
	}
}

/* Run a handler. Returns 0 or -errno, never -EAGAIN or -ENODEV. */
static int pvs_eh_handle(struct Scsi_Host *shost, struct scsi_cmnd *scmd, u32 kind, u32 target,
			 int (*handler)(struct pvs_adapter *adapter, struct scsi_cmnd *scmd))
{
	struct pvs_owner *owner = pvs_owner_of(shost);
	struct pvs_adapter *adapter;
	bool counted = false;
	int ret;

	for (;;) {
		adapter = pvs_owner_begin_eh(owner);
		/* The adapter was removed, so no command is outstanding. */
		if (!adapter)
			return -ENXIO;
		if (!counted)
			atomic64_inc(pvs_eh_counter(&adapter->stats_rare, kind));
		counted = true;
		ret = handler(adapter, scmd);
		if (ret != -EAGAIN)
			break;
		pvs_owner_end_eh(owner);
	}
	/* The adapter is stopped, so all of its commands are back. */
	if (ret == -ENODEV)
		ret = 0;
	trace_pvscsi_reset(adapter, kind, target, !ret);
	if (ret)
		atomic64_inc(&adapter->stats_rare.eh_failed);
	if (!ret || kind == PVS_TRACE_ABORT)
		WRITE_ONCE(adapter->aborts_fail, ret != 0);
	pvs_owner_end_eh(owner);
	return ret;
}

/*
 * True if the PCI channel is offline, and a hold is expected to follow. Only for a limited
 * time. Not after a permanent failure, as when the device was unplugged: then no hold
 * follows, but a removal, which may wait for this command.
 */
static bool pvs_eh_is_offline(struct pvs_adapter *adapter)
{
	unsigned long since = READ_ONCE(adapter->offline_since);

	if (!pci_channel_offline(adapter->pdev) ||
	    adapter->pdev->error_state == pci_channel_io_perm_failure) {
		WRITE_ONCE(adapter->offline_since, 0);
		return false;
	}
	if (!since) {
		since = jiffies ? jiffies : 1;
		WRITE_ONCE(adapter->offline_since, since);
	}
	return time_before(jiffies, since + PVS_EH_OFFLINE_TIMEOUT);
}

pvs_compat_eh_timer_t pvs_eh_timed_out(struct scsi_cmnd *scmd)
{
	struct Scsi_Host *shost = scmd->device->host;

	/* The device cannot complete the command now, so restart its timer. */
	if (pvs_owner_is_held(pvs_owner_of(shost)) || pvs_eh_is_offline(pvs_owner_adapter(shost)))
		return PVS_COMPAT_EH_RESET_TIMER;
	return PVS_COMPAT_EH_NOT_HANDLED;
}

int pvs_eh_abort(struct scsi_cmnd *scmd)
{
	return pvs_eh_handle(scmd->device->host, scmd, PVS_TRACE_ABORT, scmd->device->id,
			     pvs_eh_do_abort) ? FAILED : SUCCESS;
}

int pvs_eh_device_reset(struct scsi_cmnd *scmd)
{
	return pvs_eh_handle(scmd->device->host, scmd, PVS_TRACE_DEVICE, scmd->device->id,
			     pvs_eh_do_device_reset) ? FAILED : SUCCESS;
}

int pvs_eh_bus_reset(struct scsi_cmnd *scmd)
{
	return pvs_eh_handle(scmd->device->host, scmd, PVS_TRACE_BUS, PVS_ANY_TARGET,
			     pvs_eh_do_bus_reset) ? FAILED : SUCCESS;
}

int pvs_eh_host_reset(struct scsi_cmnd *scmd)
{
	return pvs_eh_handle(scmd->device->host, scmd, PVS_TRACE_HOST, PVS_ANY_TARGET,
			     pvs_eh_do_host_reset) ? FAILED : SUCCESS;
}

int pvs_eh_sysfs_reset(struct Scsi_Host *shost, int reset_type)
{
	if (reset_type != SCSI_ADAPTER_RESET)
		return -EOPNOTSUPP;
	return pvs_eh_handle(shost, NULL, PVS_TRACE_HOST, PVS_ANY_TARGET, pvs_eh_do_host_reset);
}
