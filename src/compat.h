/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The only file with code for older kernels. Each block names the release that
 * made the change; delete the block when that release is the oldest supported.
 * HAVE_... comes from a probe in probes.h. All names have our own prefix: a kernel
 * name defined here would collide when a kernel backports it.
 *
 * The oldest kernels are Linux 4.4 and RHEL 7's 3.10; docs/kernels.md has the list.
 * RHEL's kernels have the interfaces of many releases: their own number says nothing.
 */
#ifndef PVS_COMPAT_H
#define PVS_COMPAT_H

#include <linux/blkdev.h>
#include <linux/blk-mq.h>
#include <linux/dma-mapping.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/pci.h>
#include <linux/sysfs.h>
#include <scsi/scsi_cmnd.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>
#include <scsi/scsi_tcq.h>

#ifndef HAVE_PROBES
#error "The driver was not compiled through src/Kbuild, which finds out what this kernel has"
#endif

/* A probe that answers wrongly must not go unnoticed: these compile in both forms. */
#if defined(ENABLE_CLUSTERING) && !defined(HAVE_USE_CLUSTERING)
#error "The probe of use_clustering is wrong: every page would be a segment"
#endif
#if defined(SCMD_LAST) != defined(HAVE_COMMIT_RQS)
#error "SCMD_LAST without commit_rqs, or commit_rqs without SCMD_LAST: no doorbell would come"
#endif

/* Interrupts */

/*
 * 6.8: PCI_IRQ_LEGACY became PCI_IRQ_INTX. 4.8, and RHEL 7: pci_alloc_irq_vectors(). Without
 * it MSI-X is not used.
 */
#if defined(PCI_IRQ_INTX)
#define PVS_COMPAT_IRQ_INTX PCI_IRQ_INTX
#elif defined(PCI_IRQ_LEGACY)
#define PVS_COMPAT_IRQ_INTX PCI_IRQ_LEGACY
#endif
static inline int pvs_compat_irq_alloc(struct pci_dev *pdev, bool msi, bool msix)
{
#ifdef PVS_COMPAT_IRQ_INTX
	return pci_alloc_irq_vectors(pdev, 1, 1, PVS_COMPAT_IRQ_INTX | (msi ? PCI_IRQ_MSI : 0) |
				     (msix ? PCI_IRQ_MSIX : 0));
#else
	/* If this fails, the interrupt is the line. */
	if (msi)
		pci_enable_msi(pdev);
	return 1;
#endif
}

static inline int pvs_compat_irq(struct pci_dev *pdev)
{
#ifdef PVS_COMPAT_IRQ_INTX
	return pci_irq_vector(pdev, 0);
#else
	return pdev->irq;
#endif
}

static inline void pvs_compat_irq_free(struct pci_dev *pdev)
{
#ifdef PVS_COMPAT_IRQ_INTX
	pci_free_irq_vectors(pdev);
#else
	pci_disable_msi(pdev);
#endif
}

/* Commands */

/* 7.0: queuecommand returns enum scsi_qc_status. Before 7.0: int. */
typedef typeof(((struct scsi_host_template *)0)->queuecommand(NULL, NULL)) pvs_compat_qc_t;

/*
 * 5.16: the function scsi_done() replaced the pointer cmd->scsi_done. If both
 * exist, use the pointer: the old error handler replaces it temporarily.
 */
static inline void pvs_compat_scsi_done(struct scsi_cmnd *cmd)
{
#if defined(HAVE_CMND_SCSI_DONE)
	cmd->scsi_done(cmd);
#elif defined(HAVE_SCSI_DONE)
	scsi_done(cmd);
#else
#error "Neither scsi_done() nor cmd->scsi_done was found. Tested kernels: README.md"
#endif
}

/*
 * 5.17: scsi_done_direct() completes a command at once. scsi_done() leaves it to a softirq if the
 * host has one hardware queue, because another CPU may have submitted it.
 */
static inline void pvs_compat_scsi_done_direct(struct scsi_cmnd *cmd)
{
#ifdef HAVE_SCSI_DONE_DIRECT
	scsi_done_direct(cmd);
#else
	pvs_compat_scsi_done(cmd);
#endif
}

