// SPDX-License-Identifier: GPL-2.0-only
/*
 * The PCI function: configuration space as on VMware (class SAS, an I/O window in BAR 0, the
 * registers in the 64-bit BAR 1, MSI-X and MSI), and the registers.
 */

#include <linux/pci_regs.h>
#include <time.h>
#include "pvscsi.h"

#define CONFIG_COMMAND		0x04
#define CONFIG_BAR0		0x10
#define CONFIG_PM		0x40
#define CONFIG_PM_STATE		(CONFIG_PM + 4)
#define CONFIG_MSI		0x50
#define CONFIG_MSIX		0x68
#define CONFIG_EXPRESS		0x80

#define BAR_IO			0
#define BAR_REGS		1

/* In the registers' BAR. */
#define MSIX_TABLE		0x6000
#define MSIX_PBA		0x7000

u64 now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ull + now.tv_nsec / 1000000;
}

/* Configuration space */

static void config_put(u8 *config, u32 offset, u32 len, u32 value)
{
	memcpy(config + offset, &value, len);
}

static void pvscsi_init_config(struct pvscsi *pvscsi)
{
	const struct pvscsi_options *options = &pvscsi->options;
	u8 *config = pvscsi->config;
	u32 next = 0x34;

	config_put(config, 0x00, 2, PVSCSI_PCI_VENDOR);
	config_put(config, 0x02, 2, PVSCSI_PCI_DEVICE);
	config_put(config, 0x06, 2, 0x0010);		/* has capabilities */
	config_put(config, 0x08, 1, options->revision);
	config_put(config, 0x0a, 2, 0x0107);		/* SAS */
	config_put(config, CONFIG_BAR0, 4, 0x1);	/* I/O */
	config_put(config, CONFIG_BAR0 + 4, 4, 0x4);	/* memory, 64 bits */
	config_put(config, 0x2c, 2, PVSCSI_PCI_VENDOR);
	config_put(config, 0x2e, 2, PVSCSI_PCI_DEVICE);
	config_put(config, 0x3d, 1, 1);			/* INTA */
	if (options->express) {
		config_put(config, next, 1, CONFIG_EXPRESS);
		config_put(config, CONFIG_EXPRESS, 1, 0x10);
		config_put(config, CONFIG_EXPRESS + 1, 1, CONFIG_PM);
		config_put(config, CONFIG_EXPRESS + 2, 2, 0x0002);	/* an endpoint */
		config_put(config, CONFIG_EXPRESS + 4, 4, 0x8000);	/* role-based errors, no FLR */
		config_put(config, CONFIG_EXPRESS + 12, 4, 0x0011);	/* one lane of 2.5 GT/s */
		config_put(config, CONFIG_EXPRESS + 18, 2, 0x0011);
		config_put(config, CONFIG_PM, 1, 0x01);
		config_put(config, CONFIG_PM + 2, 2, 0x0003);
		config_put(config, CONFIG_PM_STATE, 2, 0x0008);	/* D0; keeps its state in D3 */
		next = CONFIG_PM + 1;
	}
	if (options->msi) {
		config_put(config, next, 1, CONFIG_MSI);
		config_put(config, CONFIG_MSI, 1, 0x05);
		config_put(config, CONFIG_MSI + 2, 2, 0x0080);	/* 64 bits, one vector */
		next = CONFIG_MSI + 1;
	}
	if (options->msix) {
		config_put(config, next, 1, CONFIG_MSIX);
		config_put(config, CONFIG_MSIX, 1, 0x11);
		config_put(config, CONFIG_MSIX + 2, 2, PVSCSI_VECTORS - 1);
		config_put(config, CONFIG_MSIX + 4, 4, MSIX_TABLE | BAR_REGS);
		config_put(config, CONFIG_MSIX + 8, 4, MSIX_PBA | BAR_REGS);
	}
}

/*
 * The hypervisor emulates the sizing of BARs and the capabilities; only the command register
 * matters here, and the power state.
 */
