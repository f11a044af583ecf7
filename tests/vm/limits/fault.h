/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Included before each source of the driver in a test build: the fail_nth-th acquisition of a
 * resource fails. Held resources are counted, so that a leak shows. One object (built with
 * PVS_FAULT_OWNER) owns the counters.
 */
#ifndef PVS_FAULT_H
#define PVS_FAULT_H

#include <linux/atomic.h>
#include <linux/crash_dump.h>
#include <linux/dma-mapping.h>
#include <linux/dmapool.h>
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>
#include <scsi/scsi_host.h>

extern int pvs_fault_nth;
extern atomic_t pvs_fault_held;

#ifdef PVS_FAULT_OWNER
int pvs_fault_nth;
atomic_t pvs_fault_held = ATOMIC_INIT(0);
module_param_named(fail_nth, pvs_fault_nth, int, 0644);

static int pvs_fault_held_get(char *buffer, const struct kernel_param *kp)
{
	return scnprintf(buffer, PAGE_SIZE, "%d\n", atomic_read(&pvs_fault_held));
}

static const struct kernel_param_ops pvs_fault_held_ops = { .get = pvs_fault_held_get };
module_param_cb(held, &pvs_fault_held_ops, NULL, 0444);
#endif

/* Counts down to the acquisition that fails; with 0 and below, none fails. */
static inline bool pvs_fault_due(void)
{
	if (pvs_fault_nth <= 0 || --pvs_fault_nth)
		return false;
	pr_info("fault: this acquisition fails\n");
	return true;
}

#define PVS_FAULT_ACQUIRE(type, name, failure, ok, parameters, arguments)	\
	static inline type pvs_fault_##name parameters				\
	{									\
		type ret_ = pvs_fault_due() ? failure : name arguments;		\
		if (ok)								\
			atomic_inc(&pvs_fault_held);				\
		return ret_;							\
	}

#define PVS_FAULT_RELEASE(name, held, parameters, arguments)			\
	static inline void pvs_fault_##name parameters				\
	{									\
		if (held)							\
			atomic_dec(&pvs_fault_held);				\
		name arguments;							\
	}

PVS_FAULT_ACQUIRE(struct Scsi_Host *, scsi_host_alloc, NULL, ret_,
		  (struct scsi_host_template *t, int size), (t, size))
PVS_FAULT_RELEASE(scsi_host_put, true, (struct Scsi_Host *h), (h))
PVS_FAULT_ACQUIRE(int, scsi_add_host, -ENOMEM, false,
		  (struct Scsi_Host *h, struct device *d), (h, d))
PVS_FAULT_ACQUIRE(int, pci_enable_device_mem, -EIO, !ret_, (struct pci_dev *p), (p))
PVS_FAULT_RELEASE(pci_disable_device, true, (struct pci_dev *p), (p))
PVS_FAULT_ACQUIRE(int, pci_request_region, -EBUSY, !ret_,
		  (struct pci_dev *p, int bar, const char *n), (p, bar, n))
PVS_FAULT_RELEASE(pci_release_region, true, (struct pci_dev *p, int bar), (p, bar))
PVS_FAULT_ACQUIRE(void __iomem *, pci_iomap, NULL, ret_,
		  (struct pci_dev *p, int bar, unsigned long n), (p, bar, n))
PVS_FAULT_RELEASE(pci_iounmap, true, (struct pci_dev *p, void __iomem *a), (p, a))
PVS_FAULT_ACQUIRE(int, pci_alloc_irq_vectors, -ENOSPC, ret_ > 0,
		  (struct pci_dev *p, unsigned int lo, unsigned int hi, unsigned int f),
		  (p, lo, hi, f))
PVS_FAULT_RELEASE(pci_free_irq_vectors, true, (struct pci_dev *p), (p))
PVS_FAULT_ACQUIRE(int, request_irq, -ENOMEM, !ret_,
		  (unsigned int irq, irq_handler_t h, unsigned long f, const char *n, void *d),
		  (irq, h, f, n, d))