/* 6.2: eh_timed_out returns enum scsi_timeout_action. Before 6.2: blk-mq's type. */
#ifdef HAVE_SCSI_TIMEOUT_ACTION
typedef enum scsi_timeout_action pvs_compat_eh_timer_t;
#define PVS_COMPAT_EH_RESET_TIMER SCSI_EH_RESET_TIMER
#define PVS_COMPAT_EH_NOT_HANDLED SCSI_EH_NOT_HANDLED
#else
typedef enum blk_eh_timer_return pvs_compat_eh_timer_t;
#define PVS_COMPAT_EH_RESET_TIMER BLK_EH_RESET_TIMER
/* 4.18: BLK_EH_DONE replaced BLK_EH_NOT_HANDLED, which is what it means to those midlayers. */
#ifdef HAVE_BLK_EH_DONE
#define PVS_COMPAT_EH_NOT_HANDLED BLK_EH_DONE
#else
#define PVS_COMPAT_EH_NOT_HANDLED BLK_EH_NOT_HANDLED
#endif
#endif

/* 5.15: scsi_cmd_to_rq() replaced cmd->request. */
static inline struct request *pvs_compat_request(struct scsi_cmnd *cmd)
{
#if defined(HAVE_SCSI_CMD_TO_RQ)
	return scsi_cmd_to_rq(cmd);
#elif defined(HAVE_CMND_REQUEST)
	return cmd->request;
#else
#error "Neither scsi_cmd_to_rq() nor cmd->request was found. Tested kernels: README.md"
#endif
}

/*
 * Unique in the host and below can_queue, also before 5.0, on the legacy request path:
 * 4.4 and newer give every disk the host's tags. For RHEL 7 see PVS_COMPAT_QUEUE_DEPTH.
 */
static inline int pvs_compat_tag(struct scsi_cmnd *cmd)
{
	return pvs_compat_request(cmd)->tag;
}

/* 4.11: the operation replaced the type of a request. */
static inline bool pvs_compat_is_passthrough(struct scsi_cmnd *cmd)
{
#ifdef HAVE_REQUEST_CMD_TYPE
	return pvs_compat_request(cmd)->cmd_type != REQ_TYPE_FS;
#else
	return blk_rq_is_passthrough(pvs_compat_request(cmd));
#endif
}

/* 5.14: removed the driver byte of the result. */
#ifdef DRIVER_SENSE
#define PVS_COMPAT_SENSE_RESULT (DRIVER_SENSE << 24)
#else
#define PVS_COMPAT_SENSE_RESULT 0
#endif

/* Hosts and disks */

/*
 * 5.0: removed use_clustering, which is always on since. Without it each page is a segment:
 * nothing fails, but a command has 256 segments where it could have 16.
 */
#ifdef HAVE_USE_CLUSTERING
#define PVS_COMPAT_CLUSTERING .use_clustering = ENABLE_CLUSTERING,
#else
#define PVS_COMPAT_CLUSTERING
#endif

/* 5.0: added max_segment_size. Before 5.0 a segment has 64 KiB at most. */
#ifdef HAVE_MAX_SEGMENT_SIZE
#define PVS_COMPAT_MAX_SEGMENT_SIZE(size) .max_segment_size = (size),
#else
#define PVS_COMPAT_MAX_SEGMENT_SIZE(size)
#endif

/*
 * 3.19: change_queue_depth has no reason, and track_queue_depth tracks QUEUE FULL. RHEL 7 has
 * a reason. It also has use_host_wide_tags: without that its default, the legacy request
 * path, gives commands no tags, and the driver finds no disk.
 */
#if defined(HAVE_SCSI_CHANGE_QUEUE_DEPTH)
#define PVS_COMPAT_QUEUE_DEPTH \
	.change_queue_depth = scsi_change_queue_depth, .track_queue_depth = 1,
#elif defined(HAVE_HOST_WIDE_TAGS)
static inline int pvs_compat_change_queue_depth(struct scsi_device *sdev, int depth, int reason)
{
	if (reason == SCSI_QDEPTH_QFULL)
		scsi_track_queue_full(sdev, depth);
	else
		scsi_adjust_queue_depth(sdev, scsi_get_tag_type(sdev),
					min(depth, sdev->host->can_queue));
	return sdev->queue_depth;
}
#define PVS_COMPAT_QUEUE_DEPTH \
	.change_queue_depth = pvs_compat_change_queue_depth, .use_host_wide_tags = 1,
#else
#error "This kernel is too old: the oldest are Linux 4.4 and RHEL 7's"
#endif

/*
 * 5.0: removed the legacy request path, which takes the timeout from the disk's queue, and
 * which an administrator can choose (scsi_mod.use_blk_mq=0). Since then the timeout of the
 * host's tags is that of its disks. RHEL 8 does not have that path either.
 */
