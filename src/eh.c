// SPDX-License-Identifier: GPL-2.0-only
/*
 * Error handling: the midlayer's ladder in the device's commands. Process
 * context. A handler returns SUCCESS only when the commands that it concerns
 * are back in the midlayer's hands; otherwise FAILED, and the next rung follows.
 */

#include <linux/delay.h>
#include <linux/jiffies.h>
#include <scsi/scsi_device.h>
#include "compat.h"
#include "complete.h"
#include "device.h"
#include "eh.h"
#include "submit.h"
#include "trace.h"

/* What an honest device may need; and one that lied, or let an abort pass unanswered. */
#define PVS_EH_ABORT_TIMEOUT_MS		2000
#define PVS_EH_RESET_TIMEOUT_MS		5000
#define PVS_EH_LIAR_TIMEOUT_MS		200
#define PVS_EH_DEAF_TIMEOUT_MS		50

static struct pvs_adapter *pvs_eh_adapter(const struct scsi_cmnd *scmd)
{
	return pvs_owner_adapter(scmd->device->host);
}

/*
 * A lost doorbell or interrupt is the cheapest explanation: mend it first. Returns
 * false if the device is stopped: all commands are back then, there is no more to do.
 */
static bool pvs_eh_look_again(struct pvs_adapter *adapter)
{
	if (pvs_device_is_gone(adapter))
		return false;
	pvs_complete_all(adapter);
	pvs_submit_kick(adapter);
	pvs_complete_all(adapter);
	return true;
}

/* Is the command that timed out back, and only the interrupt was lost? */
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

/* One command after the other is aborted, so that one wait in vain must do for all. */
static u32 pvs_eh_abort_timeout(const struct pvs_adapter *adapter)
{
	if (READ_ONCE(adapter->trust.deaf))
		return PVS_EH_DEAF_TIMEOUT_MS;
	return pvs_trust_lied(&adapter->trust) ? PVS_EH_LIAR_TIMEOUT_MS : PVS_EH_ABORT_TIMEOUT_MS;
}

static u32 pvs_eh_reset_timeout(const struct pvs_adapter *adapter)
{
	return pvs_trust_lied(&adapter->trust) ? PVS_EH_LIAR_TIMEOUT_MS : PVS_EH_RESET_TIMEOUT_MS;
}

/* Wait for one command. */
static bool pvs_eh_wait_for(struct pvs_adapter *adapter, const struct pvs_cmd *cmd,
			    const struct scsi_cmnd *scmd)
{
	unsigned long end = jiffies + msecs_to_jiffies(pvs_eh_abort_timeout(adapter));

	while (READ_ONCE(cmd->scmd) == scmd) {
		if (time_after(jiffies, end))
			return false;
		usleep_range(500, 1000);
		pvs_complete_all(adapter);
	}
	return true;
}

/* ABORT TASK */
static int pvs_eh_do_abort(struct scsi_cmnd *scmd)
{
	struct pvs_adapter *adapter = pvs_eh_adapter(scmd);
	struct pvs_cmd *cmd = pvs_cmds_by_tag(&adapter->cmds, pvs_compat_tag(scmd));
	struct pvscsi_cmd_abort desc = { 0 };
	bool back = true;

	if (!cmd)
		return FAILED;
	pvs_eh_look_for(adapter, cmd, scmd);
	if (pvs_eh_look_again(adapter) && READ_ONCE(cmd->scmd) == scmd) {
		desc.context = cpu_to_le64(cmd->context);
		desc.target = cpu_to_le32(cmd->target);
		pvs_hw_command(&adapter->hw, PVSCSI_CMD_ABORT_CMD, &desc, sizeof(desc));
		/* Its status says nothing: only the command's return does. */
		back = pvs_eh_wait_for(adapter, cmd, scmd);
	}
	/* It may be in delivery on another CPU still. */
	pvs_complete_sync();
	scmd_printk(KERN_INFO, scmd, "abort %s\n", back ? "done" : "failed: not back in time");
	return back ? SUCCESS : FAILED;
}

