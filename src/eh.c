// SPDX-License-Identifier: GPL-2.0-only
/*
 * Error handling: the midlayer's ladder in the device's commands. Process
 * context. A handler returns SUCCESS only when the commands that it concerns
 * are back in the midlayer's hands; otherwise FAILED, and the next rung follows.
 */

#include <linux/delay.h>
#include <linux/jiffies.h>
#include <scsi/scsi_device.h>
#include "datapath.h"
#include "device.h"
#include "trace.h"

#define PVS_EH_ABORT_TIMEOUT_MS		2000
#define PVS_EH_RESET_TIMEOUT_MS		10000

static struct pvs_adapter *pvs_eh_adapter(const struct scsi_cmnd *scmd)
{
	return shost_priv(scmd->device->host);
}

/* A lost doorbell or interrupt is the cheapest explanation: mend it first. */
static void pvs_eh_look_again(struct pvs_adapter *adapter)
{
	pvs_submit_kick(adapter);
	pvs_complete_all(adapter);
}

/* Wait for one command. */
static bool pvs_eh_wait_for(struct pvs_adapter *adapter, const struct pvs_cmd *cmd,
			    const struct scsi_cmnd *scmd)
{
	unsigned long end = jiffies + msecs_to_jiffies(PVS_EH_ABORT_TIMEOUT_MS);

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
	pvs_eh_look_again(adapter);
	if (READ_ONCE(cmd->scmd) == scmd) {
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
	u32 status;

	int_to_scsilun(sdev->lun, &lun);
	desc.target = cpu_to_le32(sdev->id);
	memcpy(desc.lun, &lun, sizeof(desc.lun));
	pvs_eh_look_again(adapter);
	status = pvs_hw_command(&adapter->hw, PVSCSI_CMD_RESET_DEVICE, &desc, sizeof(desc));
	if (pvs_hw_refused(status)) {
		sdev_printk(KERN_NOTICE, sdev, "device reset refused (status 0x%x)\n", status);
		return FAILED;
	}
	if (!pvs_complete_wait(adapter, sdev->id, PVS_EH_RESET_TIMEOUT_MS)) {
		sdev_printk(KERN_NOTICE, sdev, "device reset: commands not back in %d s\n",
			    PVS_EH_RESET_TIMEOUT_MS / 1000);
		return FAILED;
	}
	sdev_printk(KERN_INFO, sdev, "device reset done\n");
	return SUCCESS;
}

static int pvs_eh_do_bus_reset(struct scsi_cmnd *scmd)
{
	struct pvs_adapter *adapter = pvs_eh_adapter(scmd);
	u32 status;

	pvs_eh_look_again(adapter);
	status = pvs_hw_command(&adapter->hw, PVSCSI_CMD_RESET_BUS, NULL, 0);
	if (pvs_hw_refused(status)) {
		shost_printk(KERN_NOTICE, adapter->shost, "bus reset refused (status 0x%x)\n",
			     status);
		return FAILED;
	}
	if (!pvs_complete_wait(adapter, PVS_ANY_TARGET, PVS_EH_RESET_TIMEOUT_MS)) {
		shost_printk(KERN_NOTICE, adapter->shost,
			     "bus reset: commands not back in %d s\n",
			     PVS_EH_RESET_TIMEOUT_MS / 1000);
		return FAILED;
	}
	shost_printk(KERN_INFO, adapter->shost, "bus reset done\n");
	return SUCCESS;
}

static int pvs_eh_do_host_reset(struct scsi_cmnd *scmd)
{
	struct pvs_adapter *adapter = pvs_eh_adapter(scmd);

	if (pvs_device_reset(adapter)) {
		shost_printk(KERN_ERR, adapter->shost, "host reset failed\n");
		return FAILED;
	}
	shost_printk(KERN_INFO, adapter->shost, "host reset done\n");
	return SUCCESS;
}

/* What the midlayer calls: the same, counted and traced. */

static int pvs_eh_outcome(struct pvs_adapter *adapter, u32 kind, u32 target, int outcome)
{
	trace_pvscsi_reset(adapter, kind, target, outcome == SUCCESS);
	if (outcome != SUCCESS)
		atomic64_inc(&adapter->stats_rare.eh_failed);
	return outcome;
}

int pvs_eh_abort(struct scsi_cmnd *scmd)
{
	struct pvs_adapter *adapter = pvs_eh_adapter(scmd);

	atomic64_inc(&adapter->stats_rare.aborts);
	return pvs_eh_outcome(adapter, PVS_TRACE_ABORT, scmd->device->id,
			      pvs_eh_do_abort(scmd));
}

int pvs_eh_device_reset(struct scsi_cmnd *scmd)
{
	struct pvs_adapter *adapter = pvs_eh_adapter(scmd);

	atomic64_inc(&adapter->stats_rare.device_resets);
	return pvs_eh_outcome(adapter, PVS_TRACE_DEVICE, scmd->device->id,
			      pvs_eh_do_device_reset(scmd));
}

int pvs_eh_bus_reset(struct scsi_cmnd *scmd)
{
	struct pvs_adapter *adapter = pvs_eh_adapter(scmd);

	atomic64_inc(&adapter->stats_rare.bus_resets);
	return pvs_eh_outcome(adapter, PVS_TRACE_BUS, PVS_ANY_TARGET,
			      pvs_eh_do_bus_reset(scmd));
}

int pvs_eh_host_reset(struct scsi_cmnd *scmd)
{
	struct pvs_adapter *adapter = pvs_eh_adapter(scmd);

	atomic64_inc(&adapter->stats_rare.host_resets);
	return pvs_eh_outcome(adapter, PVS_TRACE_HOST, PVS_ANY_TARGET,
			      pvs_eh_do_host_reset(scmd));
}