static void pvscsi_config_write(struct pvscsi *pvscsi, u64 offset, const void *data, u32 len)
{
	/* A kernel that restores the command register also writes the status register behind it. */
	if (offset >= CONFIG_COMMAND && offset < CONFIG_COMMAND + 2)
		memcpy(pvscsi->config + offset, data, min(len, (u32)(CONFIG_COMMAND + 2 - offset)));
	if (pvscsi->options.express && offset == CONFIG_PM_STATE)
		pvscsi->config[offset] = (pvscsi->config[offset] & ~3) | (*(const u8 *)data & 3);
}

/* Interrupts */

static void pvscsi_signal(struct pvscsi *pvscsi)
{
	struct vfu *vfu = &pvscsi->vfu;
	bool raised;

	if (vfu_irq_enabled(vfu, VFIO_PCI_MSIX_IRQ_INDEX))
		raised = vfu_raise(vfu, VFIO_PCI_MSIX_IRQ_INDEX, 0);
	else if (vfu_irq_enabled(vfu, VFIO_PCI_MSI_IRQ_INDEX))
		raised = vfu_raise(vfu, VFIO_PCI_MSI_IRQ_INDEX, 0);
	else
		raised = vfu_raise(vfu, VFIO_PCI_INTX_IRQ_INDEX, 0);
	pvscsi->counters.interrupts += raised;
}

void pvscsi_interrupt(struct pvscsi *pvscsi, u32 bits)
{
	pvscsi->intr_status |= bits;
	if (pvscsi->intr_status & pvscsi->intr_mask && !fault_interrupt(pvscsi))
		pvscsi_signal(pvscsi);
}

static void pvscsi_unmasked(void *device)
{
	struct pvscsi *pvscsi = device;

	/* INTx stays asserted until all of its causes are acknowledged. */
	if (pvscsi->intr_status & pvscsi->intr_mask)
		vfu_raise(&pvscsi->vfu, VFIO_PCI_INTX_IRQ_INDEX, 0);
}

/* Registers */

static void pvscsi_doorbell(struct pvscsi *pvscsi)
{
	pvscsi->counters.doorbells++;
	if (!fault_doorbell(pvscsi))
		pvscsi_run(pvscsi);
}

static void pvscsi_reg_write(struct pvscsi *pvscsi, u64 offset, u32 value)
{
	if (fault_register_write(pvscsi, offset, value))
		return;
	switch (offset) {
	case PVSCSI_REG_COMMAND:
		pvscsi_command(pvscsi, value);
		break;
	case PVSCSI_REG_COMMAND_DATA:
		pvscsi_command_word(pvscsi, value);
		break;
	case PVSCSI_REG_INTR_STATUS:
		pvscsi->intr_status &= ~value;
		break;
	case PVSCSI_REG_INTR_MASK:
		pvscsi->intr_mask = value;
		pvscsi_interrupt(pvscsi, 0);
		break;
	case PVSCSI_REG_KICK_NON_RW_IO:
	case PVSCSI_REG_KICK_RW_IO:
		pvscsi_doorbell(pvscsi);
		break;
	}
}

static u32 pvscsi_reg_read(struct pvscsi *pvscsi, u64 offset)
{
	u32 value = 0;

	switch (offset) {
	case PVSCSI_REG_COMMAND_STATUS:
		value = pvscsi->status;
		break;
	case PVSCSI_REG_INTR_STATUS:
		value = pvscsi->intr_status;
		break;
	case PVSCSI_REG_INTR_MASK:
		value = pvscsi->intr_mask;
		break;
	}
	return fault_register_read(pvscsi, offset, value);
}

/* Is the function still absent after a reset? */
static bool pvscsi_is_absent(const struct pvscsi *pvscsi)
{
	return pvscsi->absent_until && now_ms() < pvscsi->absent_until;
}

