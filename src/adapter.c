// SPDX-License-Identifier: GPL-2.0-only
/*
 * Resources of an adapter: registers, memory, interrupt, work. They are acquired before
 * the device is started and released after it is stopped, in process context.
 */

#include <linux/crash_dump.h>
#include <linux/init.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include "adapter.h"
#include "attention.h"
#include "compat.h"
#include "complete.h"
#include "config.h"
#include "device.h"
#include "hotplug.h"
#include "irq.h"
#include "params.h"
#include "sizing.h"

/*
 * Used if the device does not report a number. QEMU does not, and has 65 targets (0 to 64).
 * An absent target costs one command in a scan.
 */
#define PVS_TARGETS_UNKNOWN		65

/* Longer than any CDB that the midlayer can issue. */
#define PVS_MAX_CDB_REFUSED		260

/* Each queue costs memory for each disk. Two queues were measured to be as fast as four. */
#define PVS_MAX_HW_QUEUES		16

/* The block layer's sector has 512 bytes. */
#define PVS_SECTOR_SHIFT		9

/* Registers */

static int pvs_adapter_find_bar(struct pci_dev *pdev)
{
	int bar;

	for (bar = 0; bar <= PCI_STD_RESOURCE_END; bar++) {
		if (pci_resource_flags(pdev, bar) & IORESOURCE_MEM &&
		    pci_resource_len(pdev, bar) >= PVSCSI_REG_SPACE)
			return bar;
	}
	dev_err(&pdev->dev, "no memory BAR of %u bytes or more: not a PVSCSI adapter, or the firmware assigned it no memory\n",
		PVSCSI_REG_SPACE);
	return -ENODEV;
}

static int pvs_adapter_map_registers(struct pvs_adapter *adapter)
{
	struct pci_dev *pdev = adapter->pdev;
	void __iomem *regs;
	int bar, ret;

	bar = pvs_adapter_find_bar(pdev);
	if (bar < 0)
		return bar;
	ret = pci_request_region(pdev, bar, KBUILD_MODNAME);
	if (ret) {
		dev_err(&pdev->dev, "BAR %d is in use by another driver\n", bar);
		return ret;
	}
	regs = pci_iomap(pdev, bar, PVSCSI_REG_SPACE);
	if (!regs) {
		dev_err(&pdev->dev, "BAR %d cannot be mapped\n", bar);
		pci_release_region(pdev, bar);
		return -ENOMEM;
	}
	pvs_hw_init(&adapter->hw, regs);
	adapter->bar = bar;
	return 0;
}

static void pvs_adapter_unmap_registers(struct pvs_adapter *adapter)
{
	pci_iounmap(adapter->pdev, adapter->hw.regs);
	pci_release_region(adapter->pdev, adapter->bar);
}

static int pvs_adapter_enable_pci(struct pci_dev *pdev)
{
	int ret = pci_enable_device_mem(pdev);

	if (ret) {
		dev_err(&pdev->dev, "cannot be enabled (error %d)\n", ret);
		return ret;
	}
	if (dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(64))) {
		ret = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(32));
		if (ret) {
			dev_err(&pdev->dev, "neither 64- nor 32-bit DMA is possible (error %d)\n",
				ret);
			pci_disable_device(pdev);
			return ret;
		}
	}
	return 0;
}

/* Targets */

static u32 pvs_adapter_targets(struct pvs_adapter *adapter)
{
	u32 targets;

	if (pvs_config_read_controller(adapter))
		adapter->is_qemu = false;
	targets = adapter->identity.targets;
	adapter->targets_source = "config";
	if (!targets) {
		targets = pvs_hw_command(&adapter->hw, PVSCSI_CMD_GET_MAX_TARGETS, NULL, 0);
		adapter->targets_source = "command";
		if (!targets || pvs_hw_refused(targets)) {
			targets = PVS_TARGETS_UNKNOWN;
			adapter->targets_source = "assumed";
		}
	}
	return min_t(u32, targets, PVSCSI_MAX_TARGETS);
}

/* Sizes */

static u32 pvs_adapter_param(struct pvs_adapter *adapter, const struct pvs_paramlist *list)
{
	return pvs_paramlist_value(list, dev_name(pvs_adapter_dev(adapter)));
}

/* A kdump kernel has a few hundred megabytes of memory, and writes to one disk. */
static bool pvs_adapter_in_kdump(void)
{
	return is_kdump_kernel() || reset_devices;
}