#ifdef HAVE_LEGACY_PATH
#define PVS_COMPAT_SLAVE_CONFIGURE(fn) .slave_configure = (fn),
static inline void pvs_compat_disk_timeout(struct Scsi_Host *shost, unsigned int timeout)
{
}
static inline void pvs_compat_queue_timeout(struct scsi_device *sdev, unsigned int timeout)
{
	blk_queue_rq_timeout(sdev->request_queue, timeout);
}
#else
#define PVS_COMPAT_SLAVE_CONFIGURE(fn)
static inline void pvs_compat_disk_timeout(struct Scsi_Host *shost, unsigned int timeout)
{
	shost->tag_set.timeout = timeout;
}
static inline void pvs_compat_queue_timeout(struct scsi_device *sdev, unsigned int timeout)
{
}
#endif

/*
 * 5.14: a host can request that its disks start without an I/O scheduler. Before
 * 5.14 they start with mq-deadline, the default for disks with one queue.
 */
static inline void pvs_compat_no_scheduler(struct Scsi_Host *shost)
{
#ifdef HAVE_NO_SCHED_BY_DEFAULT
	shost->tag_set.flags |= BLK_MQ_F_NO_SCHED_BY_DEFAULT;
#endif
}

/*
 * 5.16: hardware queues share both the tags and one set of requests. From 5.10 on
 * they share the tags, but each queue allocates requests for all tags. Before 5.10
 * each queue also has separate tags.
 */
static inline void pvs_compat_hw_queues(struct Scsi_Host *shost, u32 queues)
{
#if defined(HAVE_SHARED_TAGS) && defined(HAVE_HOST_TAGSET)
	shost->host_tagset = 1;
	shost->nr_hw_queues = queues;
#endif
}

/*
 * 4.10 (seen on 5.10): the kernel does not log each mapping for which it has no bounce buffer. The
 * command is retried, and counted. pvs_compat_map_list() returns 0 or less if the mapping failed.
 */
static inline dma_addr_t pvs_compat_map_page(struct device *dev, const struct scsi_cmnd *scmd,
					     struct scatterlist *segment)
{
#ifdef HAVE_DMA_NO_WARN
	return dma_map_page_attrs(dev, sg_page(segment), segment->offset, segment->length,
				  scmd->sc_data_direction, DMA_ATTR_NO_WARN);
#else
	return dma_map_page(dev, sg_page(segment), segment->offset, segment->length,
			    scmd->sc_data_direction);
#endif
}

static inline int pvs_compat_map_list(struct device *dev, struct scsi_cmnd *scmd)
{
#ifdef HAVE_DMA_NO_WARN
	return dma_map_sg_attrs(dev, scsi_sglist(scmd), scsi_sg_count(scmd),
				scmd->sc_data_direction, DMA_ATTR_NO_WARN);
#else
	return scsi_dma_map(scmd);
#endif
}

/*
 * 6.16: dma_need_unmap() is false while no mapping of the device needs to be undone: there is no
 * IOMMU and no bounce buffer, and the device is coherent. Call it after the mapping.
 */
static inline bool pvs_compat_needs_unmap(struct device *dev)
{
#ifdef HAVE_DMA_NEED_UNMAP
	return dma_need_unmap(dev);
#else
	return true;
#endif
}

/*
 * 6.6, and 6.1 stable updates: scsi_rescan_device() takes the SCSI device. 6.8: it returns
 * -EWOULDBLOCK for a suspended disk; the caller tries again later.
 */
static inline int pvs_compat_rescan_device(struct scsi_device *sdev)
{
#if defined(HAVE_RESCAN_DEV)
	scsi_rescan_device(&sdev->sdev_gendev);
	return 0;
#elif defined(HAVE_RESCAN_INT)
	return scsi_rescan_device(sdev);
#else
	scsi_rescan_device(sdev);
	return 0;
#endif
}

/* 4.17: struct scsi_host_template has groups for the disks. Before 4.17 they have no such files. */
#ifdef HAVE_SDEV_GROUPS
#define PVS_COMPAT_DISK_GROUPS(groups) .sdev_groups = (groups),
#else
#define PVS_COMPAT_DISK_GROUPS(groups)
#endif

/*
 * 5.16: struct scsi_host_template has groups of attributes for the host. Before 5.16 it has a list,
 * of which no attribute can be absent, so the groups are added to the host; they disappear with it.
 */
#ifdef HAVE_SHOST_GROUPS
#define PVS_COMPAT_HOST_GROUPS(groups) .shost_groups = (groups),
static inline int pvs_compat_add_host_groups(struct Scsi_Host *shost,
					     const struct attribute_group **groups)
{
	return 0;
}
#else
#define PVS_COMPAT_HOST_GROUPS(groups)
static inline int pvs_compat_add_host_groups(struct Scsi_Host *shost,
					     const struct attribute_group **groups)
{
	return sysfs_create_groups(&shost->shost_dev.kobj, groups);
}
#endif

/* Batches */

