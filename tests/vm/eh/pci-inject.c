// SPDX-License-Identifier: GPL-2.0-only
/*
 * pci-inject - call the error handlers of a PCI driver as the PCI core does, on request:
 *
 *   echo DEVICE frozen MS >/sys/module/pci_inject/parameters/error
 *   echo DEVICE permanent >/sys/module/pci_inject/parameters/error
 *   echo DEVICE normal >/sys/module/pci_inject/parameters/error
 *
 * frozen: the channel is frozen, MS milliseconds pass, the bus is reset if there is a bridge that
 * can do this, and the device continues. permanent: the channel is dead, also for the PCI core's
 * own accesses, until normal, which is as if the device was removed and inserted without the driver
 * being told. DEVICE is a name such as 0000:01:00.0. The write returns when all of it is over.
 * This module exists because an error that QEMU injects ends with the reset, and is never
 * permanent. Like the PCI core, it holds the device's lock in each handler and in the reset, but
 * not in between.
 */

#include <linux/delay.h>
#include <linux/device.h>
#include <linux/module.h>
#include <linux/pci.h>

/* The error handlers of the device's driver, if it has one now. The device must be locked. */
static const struct pci_error_handlers *pci_inject_handlers(struct pci_dev *pdev)
{
	struct pci_driver *driver = to_pci_driver(pdev->dev.driver);

	return pdev->dev.driver ? driver->err_handler : NULL;
}

static pci_ers_result_t pci_inject_detected(struct pci_dev *pdev, pci_channel_state_t state)
{
	const struct pci_error_handlers *handlers;
	pci_ers_result_t vote = PCI_ERS_RESULT_NONE;

	device_lock(&pdev->dev);
	/* A permanent failure stays. */
	if (pdev->error_state != pci_channel_io_perm_failure) {
		pdev->error_state = state;
		handlers = pci_inject_handlers(pdev);
		if (handlers && handlers->error_detected)
			vote = handlers->error_detected(pdev, state);
	}
	device_unlock(&pdev->dev);
	return vote;
}

static pci_ers_result_t pci_inject_slot_reset(struct pci_dev *pdev)
{
	const struct pci_error_handlers *handlers;
	pci_ers_result_t vote = PCI_ERS_RESULT_NONE;

	device_lock(&pdev->dev);
	handlers = pci_inject_handlers(pdev);
	if (handlers && handlers->slot_reset)
		vote = handlers->slot_reset(pdev);
	device_unlock(&pdev->dev);
	return vote;
}

static void pci_inject_resume(struct pci_dev *pdev)
{
	const struct pci_error_handlers *handlers;

	device_lock(&pdev->dev);
	if (pdev->error_state != pci_channel_io_perm_failure) {
		pdev->error_state = pci_channel_io_normal;
		handlers = pci_inject_handlers(pdev);
		if (handlers && handlers->resume)
			handlers->resume(pdev);
	}
	device_unlock(&pdev->dev);
}

static void pci_inject_frozen(struct pci_dev *pdev, unsigned int ms)
{
	pci_ers_result_t vote = pci_inject_detected(pdev, pci_channel_io_frozen);

	msleep(ms);
	/* (A permanent failure stays, and is not waited for: newer kernels do not wait, either.) */
	if (vote == PCI_ERS_RESULT_DISCONNECT || pdev->error_state == pci_channel_io_perm_failure)
		return;
	/*
	 * The device was removed. If another one replaced it, the reset would erase the addresses
	 * in its BARs, and nothing would restore them.
	 */
	if (!device_is_registered(&pdev->dev))
		return;
	if (!pci_is_root_bus(pdev->bus)) {
		device_lock(&pdev->dev);
		pci_bridge_secondary_bus_reset(pdev->bus->self);
		device_unlock(&pdev->dev);
	}
	if (pci_inject_slot_reset(pdev) != PCI_ERS_RESULT_DISCONNECT)
		pci_inject_resume(pdev);
}

static int pci_inject_set(const char *text, const struct kernel_param *param)
{
	unsigned int domain, bus, slot, function, ms = 0;
	struct pci_dev *pdev;
	char what[16];

	if (sscanf(text, "%x:%x:%x.%u %15s %u", &domain, &bus, &slot, &function, what, &ms) < 5)
		return -EINVAL;
	pdev = pci_get_domain_bus_and_slot(domain, bus, PCI_DEVFN(slot, function));
	if (!pdev)
		return -ENODEV;
	/* Do not block other errors, or readers of parameters. */
	kernel_param_unlock(THIS_MODULE);
	if (!strcmp(what, "permanent"))
		pci_inject_detected(pdev, pci_channel_io_perm_failure);
	else if (!strcmp(what, "normal"))
		pdev->error_state = pci_channel_io_normal;
	else
		pci_inject_frozen(pdev, ms);
	kernel_param_lock(THIS_MODULE);
	pci_dev_put(pdev);
	return 0;
}

static const struct kernel_param_ops pci_inject_ops = {
	.set = pci_inject_set,
};
module_param_cb(error, &pci_inject_ops, NULL, 0200);
MODULE_PARM_DESC(error, "DEVICE frozen MS, DEVICE permanent, or DEVICE normal");

MODULE_DESCRIPTION("PCI errors on request, for tests");
MODULE_LICENSE("GPL");