/*
 * While the function is absent, all reads are ones except for the vendor ID. Vendor ID 1 means "not
 * ready yet" to a kernel that has enabled this in the root port. Only the registers that a kernel
 * checks are replaced, because the hypervisor needs the others.
 */
static void pvscsi_config_read(const struct pvscsi *pvscsi, u64 offset, u8 *data, u32 len)
{
	u32 i;

	memcpy(data, pvscsi->config + offset, len);
	for (i = 0; pvscsi_is_absent(pvscsi) && i < len && offset + i < CONFIG_COMMAND + 4; i++)
		data[i] = offset + i == 0 ? 0x01 : offset + i == 1 ? 0x00 : 0xff;
}

static void pvscsi_region_read(void *device, u32 region, u64 offset, void *data, u32 len)
{
	struct pvscsi *pvscsi = device;
	u32 value = 0;

	memset(data, 0, len);
	if (region == VFIO_PCI_CONFIG_REGION_INDEX) {
		pvscsi_config_read(pvscsi, offset, data, len);
	} else if (pvscsi_is_absent(pvscsi)) {
		memset(data, 0xff, len);
	} else if (region == BAR_REGS && len == sizeof(value) && offset < MSIX_TABLE) {
		value = pvscsi_reg_read(pvscsi, offset);
		memcpy(data, &value, sizeof(value));
	}
}

static void pvscsi_region_write(void *device, u32 region, u64 offset, const void *data, u32 len)
{
	struct pvscsi *pvscsi = device;
	u32 value;

	if (pvscsi_is_absent(pvscsi))
		return;
	if (region == VFIO_PCI_CONFIG_REGION_INDEX) {
		pvscsi_config_write(pvscsi, offset, data, len);
	} else if (region == BAR_REGS && len == sizeof(value) && offset < MSIX_TABLE) {
		memcpy(&value, data, sizeof(value));
		pvscsi_reg_write(pvscsi, offset, value);
	}
}

void pvscsi_power_on(struct pvscsi *pvscsi)
{
	pvscsi_adapter_reset(pvscsi);
	pvscsi->intr_mask = 0;
	pvscsi->intr_status = 0;
	pvscsi->command = 0;
	pvscsi->status = 0;
	config_put(pvscsi->config, CONFIG_COMMAND, 2, 0);
	pvscsi->config[CONFIG_PM_STATE] &= ~3;
}

static void pvscsi_reset(void *device)
{
	struct pvscsi *pvscsi = device;

	pvscsi->counters.function_resets++;
	fault_function_reset(pvscsi);
	pvscsi_power_on(pvscsi);
	pvscsi->absent_until = pvscsi->slow_reset ? now_ms() + pvscsi->slow_reset : 0;
}

static struct vfu_ops pvscsi_ops = {
	.region_size = {
		[BAR_IO] = 8,
		[BAR_REGS] = PVSCSI_REG_SPACE,
		[VFIO_PCI_CONFIG_REGION_INDEX] = PCI_CFG_SPACE_SIZE,
	},
	.irq_count = { [VFIO_PCI_INTX_IRQ_INDEX] = 1 },
	.read = pvscsi_region_read,
	.write = pvscsi_region_write,
	.reset = pvscsi_reset,
	.unmasked = pvscsi_unmasked,
};

void pvscsi_init(struct pvscsi *pvscsi, const char *socket, const struct pvscsi_options *options)
{
	pvscsi->options = *options;
	pvscsi_init_config(pvscsi);
	if (options->express)
		pvscsi_ops.region_size[VFIO_PCI_CONFIG_REGION_INDEX] = PCI_CFG_SPACE_EXP_SIZE;
	pvscsi_ops.irq_count[VFIO_PCI_MSI_IRQ_INDEX] = options->msi;
	pvscsi_ops.irq_count[VFIO_PCI_MSIX_IRQ_INDEX] = options->msix ? PVSCSI_VECTORS : 0;
	vfu_listen(&pvscsi->vfu, socket, &pvscsi_ops, pvscsi);
	pvscsi_power_on(pvscsi);
}