/* Only bounce buffers limit the size of a mapping to less than max_sectors. */
static bool pvs_adapter_bounces(struct pvs_adapter *adapter)
{
	return pvs_compat_max_mapping_size(pvs_adapter_dev(adapter)) <
	       (size_t)adapter->shost->max_sectors << PVS_SECTOR_SHIFT;
}

static u32 pvs_adapter_ring_pages(struct pvs_adapter *adapter, u32 targets)
{
	const struct pvs_sizing_in in = {
		.targets = targets,
		.cmd_per_lun = pvs_adapter_param(adapter, &pvs_params.cmd_per_lun),
		.memory = (u64)pvs_compat_totalram_pages() << PAGE_SHIFT,
		.kdump = pvs_adapter_in_kdump(),
		.bounce = pvs_adapter_bounces(adapter),
		.ring_pages = pvs_adapter_param(adapter, &pvs_params.ring_pages),
	};

	return pvs_sizing_ring_pages(&in, &adapter->limit);
}

static u32 pvs_adapter_msg_ring_pages(struct pvs_adapter *adapter)
{
	u32 asked = pvs_adapter_param(adapter, &pvs_params.msg_ring_pages);

	return pvs_sizing_msg_ring_pages(pvs_adapter_in_kdump(), asked);
}

/* Memory */

/* The DMA API does not tell. But with an IOMMU in between, memory has another address. */
bool pvs_adapter_is_translated(const struct pvs_adapter *adapter)
{
	void *va = adapter->shared_state.va;
	phys_addr_t phys = is_vmalloc_addr(va) ? page_to_phys(vmalloc_to_page(va)) :
						 virt_to_phys(va);

	return adapter->shared_state.addr != phys;
}

static int pvs_adapter_alloc_shared(struct pvs_adapter *adapter, struct pvs_shared *shared,
				    u32 pages)
{
	shared->va = dma_alloc_coherent(pvs_adapter_dev(adapter), pages * PVSCSI_PAGE_SIZE,
					&shared->addr, GFP_KERNEL);
	if (!shared->va)
		return -ENOMEM;
	shared->pages = pages;
	return 0;
}

static void pvs_adapter_free_shared(struct pvs_adapter *adapter, struct pvs_shared *shared)
{
	if (shared->va)
		dma_free_coherent(pvs_adapter_dev(adapter), shared->pages * PVSCSI_PAGE_SIZE,
				  shared->va, shared->addr);
	memset(shared, 0, sizeof(*shared));
}

/* May be called when only part of the memory was allocated. */
static void pvs_adapter_free_memory(struct pvs_adapter *adapter)
{
	pvs_cmds_destroy(&adapter->cmds, pvs_adapter_dev(adapter));
	pvs_adapter_free_shared(adapter, &adapter->shared_msg);
	pvs_adapter_free_shared(adapter, &adapter->shared_cmp);
	pvs_adapter_free_shared(adapter, &adapter->shared_req);
	pvs_adapter_free_shared(adapter, &adapter->shared_state);
}

static int pvs_adapter_alloc_memory(struct pvs_adapter *adapter, u32 ring_pages)
{
	/* One slot of the request ring is never used: QEMU stalls if all of them are. */
	u32 commands = ring_pages * PVSCSI_REQS_PER_PAGE - 1;
	int ret;

	ret = pvs_adapter_alloc_shared(adapter, &adapter->shared_state, 1);
	if (!ret)
		ret = pvs_adapter_alloc_shared(adapter, &adapter->shared_req, ring_pages);
	if (!ret)
		ret = pvs_adapter_alloc_shared(adapter, &adapter->shared_cmp, ring_pages);
	if (!ret && pvs_params.use_msg)
		ret = pvs_adapter_alloc_shared(adapter, &adapter->shared_msg,
					       pvs_adapter_msg_ring_pages(adapter));
	if (!ret)
		ret = pvs_cmds_create(&adapter->cmds, pvs_adapter_dev(adapter), commands);
	if (ret) {
		dev_warn(pvs_adapter_dev(adapter),
			 "no memory for a ring of %u pages and %u commands\n", ring_pages,
			 commands);
		pvs_adapter_free_memory(adapter);
		return ret;
	}
	adapter->rings_state = adapter->shared_state.va;
	return 0;
}

/* Create and destroy */