/* LOGICAL UNIT RESET; a target has one logical unit. */
static int pvs_eh_do_device_reset(struct scsi_cmnd *scmd)
{
	struct pvs_adapter *adapter = pvs_eh_adapter(scmd);
	struct scsi_device *sdev = scmd->device;
	struct pvscsi_cmd_reset_device desc = { 0 };
	struct scsi_lun lun;
	u32 status, timeout;

	int_to_scsilun(sdev->lun, &lun);
	desc.target = cpu_to_le32(sdev->id);
	memcpy(desc.lun, &lun, sizeof(desc.lun));
	if (!pvs_eh_look_again(adapter))
		return SUCCESS;
	status = pvs_hw_command(&adapter->hw, PVSCSI_CMD_RESET_DEVICE, &desc, sizeof(desc));
	if (pvs_hw_refused(status)) {
		sdev_printk(KERN_NOTICE, sdev, "device reset refused (status 0x%x)\n", status);
		return FAILED;
	}
	timeout = pvs_eh_reset_timeout(adapter);
	if (!pvs_complete_wait(adapter, sdev->id, timeout)) {
		sdev_printk(KERN_NOTICE, sdev, "device reset: commands not back in %u ms\n",
			    timeout);
		return FAILED;
	}
	sdev_printk(KERN_INFO, sdev, "device reset done\n");
	return SUCCESS;
}

static int pvs_eh_do_bus_reset(struct scsi_cmnd *scmd)
{
	struct pvs_adapter *adapter = pvs_eh_adapter(scmd);
	u32 status, timeout;

	if (!pvs_eh_look_again(adapter))
		return SUCCESS;
	status = pvs_hw_command(&adapter->hw, PVSCSI_CMD_RESET_BUS, NULL, 0);
	if (pvs_hw_refused(status)) {
		shost_printk(KERN_NOTICE, adapter->shost, "bus reset refused (status 0x%x)\n",
			     status);
		return FAILED;
	}
	timeout = pvs_eh_reset_timeout(adapter);
	if (!pvs_complete_wait(adapter, PVS_ANY_TARGET, timeout)) {
		shost_printk(KERN_NOTICE, adapter->shost,
			     "bus reset: commands not back in %u ms\n", timeout);
		return FAILED;
	}
	shost_printk(KERN_INFO, adapter->shost, "bus reset done\n");
	return SUCCESS;
}

static int pvs_eh_do_host_reset(struct scsi_cmnd *scmd)
{
	struct pvs_adapter *adapter = pvs_eh_adapter(scmd);

	if (pvs_device_is_gone(adapter) || pvs_device_reset(adapter)) {
		shost_printk(KERN_ERR, adapter->shost, "host reset failed\n");
		return FAILED;
	}
	shost_printk(KERN_INFO, adapter->shost, "host reset done\n");
	return SUCCESS;
}

/*
 * What the midlayer calls: the same, counted and traced. While the PCI core resets the
 * device there is nothing to be done to it, and afterwards the commands are back.
 */

static int pvs_eh_outcome(struct pvs_adapter *adapter, u32 kind, u32 target, int outcome)
{
	trace_pvscsi_reset(adapter, kind, target, outcome == SUCCESS);
	if (outcome != SUCCESS)
		atomic64_inc(&adapter->stats_rare.eh_failed);
	if (outcome == SUCCESS || kind == PVS_TRACE_ABORT)
		WRITE_ONCE(adapter->trust.deaf, outcome != SUCCESS);
	return outcome;
}

int pvs_eh_abort(struct scsi_cmnd *scmd)
{
	struct pvs_adapter *adapter = pvs_eh_adapter(scmd);

	atomic64_inc(&adapter->stats_rare.aborts);
	pvs_device_wait_held(adapter);
	return pvs_eh_outcome(adapter, PVS_TRACE_ABORT, scmd->device->id,
			      pvs_eh_do_abort(scmd));
}

int pvs_eh_device_reset(struct scsi_cmnd *scmd)
{
	struct pvs_adapter *adapter = pvs_eh_adapter(scmd);

	atomic64_inc(&adapter->stats_rare.device_resets);
	pvs_device_wait_held(adapter);
	return pvs_eh_outcome(adapter, PVS_TRACE_DEVICE, scmd->device->id,
			      pvs_eh_do_device_reset(scmd));
}

int pvs_eh_bus_reset(struct scsi_cmnd *scmd)
{
	struct pvs_adapter *adapter = pvs_eh_adapter(scmd);

	atomic64_inc(&adapter->stats_rare.bus_resets);
	pvs_device_wait_held(adapter);
	return pvs_eh_outcome(adapter, PVS_TRACE_BUS, PVS_ANY_TARGET,
			      pvs_eh_do_bus_reset(scmd));
}

int pvs_eh_host_reset(struct scsi_cmnd *scmd)
{
	struct pvs_adapter *adapter = pvs_eh_adapter(scmd);

	atomic64_inc(&adapter->stats_rare.host_resets);
	pvs_device_wait_held(adapter);
	return pvs_eh_outcome(adapter, PVS_TRACE_HOST, PVS_ANY_TARGET,
			      pvs_eh_do_host_reset(scmd));
}
