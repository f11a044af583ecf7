// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files in sysfs besides the counters: who the adapter is, what it uses, and a target's
 * configuration page. Process context. The SCSI host, and with it these files, is removed before
 * the adapter is destroyed.
 */

#include <linux/slab.h>
#include <scsi/scsi_device.h>
#include "adapter.h"
#include "compat.h"
#include "config.h"
#include "irq.h"
#include "sysfs.h"

/* Bytes of a target's page that are shown. Their hexadecimal digits fit into any page of memory. */
#define PVS_SYSFS_SHOWN		1024
/* Bytes that printk's %phN takes at a time. */
#define PVS_SYSFS_CHUNK		64

static struct pvs_adapter *pvs_sysfs_adapter(struct device *dev)
{
	return pvs_owner_adapter(class_to_shost(dev));
}

#define PVS_SYSFS_SHOW(name, ...)								\
static ssize_t pvs_sysfs_show_##name(struct device *dev, struct device_attribute *attr, char *buf) \
{												\
	const struct pvs_adapter *adapter = pvs_sysfs_adapter(dev);				\
												\
	return pvs_compat_emit(buf, __VA_ARGS__);							\
}												\
static DEVICE_ATTR(name, 0444, pvs_sysfs_show_##name, NULL)

/* Who the adapter is: from its configuration page, absent if it does not say it */

PVS_SYSFS_SHOW(node_wwn, "0x%016llx\n", adapter->identity.node_wwn);
PVS_SYSFS_SHOW(manufacturer, "%s\n", adapter->identity.manufacturer);
PVS_SYSFS_SHOW(serial_number, "%s\n", adapter->identity.serial_number);
PVS_SYSFS_SHOW(hardware_version, "%s\n", adapter->identity.hardware_version);
PVS_SYSFS_SHOW(firmware_version, "%s\n", adapter->identity.firmware_version);
PVS_SYSFS_SHOW(option_rom_version, "%s\n", adapter->identity.option_rom_version);

/* What it uses */

static const char *pvs_sysfs_state(const struct pvs_adapter *adapter)
{
	switch (READ_ONCE(adapter->state)) {
	case PVS_STATE_RUNNING:
		return "running";
	case PVS_STATE_PAUSED:
		return "paused";
	default:
		return "stopped";
	}
}

PVS_SYSFS_SHOW(adapter_state, "%s\n", pvs_sysfs_state(adapter));
PVS_SYSFS_SHOW(targets, "%u\n", adapter->shost->max_id);
PVS_SYSFS_SHOW(targets_source, "%s\n", adapter->targets_source);
PVS_SYSFS_SHOW(ring_pages, "%u\n", adapter->shared_req.pages);
PVS_SYSFS_SHOW(ring_limit, "%s\n", adapter->limit ? adapter->limit : "none");
PVS_SYSFS_SHOW(msg_ring_pages, "%u\n",
	       READ_ONCE(adapter->has_msg_ring) ? adapter->shared_msg.pages : 0);
PVS_SYSFS_SHOW(req_threshold, "%u\n", READ_ONCE(adapter->has_threshold));
PVS_SYSFS_SHOW(interrupt_mode, "%s\n", pvs_irq_mode(adapter));

/* One group: before Linux 5.17 the array of a host's groups is short. */
static struct attribute *pvs_sysfs_host_attrs[] = {
	&dev_attr_node_wwn.attr,
	&dev_attr_manufacturer.attr,
	&dev_attr_serial_number.attr,
	&dev_attr_hardware_version.attr,
	&dev_attr_firmware_version.attr,
	&dev_attr_option_rom_version.attr,
	&dev_attr_adapter_state.attr,
	&dev_attr_targets.attr,
	&dev_attr_targets_source.attr,
	&dev_attr_ring_pages.attr,
	&dev_attr_ring_limit.attr,
	&dev_attr_msg_ring_pages.attr,
	&dev_attr_req_threshold.attr,
	&dev_attr_interrupt_mode.attr,
	NULL
};

static umode_t pvs_sysfs_host_visible(struct kobject *kobj, struct attribute *attr, int i)
{
	struct device *dev = container_of(kobj, struct device, kobj);
	const struct pvs_identity *identity = &pvs_sysfs_adapter(dev)->identity;
	/* In the order of the attributes; those that follow are always there. */
	const bool reported[] = {
		identity->node_wwn, *identity->manufacturer, *identity->serial_number,
		*identity->hardware_version, *identity->firmware_version,
		*identity->option_rom_version,
	};

	return i >= ARRAY_SIZE(reported) || reported[i] ? attr->mode : 0;
}

static const struct attribute_group pvs_sysfs_host_group = {
	.attrs = pvs_sysfs_host_attrs,
	.is_visible = pvs_sysfs_host_visible,
};

const struct attribute_group *pvs_sysfs_host_groups[] = { &pvs_sysfs_host_group, NULL };

/* A target's configuration page, as it is: its layout is not known */

static int pvs_sysfs_emit_hex(char *buf, const u8 *bytes, int size)
{
	int len = 0, at;

	for (at = 0; at < size; at += PVS_SYSFS_CHUNK)
		len += pvs_compat_emit_at(buf, len, "%*phN", min(size - at, PVS_SYSFS_CHUNK),
				     bytes + at);
	return len + pvs_compat_emit_at(buf, len, "\n");
}

static ssize_t pvs_sysfs_show_config_page(struct device *dev, struct device_attribute *attr,
					  char *buf)
{
	struct scsi_device *sdev = to_scsi_device(dev);
	u8 *page = kmalloc(PVSCSI_PAGE_SIZE, GFP_KERNEL);
	int ret;

	BUILD_BUG_ON(PVS_SYSFS_SHOWN * 2 + 1 > PAGE_SIZE);
	if (!page)
		return -ENOMEM;
	ret = pvs_config_read_target(pvs_owner_adapter(sdev->host), sdev->channel, sdev->id, page);
	if (ret > 0)
		ret = pvs_sysfs_emit_hex(buf, page, min(ret, PVS_SYSFS_SHOWN));
	kfree(page);
	return ret;
}
static DEVICE_ATTR(config_page, 0400, pvs_sysfs_show_config_page, NULL);

static struct attribute *pvs_sysfs_disk_attrs[] = { &dev_attr_config_page.attr, NULL };

static umode_t pvs_sysfs_disk_visible(struct kobject *kobj, struct attribute *attr, int i)
{
	struct scsi_device *sdev = to_scsi_device(container_of(kobj, struct device, kobj));

	return pvs_owner_adapter(sdev->host)->has_config ? attr->mode : 0;
}

static const struct attribute_group pvs_sysfs_disk_group = {
	.attrs = pvs_sysfs_disk_attrs,
	.is_visible = pvs_sysfs_disk_visible,
};

const struct attribute_group *pvs_sysfs_disk_groups[] = { &pvs_sysfs_disk_group, NULL };
