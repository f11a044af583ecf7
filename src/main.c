// SPDX-License-Identifier: GPL-2.0-only
/*
 * Glue: the host template, the PCI driver, the module. The prefix of a function
 * that it calls names the file: pvs_device_start() is in device.c.
 */

#include <linux/mod_devicetable.h>
#include <linux/module.h>
#include <scsi/scsi_device.h>
#include "device.h"
#include "eh.h"
#include "irq.h"
#include "submit.h"
#include "sysfs.h"

/*
 * A hypervisor that loses its storage may take minutes to reconnect, and keeps the commands
 * meanwhile. VMware recommends a command timeout of 180 s for its guests.
 */
#define PVS_DISK_TIMEOUT	(180 * HZ)

/* On old kernels only: there the disk's queue has the timeout, not the host's tags. */
static int __maybe_unused pvs_main_slave_configure(struct scsi_device *sdev)
{
	pvs_compat_queue_timeout(sdev, PVS_DISK_TIMEOUT);
	return 0;
}

static struct scsi_host_template pvs_main_template = {
	.module			= THIS_MODULE,
	.name			= "VMware PVSCSI Host Adapter",
	.proc_name		= KBUILD_MODNAME,
	.queuecommand		= pvs_submit_queuecommand,
	PVS_COMPAT_COMMIT_RQS(pvs_submit_commit_rqs)
	.eh_timed_out		= pvs_eh_timed_out,
	.eh_abort_handler	= pvs_eh_abort,
	.eh_device_reset_handler = pvs_eh_device_reset,
	.eh_bus_reset_handler	= pvs_eh_bus_reset,
	.eh_host_reset_handler	= pvs_eh_host_reset,
	.host_reset		= pvs_eh_sysfs_reset,
	PVS_COMPAT_QUEUE_DEPTH
	PVS_COMPAT_CLUSTERING
	PVS_COMPAT_SLAVE_CONFIGURE(pvs_main_slave_configure)
	/* There is no physical bus, so no device needs 10 s to settle after a bus reset. */
	.skip_settle_delay	= 1,
	.this_id		= -1,
	.sg_tablesize		= PVSCSI_MAX_SEGMENTS,
	.max_sectors		= 0xffff,
	/* The length field of a segment has 32 bits, so contiguous data is always one segment. */
	PVS_COMPAT_MAX_SEGMENT_SIZE(U32_MAX)
	PVS_COMPAT_HOST_GROUPS(pvs_sysfs_host_groups)
	PVS_COMPAT_DISK_GROUPS(pvs_sysfs_disk_groups)
};

static void pvs_main_announce(const struct pvs_adapter *adapter)
{
	const char *limit = adapter->limit;

	dev_info(pvs_adapter_dev(adapter),
		 "%u targets, %d commands at a time%s%s%s, %s, message ring %s, request call threshold %s\n",
		 adapter->shost->max_id, adapter->shost->can_queue,
		 limit ? " (" : "", limit ? limit : "", limit ? ")" : "",
		 pvs_irq_mode(adapter),
		 adapter->has_msg_ring ? "on" : "off", adapter->has_threshold ? "on" : "off");
}

static int pvs_main_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct pvs_adapter *adapter;
	int ret;

	adapter = pvs_adapter_create(pdev, &pvs_main_template);
	if (IS_ERR(adapter))
		return PTR_ERR(adapter);
	pci_set_drvdata(pdev, adapter);
	/* Add the host before starting the device: a message may request a scan at once. */
	ret = scsi_add_host(adapter->shost, &pdev->dev);
	if (ret) {
		dev_err(&pdev->dev, "the SCSI midlayer refuses the host (error %d)\n", ret);
		goto destroy;
	}
	if (pvs_compat_add_host_groups(adapter->shost, pvs_sysfs_host_groups))
		dev_warn(&pdev->dev, "no memory for files in sysfs\n");
	/*
	 * The hypervisor schedules requests for the physical disks. A scheduler in the guest
	 * costs a lock shared by all CPUs, and a context switch for each single command.
	 */
	pvs_compat_no_scheduler(adapter->shost);
	/* The default for disks found from now on; device/timeout in sysfs changes it. */
	pvs_compat_disk_timeout(adapter->shost, PVS_DISK_TIMEOUT);
	ret = pvs_device_start(adapter);
	if (ret)
		goto remove_host;
	pvs_main_announce(adapter);
	/* A slot reset restores this copy; if it is NULL (no memory), the last saved state. */
	pci_save_state(pdev);
	adapter->saved_config = pci_store_saved_state(pdev);
	if (pvs_compat_add_groups(&pdev->dev, pvs_stats_groups))
		dev_warn(&pdev->dev, "no memory for the statistics in sysfs\n");
	scsi_scan_host(adapter->shost);
	return 0;

remove_host:
	scsi_remove_host(adapter->shost);
destroy:
	pci_set_drvdata(pdev, NULL);
	pvs_adapter_destroy(adapter);
	return ret;
}

static void pvs_main_remove(struct pci_dev *pdev)
{
	struct pvs_adapter *adapter = pci_get_drvdata(pdev);

	pvs_compat_remove_groups(&pdev->dev, pvs_stats_groups);
	/*
	 * Removing the host flushes the disks, which is impossible if the device is absent or
	 * held: stop it, so that the flushes fail at once. (A brief hold is waited for.)
	 */
	if (pvs_owner_is_held_long(adapter->owner) || pvs_device_is_absent(adapter))
		pvs_device_stop(adapter);
	scsi_remove_host(adapter->shost);
	pvs_device_stop(adapter);
	pci_set_drvdata(pdev, NULL);
	pvs_adapter_destroy(adapter);
}

