/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The only file with code for older kernels. Each block names the release that
 * made the change; delete the block when that release is the oldest supported.
 * HAVE_... comes from a probe in probes.h. All names have our own prefix: a kernel
 * name defined here would collide when a kernel backports it.
 */
#ifndef PVS_COMPAT_H
#define PVS_COMPAT_H

#include <linux/blk-mq.h>
#include <linux/pci.h>
#include <scsi/scsi_cmnd.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>

#ifndef HAVE_PROBES
#error "The driver was not compiled through src/Kbuild, which finds out what this kernel has"
#endif

/* 7.0: queuecommand returns enum scsi_qc_status. Before 7.0: int. */
typedef typeof(((struct scsi_host_template *)0)->queuecommand(NULL, NULL)) pvs_compat_qc_t;

/* 6.8: PCI_IRQ_LEGACY became PCI_IRQ_INTX. */
#ifdef PCI_IRQ_INTX
#define PVS_COMPAT_IRQ_INTX PCI_IRQ_INTX
#else
#define PVS_COMPAT_IRQ_INTX PCI_IRQ_LEGACY
#endif

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
#error "Neither scsi_done() nor cmd->scsi_done was found. Tested kernels: 5.10 to 7.3."
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
/* To those midlayers this value means "not handled". */
#define PVS_COMPAT_EH_NOT_HANDLED BLK_EH_DONE
#endif

/* 5.15: scsi_cmd_to_rq() replaced cmd->request. */
static inline struct request *pvs_compat_request(struct scsi_cmnd *cmd)
{
#if defined(HAVE_SCSI_CMD_TO_RQ)
	return scsi_cmd_to_rq(cmd);
#elif defined(HAVE_CMND_REQUEST)
	return cmd->request;
#else
#error "Neither scsi_cmd_to_rq() nor cmd->request was found. Tested kernels: 5.10 to 7.3."
#endif
}

static inline int pvs_compat_tag(struct scsi_cmnd *cmd)
{
	return pvs_compat_request(cmd)->tag;
}

/* 5.14: removed the driver byte of the result. */
#ifdef DRIVER_SENSE
#define PVS_COMPAT_SENSE_RESULT (DRIVER_SENSE << 24)
#else
#define PVS_COMPAT_SENSE_RESULT 0
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
#ifdef HAVE_SHARED_TAGS
	shost->host_tagset = 1;
	shost->nr_hw_queues = queues;
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

/*
 * Added between 5.10 and 6.1: struct pci_driver has dev_groups, and the PCI core
 * overwrites .driver.dev_groups with it.
 */
#ifdef HAVE_PCI_DEV_GROUPS
#define PVS_COMPAT_DEV_GROUPS(groups) .dev_groups = (groups),
#else
#define PVS_COMPAT_DEV_GROUPS(groups) .driver.dev_groups = (groups),
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

#endif
