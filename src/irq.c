// SPDX-License-Identifier: GPL-2.0-only
/*
 * The interrupt: one vector, MSI-X, MSI or INTx. The handler delivers completions, and
 * leaves messages and excess completions to work items. It needs no lock for itself.
 */

#include <linux/interrupt.h>
#include "compat.h"
#include "complete.h"
#include "hotplug.h"
#include "irq.h"
#include "params.h"

/* Completions per interrupt at most, so that other work on this CPU is not delayed. */
#define PVS_IRQ_BUDGET	256

static irqreturn_t pvs_irq_service(struct pvs_adapter *adapter)
{
	u32 delivered;
	bool unfinished = pvs_complete_run(adapter, PVS_IRQ_BUDGET, &delivered);
	bool messages = pvs_hotplug_check(adapter);

	if (unfinished)
		queue_work(adapter->workqueue, &adapter->complete_work);
	pvs_stats_interrupt(&adapter->stats_irq, delivered, messages, unfinished);
	return IRQ_HANDLED;
}

static irqreturn_t pvs_irq_msi(int irq, void *data)
{
	return pvs_irq_service(data);
}

static irqreturn_t pvs_irq_line(int irq, void *data)
{
	struct pvs_adapter *adapter = data;
	u32 status = pvs_hw_intr_status(&adapter->hw);

	/* Another device on a shared line, or all ones: this device is gone. */
	if (!(status & PVSCSI_INTR_ALL) || status == ~0u)
		return IRQ_NONE;
	/*
	 * Acknowledge before reading the rings. Otherwise the interrupt for an entry
	 * written in between would be lost. The read flushes the posted write.
	 */
	pvs_hw_intr_ack(&adapter->hw, status);
	pvs_hw_intr_status(&adapter->hw);
	return pvs_irq_service(adapter);
}

int pvs_irq_create(struct pvs_adapter *adapter)
{
	struct pci_dev *pdev = adapter->pdev;
	int ret;

	ret = pvs_compat_irq_alloc(pdev, !pvs_params.disable_msi, !pvs_params.disable_msix);
	if (ret < 0) {
		dev_err(&pdev->dev, "no interrupt could be allocated (error %d)\n", ret);
		return ret;
	}
	adapter->msi = pdev->msi_enabled || pdev->msix_enabled;
	/* The PCI address identifies the adapter in /proc/interrupts, also after a rebind. */
	snprintf(adapter->irq_name, sizeof(adapter->irq_name), KBUILD_MODNAME "-%s",
		 pci_name(pdev));
	ret = request_irq(pvs_compat_irq(pdev), adapter->msi ? pvs_irq_msi : pvs_irq_line,
			  adapter->msi ? 0 : IRQF_SHARED, adapter->irq_name, adapter);
	if (ret) {
		dev_err(&pdev->dev, "interrupt %d refused (error %d)\n", pvs_compat_irq(pdev),
			ret);
		pvs_compat_irq_free(pdev);
	}
	return ret;
}

void pvs_irq_destroy(struct pvs_adapter *adapter)
{
	free_irq(pvs_compat_irq(adapter->pdev), adapter);
	pvs_compat_irq_free(adapter->pdev);
}
