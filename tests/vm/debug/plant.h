/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Included before main.c in a test build: writing NAME to the module parameter plant executes the
 * bug of that name, once. The debug kernel must report each bug.
 */
#ifndef PVS_PLANT_H
#define PVS_PLANT_H

#include <linux/dma-mapping.h>
#include <linux/gfp.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/timer.h>

static DEFINE_SPINLOCK(pvs_plant_first);
static DEFINE_SPINLOCK(pvs_plant_second);
/* Volatile, so that the compiler cannot see the bugs and remove them. */
static volatile int pvs_plant_forty = 40;
static u8 *volatile pvs_plant_memory;
static int pvs_plant_table[4];
static struct pci_dev *pvs_plant_pdev;

static noinline void pvs_plant_lock_order(void)
{
	spin_lock(&pvs_plant_first);
	spin_lock(&pvs_plant_second);
	spin_unlock(&pvs_plant_second);
	spin_unlock(&pvs_plant_first);
	spin_lock(&pvs_plant_second);
	spin_lock(&pvs_plant_first);
	spin_unlock(&pvs_plant_first);
	spin_unlock(&pvs_plant_second);
}

static noinline void pvs_plant_lock_twice(void)
{
	/* Acquire it again for lockdep only, so that the machine does not deadlock. */
	spin_lock(&pvs_plant_first);
	lock_acquire(&pvs_plant_first.dep_map, 0, 0, 0, 1, NULL, _THIS_IP_);
	lock_release(&pvs_plant_first.dep_map, _THIS_IP_);
	spin_unlock(&pvs_plant_first);
}

static noinline void pvs_plant_sleep(void)
{
	spin_lock(&pvs_plant_first);
	kfree(kmalloc(96, GFP_KERNEL));
	spin_unlock(&pvs_plant_first);
}

static noinline void pvs_plant_shift(void)
{
	pr_info("plant: %d\n", 1 << pvs_plant_forty);
}

static noinline void pvs_plant_index(void)
{
	pr_info("plant: %d\n", pvs_plant_table[pvs_plant_forty / 10]);
}

static noinline void pvs_plant_freed_slab(void)
{
	pvs_plant_memory = kmalloc(96, GFP_KERNEL);
	kfree(pvs_plant_memory);
	pvs_plant_memory[40] = 1;
}

static noinline void pvs_plant_freed_page(void)
{
	pvs_plant_memory = (u8 *)__get_free_page(GFP_KERNEL);
	free_page((unsigned long)pvs_plant_memory);
	pvs_plant_memory[40] = 1;
}

static noinline void pvs_plant_past_the_end(void)
{
	pvs_plant_memory = kmalloc(40, GFP_KERNEL);
	pvs_plant_memory[pvs_plant_forty] = 1;
	kfree(pvs_plant_memory);
}

static noinline void pvs_plant_leak(void)
{
	/* Several objects, because kmemleak may still find a pointer to one on the stack. */
	int i;

	for (i = 0; i < 8; i++)
		pvs_plant_memory = kmalloc(96, GFP_KERNEL);
	pvs_plant_memory = NULL;
}

static void pvs_plant_expire(struct timer_list *timer)
{
}

static noinline void pvs_plant_timer(void)
{
	struct timer_list *timer = kmalloc(sizeof(*timer), GFP_KERNEL);

	timer_setup(timer, pvs_plant_expire, 0);
	mod_timer(timer, jiffies + 3600 * HZ);
	kfree(timer);
}

static noinline dma_addr_t pvs_plant_map(void)
{
	dma_addr_t addr;

	pvs_plant_memory = kmalloc(512, GFP_KERNEL);
	addr = dma_map_single(&pvs_plant_pdev->dev, pvs_plant_memory, 512, DMA_FROM_DEVICE);
	if (dma_mapping_error(&pvs_plant_pdev->dev, addr))
		pr_err("plant: no mapping\n"); /* DMA-API debugging reports a missing check */
	return addr;
}

static noinline void pvs_plant_dma_twice(void)
{
	dma_addr_t addr = pvs_plant_map();

	dma_unmap_single(&pvs_plant_pdev->dev, addr, 512, DMA_FROM_DEVICE);
	dma_unmap_single(&pvs_plant_pdev->dev, addr, 512, DMA_FROM_DEVICE);
	kfree(pvs_plant_memory);
}

static noinline void pvs_plant_dma_never(void)
{
	pvs_plant_map();
}

static noinline void pvs_plant_dma_direction(void)
{
	dma_unmap_single(&pvs_plant_pdev->dev, pvs_plant_map(), 512, DMA_TO_DEVICE);
	kfree(pvs_plant_memory);
}

static const struct {
	const char *name;
	void (*plant)(void);
} pvs_plants[] = {
	{ "lock-order", pvs_plant_lock_order },
	{ "lock-twice", pvs_plant_lock_twice },
	{ "sleep", pvs_plant_sleep },
	{ "shift", pvs_plant_shift },
	{ "index", pvs_plant_index },
	{ "freed-slab", pvs_plant_freed_slab },
	{ "freed-page", pvs_plant_freed_page },
	{ "past-the-end", pvs_plant_past_the_end },
	{ "leak", pvs_plant_leak },
	{ "timer", pvs_plant_timer },
	{ "dma-twice", pvs_plant_dma_twice },
	{ "dma-never", pvs_plant_dma_never },
	{ "dma-direction", pvs_plant_dma_direction },
};

static int pvs_plant_set(const char *name, const struct kernel_param *kp)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pvs_plants); i++) {
		if (!sysfs_streq(name, pvs_plants[i].name))
			continue;
		pvs_plant_pdev = pci_get_device(0x15ad, 0x07c0, NULL);
		if (!pvs_plant_pdev)
			return -ENODEV;
		pvs_plants[i].plant();
		pci_dev_put(pvs_plant_pdev);
		return 0;
	}
	return -EINVAL;
}

static const struct kernel_param_ops pvs_plant_ops = { .set = pvs_plant_set };
module_param_cb(plant, &pvs_plant_ops, NULL, 0200);

/* A source with its own pr_fmt defines it after this. */
#undef pr_fmt

#endif