/* A smaller ring is better than no disk. */
static int pvs_adapter_alloc_what_fits(struct pvs_adapter *adapter, u32 ring_pages)
{
	u32 pages = ring_pages;
	int ret;

	do {
		ret = pvs_adapter_alloc_memory(adapter, pages);
		pages /= 2;
	} while (ret == -ENOMEM && pages);
	if (adapter->shared_req.pages < ring_pages)
		adapter->limit = "no memory for more";
	if (ret)
		dev_err(pvs_adapter_dev(adapter), "no memory even for the smallest ring\n");
	return ret;
}

/*
 * Number of hardware queues for the block layer. All of them use the one ring. With a
 * single queue and several CPUs, the block layer leaves every completion to a softirq;
 * with more queues it can complete a command in the interrupt.
 */
static u32 pvs_adapter_hw_queues(void)
{
	return pvs_adapter_in_kdump() ? 1 : min_t(u32, num_online_cpus(), PVS_MAX_HW_QUEUES);
}

static void pvs_adapter_describe_host(struct pvs_adapter *adapter, u32 targets)
{
	u32 depth = pvs_adapter_param(adapter, &pvs_params.cmd_per_lun);
	struct Scsi_Host *shost = adapter->shost;

	shost->max_channel = 0;
	shost->max_id = targets;
	shost->max_lun = 1;
	/* The PCI address identifies the adapter, also after a rebind. */
	shost->unique_id = (u32)pci_domain_nr(adapter->pdev->bus) << 16 |
			   PCI_DEVID(adapter->pdev->bus->number, adapter->pdev->devfn);
	/*
	 * More than the device supports. The midlayer fails a longer CDB without calling the
	 * driver. If that command was the last of a batch, the batch would wait for its
	 * doorbell. With this value submit.c gets the command, fails it, and rings the doorbell.
	 */
	shost->max_cmd_len = PVS_MAX_CDB_REFUSED;
	shost->can_queue = adapter->cmds.count;
	shost->cmd_per_lun = min_t(u32, depth, adapter->cmds.count);
	pvs_compat_hw_queues(shost, pvs_adapter_hw_queues());
	/* The midlayer applies this limit too, but the driver does not rely on it. */
	shost->max_sectors = min_t(size_t, shost->max_sectors,
				   pvs_compat_max_mapping_size(pvs_adapter_dev(adapter)) >>
				   PVS_SECTOR_SHIFT);
}

static void pvs_adapter_init(struct pvs_adapter *adapter, struct pci_dev *pdev,
			     struct Scsi_Host *shost)
{
	adapter->pdev = pdev;
	adapter->shost = shost;
	adapter->owner = pvs_owner_of(shost);
	/*
	 * VMware's device has the class of a SAS controller. It also has configuration pages,
	 * which pvs_adapter_targets() checks.
	 */
	adapter->is_qemu = pdev->class >> 8 == PCI_CLASS_STORAGE_SCSI;
	adapter->one_cpu = num_online_cpus() == 1;
	adapter->state = PVS_STATE_STOPPED;
	mutex_init(&adapter->life_lock);
	mutex_init(&adapter->config_lock);
	spin_lock_init(&adapter->submit_lock);
	spin_lock_init(&adapter->complete_lock);
	spin_lock_init(&adapter->msg_lock);
	INIT_WORK(&adapter->msg_work, pvs_hotplug_work);
	INIT_DELAYED_WORK(&adapter->attention_work, pvs_attention_work);
	INIT_WORK(&adapter->complete_work, pvs_complete_work);
	INIT_DELAYED_WORK(&adapter->renew_work, pvs_device_renew_work);
	INIT_DELAYED_WORK(&adapter->errors.work, pvs_device_errors_work);
	INIT_DELAYED_WORK(&adapter->pci_error_work, pvs_device_pci_error_work);
}