static void pvs_main_shutdown(struct pci_dev *pdev)
{
	pvs_device_shutdown(pci_get_drvdata(pdev));
}

/* Every kind of sleep: suspend to RAM, suspend to idle, hibernation and its restore */

static int __maybe_unused pvs_main_suspend(struct device *dev)
{
	pvs_device_suspend(dev_get_drvdata(dev), PVS_HOLD_SLEEP);
	return 0;
}

/*
 * The PCI core has restored the config space, which invalidates the saved state: save it
 * again. (Not after a PCI error, since the registers may be wrong then; pvs_main_slot_reset()
 * uses saved_config.)
 */
static int pvs_main_restored(struct pci_dev *pdev, enum pvs_hold hold)
{
	struct pvs_adapter *adapter = pci_get_drvdata(pdev);

	if (!pvs_owner_has(adapter->owner, PVS_HOLD_PCI_ERROR) && !pci_channel_offline(pdev))
		pci_save_state(pdev);
	return pvs_device_release(adapter, hold);
}

static int __maybe_unused pvs_main_resume(struct device *dev)
{
	/* If the device was stopped before the suspend, the resume itself did not fail. */
	bool stopped = pvs_device_is_stopped(dev_get_drvdata(dev));
	int ret = pvs_main_restored(to_pci_dev(dev), PVS_HOLD_SLEEP);

	return stopped ? 0 : ret;
}

static SIMPLE_DEV_PM_OPS(pvs_main_pm_ops, pvs_main_suspend, pvs_main_resume);

/* A reset of the PCI function, requested by an administrator */

static void __maybe_unused pvs_main_reset_prepare(struct pci_dev *pdev)
{
	pvs_device_suspend(pci_get_drvdata(pdev), PVS_HOLD_FUNCTION_RESET);
}

static void __maybe_unused pvs_main_reset_done(struct pci_dev *pdev)
{
	pvs_main_restored(pdev, PVS_HOLD_FUNCTION_RESET);
}

/* A PCI error, and the reset of the slot that follows */

static pci_ers_result_t pvs_main_error_detected(struct pci_dev *pdev, pci_channel_state_t state)
{
	struct pvs_adapter *adapter = pci_get_drvdata(pdev);

	switch (state) {
	case pci_channel_io_normal:
		/* The device is accessible. If a command was lost, it times out. */
		return PCI_ERS_RESULT_CAN_RECOVER;
	case pci_channel_io_frozen:
		dev_warn(&pdev->dev, "PCI error: commands wait for the reset of the slot\n");
		pvs_device_hold(adapter);
		pci_clear_master(pdev);
		return PCI_ERS_RESULT_NEED_RESET;
	default:
		dev_err(&pdev->dev, "permanent PCI error: stopped; its commands fail until the driver is bound to it again\n");
		pci_clear_master(pdev);
		pvs_device_stop(adapter);
		return PCI_ERS_RESULT_DISCONNECT;
	}
}

static pci_ers_result_t pvs_main_slot_reset(struct pci_dev *pdev)
{
	struct pvs_adapter *adapter = pci_get_drvdata(pdev);

	/* The error may have been in another function of the slot: then there is no hold yet. */
	pvs_device_hold(adapter);
	/* Use the state after probe: a later one may have been saved after the reset. */
	if (adapter->saved_config)
		pci_load_saved_state(pdev, adapter->saved_config);
	pci_restore_state(pdev);
	pci_save_state(pdev);
	/* (A suspended device reads as all ones; the resume checks it.) */
	if (pvs_device_is_asleep(adapter) || !pvs_hw_is_gone(&adapter->hw))
		return PCI_ERS_RESULT_RECOVERED;
	dev_err(&pdev->dev, "not back after the reset of its slot: stopped; its commands fail until the driver is bound to it again\n");
	pvs_device_stop(adapter);
	return PCI_ERS_RESULT_DISCONNECT;
}

static void pvs_main_error_resume(struct pci_dev *pdev)
{
	struct pvs_adapter *adapter = pci_get_drvdata(pdev);

	if (pvs_device_release(adapter, PVS_HOLD_PCI_ERROR))
		dev_err(&pdev->dev, "not recovered from the PCI error: it is stopped\n");
	else if (!pvs_owner_is_held(adapter->owner))
		dev_info(&pdev->dev, "recovered from the PCI error\n");
}

static const struct pci_error_handlers pvs_main_error_handlers = {
	.error_detected	= pvs_main_error_detected,
	.slot_reset	= pvs_main_slot_reset,
	.resume		= pvs_main_error_resume,
	PVS_COMPAT_RESET_PREPARE(pvs_main_reset_prepare)
	PVS_COMPAT_RESET_DONE(pvs_main_reset_done)
};

static const struct pci_device_id pvs_main_ids[] = {
	{ PCI_DEVICE(PVSCSI_PCI_VENDOR, PVSCSI_PCI_DEVICE) },
	{ }
};
MODULE_DEVICE_TABLE(pci, pvs_main_ids);

static struct pci_driver pvs_main_driver = {
	.name		= KBUILD_MODNAME,
	.id_table	= pvs_main_ids,
	.probe		= pvs_main_probe,
	.remove		= pvs_main_remove,
	.shutdown	= pvs_main_shutdown,
	.err_handler	= &pvs_main_error_handlers,
	.driver.pm	= &pvs_main_pm_ops,
	PVS_COMPAT_DEV_GROUPS(pvs_stats_groups)
};
module_pci_driver(pvs_main_driver);

MODULE_DESCRIPTION("VMware PVSCSI host adapter driver");
MODULE_AUTHOR("pvscsi-dkms maintainers");
MODULE_LICENSE("GPL");
MODULE_VERSION(PVS_VERSION);
