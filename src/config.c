// SPDX-License-Identifier: GPL-2.0-only
/*
 * The command CONFIG. Process context. The page that receives the answers is freed after the
 * device was stopped, since a device may answer late. It is copied once, and the copy is used.
 */

#include <linux/slab.h>
#include "compat.h"
#include "config.h"
#include "device.h"

static void pvs_config_prepare(struct pvs_adapter *adapter, u32 page_number, u64 selector,
			       struct pvscsi_cmd_config *desc)
{
	struct pvscsi_config_header *header = adapter->shared_config.va;

	memset(header, 0, PVSCSI_PAGE_SIZE);
	/* Preset errors, so that a device that ignores the command does not report success. */
	header->host_status = cpu_to_le16(PVSCSI_HOST_INVALID_PARAM);
	header->scsi_status = cpu_to_le16(SAM_STAT_CHECK_CONDITION);
	memset(desc, 0, sizeof(*desc));
	desc->addr = cpu_to_le64(adapter->shared_config.addr);
	desc->selector = cpu_to_le64(selector);
	desc->page_number = cpu_to_le32(page_number);
}

/* Copy the answer. The device may write to the page until it is stopped: use only the copy. */
static void pvs_config_copy(struct pvs_adapter *adapter, void *copy, size_t size)
{
	/* Orders the read of the command's status before the reads of the page that it filled. */
	dma_rmb();
	memcpy(copy, adapter->shared_config.va, size);
	/* Keeps the compiler from reading the page again instead of the copy. */
	barrier();
}

bool pvs_config_read_controller(struct pvs_adapter *adapter)
{
	struct pvscsi_config_controller *page;
	struct pvscsi_cmd_config desc;
	u32 status;

	page = adapter->shared_config.va ? kmalloc(sizeof(*page), GFP_KERNEL) : NULL;
	if (!page)
		return false;
	pvs_config_prepare(adapter, PVSCSI_CONFIG_PAGE_CONTROLLER,
			   (u64)PVSCSI_CONFIG_SELECTOR_CONTROLLER << 32, &desc);
	status = pvs_hw_probe_command(&adapter->hw, PVSCSI_CMD_CONFIG, &desc, sizeof(desc));
	if (!pvs_hw_refused(status)) {
		pvs_config_copy(adapter, page, sizeof(*page));
		adapter->has_config = pvs_confpage_identify(page, &adapter->identity);
	}
	kfree(page);
	return !pvs_hw_refused(status);
}

static int pvs_config_read_target_locked(struct pvs_adapter *adapter, u64 selector, void *page)
{
	struct pvscsi_cmd_config desc;
	u32 status, size;
	int ret;

	lockdep_assert_held(&adapter->config_lock);
	pvs_config_prepare(adapter, PVSCSI_CONFIG_PAGE_TARGET, selector, &desc);
	ret = pvs_device_command(adapter, PVSCSI_CMD_CONFIG, &desc, sizeof(desc), &status);
	if (ret)
		return ret;
	if (pvs_hw_refused(status))
		return -EOPNOTSUPP;
	pvs_config_copy(adapter, page, PVSCSI_PAGE_SIZE);
	size = pvs_confpage_size(page, PVSCSI_CONFIG_PAGE_TARGET);
	return size ? size : -EOPNOTSUPP;
}

int pvs_config_read_target(struct pvs_adapter *adapter, u32 bus, u32 target, void *page)
{
	u64 selector = (u64)PVSCSI_CONFIG_SELECTOR_TARGET << 32 | bus << 16 | target;
	int ret;

	if (!adapter->has_config)
		return -EOPNOTSUPP;
	mutex_lock(&adapter->config_lock);
	ret = pvs_config_read_target_locked(adapter, selector, page);
	mutex_unlock(&adapter->config_lock);
	return ret;
}