/* With the registers mapped: query the device, and acquire what depends on its answers. */
static int pvs_adapter_equip(struct pvs_adapter *adapter)
{
	u32 targets;
	int ret;

	/* Reset it before enabling bus mastering: another kernel may have left it running. */
	pvs_hw_reset(&adapter->hw);
	pvs_hw_intr_mask(&adapter->hw);
	pci_set_master(adapter->pdev);
	/* Without this page its identity stays unknown, which is no reason to fail. */
	pvs_adapter_alloc_shared(adapter, &adapter->shared_config, 1);
	targets = pvs_adapter_targets(adapter);
	ret = pvs_adapter_alloc_what_fits(adapter, pvs_adapter_ring_pages(adapter, targets));
	if (ret)
		goto free_config;
	pvs_adapter_describe_host(adapter, targets);
	adapter->workqueue = alloc_workqueue("pvscsi_%u", WQ_UNBOUND | WQ_MEM_RECLAIM, 0,
					     adapter->shost->host_no);
	if (!adapter->workqueue) {
		dev_err(pvs_adapter_dev(adapter), "no memory for a work queue\n");
		ret = -ENOMEM;
		goto free_memory;
	}
	ret = pvs_irq_create(adapter);
	if (ret)
		goto destroy_workqueue;
	return 0;

destroy_workqueue:
	destroy_workqueue(adapter->workqueue);
free_memory:
	pvs_adapter_free_memory(adapter);
free_config:
	/* A device that answers CONFIG late must not write to freed memory. */
	pvs_hw_reset(&adapter->hw);
	pvs_adapter_free_shared(adapter, &adapter->shared_config);
	return ret;
}

/*
 * The adapter is not in the SCSI host's private data, which is aligned to a word only: locks
 * and counters that different CPUs use must be in different cache lines. It is allocated on
 * the device's NUMA node.
 */
static struct pvs_adapter *pvs_adapter_alloc(struct pci_dev *pdev)
{
	struct pvs_adapter *adapter;

	BUILD_BUG_ON(__alignof__(*adapter) % SMP_CACHE_BYTES);
	BUILD_BUG_ON(offsetof(struct pvs_adapter, submit_lock) % SMP_CACHE_BYTES);
	BUILD_BUG_ON(offsetof(struct pvs_adapter, complete_lock) % SMP_CACHE_BYTES);
	BUILD_BUG_ON(offsetof(struct pvs_adapter, msg_lock) % SMP_CACHE_BYTES);
	adapter = kzalloc_node(sizeof(*adapter), GFP_KERNEL, dev_to_node(&pdev->dev));
	/* kmalloc() aligns objects of at least a cache line's size to a cache line. */
	WARN_ON_ONCE(!IS_ALIGNED((unsigned long)adapter, SMP_CACHE_BYTES));
	return adapter;
}

struct pvs_adapter *pvs_adapter_create(struct pci_dev *pdev, struct scsi_host_template *template)
{
	struct pvs_adapter *adapter;
	struct Scsi_Host *shost;
	int ret = -ENOMEM;

	adapter = pvs_adapter_alloc(pdev);
	shost = adapter ? scsi_host_alloc(template, sizeof(struct pvs_owner)) : NULL;
	if (!shost) {
		dev_err(&pdev->dev, "no memory for a SCSI host\n");
		goto free_adapter;
	}
	pvs_owner_init(pvs_owner_of(shost));
	pvs_adapter_init(adapter, pdev, shost);
	ret = pvs_adapter_enable_pci(pdev);
	if (ret)
		goto put_host;
	ret = pvs_adapter_map_registers(adapter);
	if (ret)
		goto disable_pci;
	ret = pvs_adapter_equip(adapter);
	if (ret)
		goto unmap_registers;
	pvs_owner_attach(adapter->owner, adapter);
	return adapter;

unmap_registers:
	pvs_adapter_unmap_registers(adapter);
disable_pci:
	pci_disable_device(pdev);
put_host:
	scsi_host_put(shost);
free_adapter:
	kfree(adapter);
	return ERR_PTR(ret);
}

void pvs_adapter_destroy(struct pvs_adapter *adapter)
{
	struct pci_dev *pdev = adapter->pdev;

	/* A process may still have a removed disk open, and request a reset through it. */
	pvs_owner_detach(adapter->owner);
	/* Submissions are over. They and the interrupt queue the work that is cancelled next. */
	pvs_irq_destroy(adapter);
	cancel_work_sync(&adapter->msg_work);
	cancel_delayed_work_sync(&adapter->attention_work);
	cancel_work_sync(&adapter->complete_work);
	cancel_delayed_work_sync(&adapter->renew_work);
	cancel_delayed_work_sync(&adapter->pci_error_work);
	/* Last, since the work items above may have queued it. */
	cancel_delayed_work_sync(&adapter->errors.work);
	destroy_workqueue(adapter->workqueue);
	pvs_adapter_free_memory(adapter);
	pvs_adapter_free_shared(adapter, &adapter->shared_config);
	pvs_adapter_unmap_registers(adapter);
	pci_disable_device(pdev);
	scsi_host_put(adapter->shost);
	kfree(adapter->saved_config);
	kfree(adapter);
}