/* 5.4: added commit_rqs and SCMD_LAST. Before 5.4 every command is the last of its batch. */
#ifdef SCMD_LAST
#define PVS_COMPAT_COMMIT_RQS(fn) .commit_rqs = (fn),
static inline bool pvs_compat_is_last(const struct scsi_cmnd *cmd)
{
	return cmd->flags & SCMD_LAST;
}
/*
 * Make the command the last of its batch, as the midlayer does for commands of its error
 * handler. The midlayer initialises the flags again for every submission.
 */
static inline void pvs_compat_make_last(struct scsi_cmnd *cmd)
{
	cmd->flags |= SCMD_LAST;
}
#else
#define PVS_COMPAT_COMMIT_RQS(fn)
static inline bool pvs_compat_is_last(const struct scsi_cmnd *cmd)
{
	return true;
}
static inline void pvs_compat_make_last(struct scsi_cmnd *cmd)
{
}
#endif

/* Compiler */

/*
 * 6.12, and updates of older series: added __uninitialized. It keeps the compiler from zeroing a
 * variable on the stack, which it does under CONFIG_INIT_STACK_ALL_ZERO.
 */
#ifdef __uninitialized
#define PVS_COMPAT_UNINITIALIZED __uninitialized
#else
#define PVS_COMPAT_UNINITIALIZED
#endif

/* PCI device and module */

/*
 * Added between 5.10 and 6.1: struct pci_driver has dev_groups, and the PCI core
 * overwrites .driver.dev_groups with it. Added in 5.4: .driver.dev_groups. Before 5.4 the
 * driver creates the files: there is one group.
 */
#if defined(HAVE_PCI_DEV_GROUPS)
#define PVS_COMPAT_DEV_GROUPS(groups) .dev_groups = (groups),
#elif defined(HAVE_DRIVER_DEV_GROUPS)
#define PVS_COMPAT_DEV_GROUPS(groups) .driver.dev_groups = (groups),
#else
#define PVS_COMPAT_DEV_GROUPS(groups)
#define PVS_COMPAT_CREATES_GROUPS
#endif
static inline int pvs_compat_add_groups(struct device *dev, const struct attribute_group **groups)
{
#ifdef PVS_COMPAT_CREATES_GROUPS
	return sysfs_create_group(&dev->kobj, groups[0]);
#else
	return 0;
#endif
}

static inline void pvs_compat_remove_groups(struct device *dev,
					    const struct attribute_group **groups)
{
#ifdef PVS_COMPAT_CREATES_GROUPS
	sysfs_remove_group(&dev->kobj, groups[0]);
#endif
}

/* 5.10 and stable updates of older series: added sysfs_emit(), sysfs_emit_at(). */
#ifdef HAVE_SYSFS_EMIT
#define pvs_compat_emit sysfs_emit
#define pvs_compat_emit_at sysfs_emit_at
#else
#define pvs_compat_emit(buf, ...) scnprintf(buf, PAGE_SIZE, __VA_ARGS__)
#define pvs_compat_emit_at(buf, at, ...) scnprintf((buf) + (at), PAGE_SIZE - (at), __VA_ARGS__)
#endif

/* 5.1: added dma_max_mapping_size(). RHEL 7 has it too, and returns 0 for "no limit". */
static inline size_t pvs_compat_max_mapping_size(struct device *dev)
{
#ifdef HAVE_DMA_MAX_MAPPING_SIZE
	size_t max = dma_max_mapping_size(dev);

	return max ? max : SIZE_MAX;
#else
	return SIZE_MAX;
#endif
}

/* 5.0: totalram_pages became a function. Before 5.0 it is a variable. */
static inline unsigned long pvs_compat_totalram_pages(void)
{
#ifdef HAVE_TOTALRAM_PAGES
	return totalram_pages();
#else
	return totalram_pages;
#endif
}

/*
 * 4.13: added reset_prepare and reset_done. Before 4.13 a reset of the function is unnoticed,
 * until commands time out and the error handler sets the device up again.
 */
#ifdef HAVE_RESET_PREPARE
#define PVS_COMPAT_RESET_PREPARE(fn) .reset_prepare = (fn),
#define PVS_COMPAT_RESET_DONE(fn) .reset_done = (fn),
#else
#define PVS_COMPAT_RESET_PREPARE(fn)
#define PVS_COMPAT_RESET_DONE(fn)
#endif

/* 3.17: added the flag. Without it a parameter needs a value, or the module is refused. */
#ifdef HAVE_PARAM_NOARG
#define PVS_COMPAT_PARAM_NOARG .flags = KERNEL_PARAM_OPS_FL_NOARG,
#else
#define PVS_COMPAT_PARAM_NOARG
#endif

#endif