PVS_FAULT_RELEASE(free_irq, true, (unsigned int irq, void *d), (irq, d))
PVS_FAULT_ACQUIRE(void *, dma_alloc_coherent, NULL, ret_,
		  (struct device *d, size_t n, dma_addr_t *a, gfp_t g), (d, n, a, g))
PVS_FAULT_RELEASE(dma_free_coherent, va,
		  (struct device *d, size_t n, void *va, dma_addr_t a), (d, n, va, a))
PVS_FAULT_ACQUIRE(struct dma_pool *, dma_pool_create, NULL, ret_,
		  (const char *n, struct device *d, size_t s, size_t a, size_t b),
		  (n, d, s, a, b))
PVS_FAULT_RELEASE(dma_pool_destroy, p, (struct dma_pool *p), (p))
PVS_FAULT_ACQUIRE(void *, dma_pool_alloc, NULL, ret_,
		  (struct dma_pool *p, gfp_t f, dma_addr_t *a), (p, f, a))
PVS_FAULT_RELEASE(dma_pool_free, true, (struct dma_pool *p, void *va, dma_addr_t a), (p, va, a))
PVS_FAULT_ACQUIRE(void *, vzalloc_node, NULL, ret_, (unsigned long n, int node), (n, node))
PVS_FAULT_RELEASE(vfree, va, (const void *va), (va))
PVS_FAULT_ACQUIRE(void *, kzalloc_node, NULL, ret_, (size_t n, gfp_t f, int node), (n, f, node))
PVS_FAULT_ACQUIRE(void *, kmalloc, NULL, ret_, (size_t n, gfp_t f), (n, f))
PVS_FAULT_RELEASE(kfree, va, (const void *va), (va))

/*
 * alloc_workqueue is variadic, so it needs its own wrapper. The driver passes one extra argument.
 */
static inline struct workqueue_struct *pvs_fault_alloc_workqueue(const char *format,
								 unsigned int flags, int max,
								 unsigned int arg)
{
	struct workqueue_struct *wq;

	if (pvs_fault_due())
		return NULL;
	wq = alloc_workqueue(format, flags, max, arg);
	if (wq)
		atomic_inc(&pvs_fault_held);
	return wq;
}
PVS_FAULT_RELEASE(destroy_workqueue, true, (struct workqueue_struct *w), (w))

/* A source with its own pr_fmt defines it after this. */
#undef pr_fmt

#undef scsi_add_host
#undef scsi_host_alloc
#undef pci_request_region
#undef alloc_workqueue
#undef dma_alloc_coherent
#undef dma_pool_create
#undef vzalloc_node
#undef kzalloc_node
#undef kmalloc
#define kmalloc pvs_fault_kmalloc
#define scsi_host_alloc pvs_fault_scsi_host_alloc
#define scsi_host_put pvs_fault_scsi_host_put
#define scsi_add_host pvs_fault_scsi_add_host
#define pci_enable_device_mem pvs_fault_pci_enable_device_mem
#define pci_disable_device pvs_fault_pci_disable_device
#define pci_request_region pvs_fault_pci_request_region
#define pci_release_region pvs_fault_pci_release_region
#define pci_iomap pvs_fault_pci_iomap
#define pci_iounmap pvs_fault_pci_iounmap
#define pci_alloc_irq_vectors pvs_fault_pci_alloc_irq_vectors
#define pci_free_irq_vectors pvs_fault_pci_free_irq_vectors
#define request_irq pvs_fault_request_irq
#define free_irq pvs_fault_free_irq
#define dma_alloc_coherent pvs_fault_dma_alloc_coherent
#define dma_free_coherent pvs_fault_dma_free_coherent
#define dma_pool_create pvs_fault_dma_pool_create
#define dma_pool_destroy pvs_fault_dma_pool_destroy
#define dma_pool_alloc pvs_fault_dma_pool_alloc
#define dma_pool_free pvs_fault_dma_pool_free
#define vzalloc_node pvs_fault_vzalloc_node
#define vfree pvs_fault_vfree
#define kzalloc_node pvs_fault_kzalloc_node
#define kfree pvs_fault_kfree
#define alloc_workqueue pvs_fault_alloc_workqueue
#define destroy_workqueue pvs_fault_destroy_workqueue

#endif
