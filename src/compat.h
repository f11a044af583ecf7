/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The only file that knows older kernels. Each block is headed by the release
 * that made the change; delete it when that release is the oldest supported.
 * HAVE_... comes from a probe in Kbuild. Names are ours: a kernel name defined
 * here would collide with the next backport.
 */
#ifndef PVS_COMPAT_H
#define PVS_COMPAT_H

#include <linux/blk-mq.h>
#include <linux/pci.h>
#include <scsi/scsi_cmnd.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>

#ifndef HAVE_PROBES
#error "The probes in Kbuild do not compile: the headers of this kernel are incomplete or its compiler is missing. Install the linux-headers package of exactly this kernel."
#endif

/* 7.0: queuecommand returns enum scsi_qc_status, before that int. */
typedef typeof(((struct scsi_host_template *)0)->queuecommand(NULL, NULL)) pvs_compat_qc_t;

/* 6.8: PCI_IRQ_LEGACY became PCI_IRQ_INTX. */
#ifdef PCI_IRQ_INTX
#define PVS_COMPAT_IRQ_INTX PCI_IRQ_INTX
#else
#define PVS_COMPAT_IRQ_INTX PCI_IRQ_LEGACY
#endif

/*
 * 5.16: the pointer cmd->scsi_done became the function scsi_done(). Where both
 * exist the pointer counts: the old error handler swaps it.
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

/* 6.2: eh_timed_out returns enum scsi_timeout_action, before that what blk-mq takes. */
#ifdef HAVE_SCSI_TIMEOUT_ACTION
typedef enum scsi_timeout_action pvs_compat_eh_timer_t;
#define PVS_COMPAT_EH_RESET_TIMER SCSI_EH_RESET_TIMER
#define PVS_COMPAT_EH_NOT_HANDLED SCSI_EH_NOT_HANDLED
#else
typedef enum blk_eh_timer_return pvs_compat_eh_timer_t;
#define PVS_COMPAT_EH_RESET_TIMER BLK_EH_RESET_TIMER
/* "Not handled" to the midlayer, which has no name of its own for it. */
#define PVS_COMPAT_EH_NOT_HANDLED BLK_EH_DONE
#endif

/* 5.15: cmd->request is reached through scsi_cmd_to_rq(). */
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

/* 5.14: the driver byte of the result is gone. */
#ifdef DRIVER_SENSE
#define PVS_COMPAT_SENSE_RESULT (DRIVER_SENSE << 24)
#else
#define PVS_COMPAT_SENSE_RESULT 0
#endif

/*
 * 5.14: a host may ask that its disks get no I/O scheduler until an administrator
 * chooses one. Before that they have mq-deadline, as disks with one queue do.
 */
static inline void pvs_compat_no_scheduler(struct Scsi_Host *shost)
{
#ifdef HAVE_NO_SCHED_BY_DEFAULT
	shost->tag_set.flags |= BLK_MQ_F_NO_SCHED_BY_DEFAULT;
#endif
}

/*
 * 5.16: hardware queues share one set of requests as well as the tags. With 5.10
 * they had the tags in common, but each had requests of its own for all of them;
 * before that not even the tags.
 */
static inline void pvs_compat_hw_queues(struct Scsi_Host *shost, u32 queues)
{
#ifdef HAVE_SHARED_TAGS
	shost->host_tagset = 1;
	shost->nr_hw_queues = queues;
#endif
}

/*
 * 6.6, and 6.1 with its updates: scsi_rescan_device() takes the SCSI device itself. 6.8: it
 * returns -EWOULDBLOCK for a disk that sleeps, which is to be asked again later.
 */
static inline int pvs_compat_rescan_device(struct scsi_device *sdev)
{
#if defined(HAVE_RESCAN_INT)
	return scsi_rescan_device(sdev);
#elif defined(HAVE_RESCAN_SDEV)
	scsi_rescan_device(sdev);
	return 0;
#else
	scsi_rescan_device(&sdev->sdev_gendev);
	return 0;
#endif
}

/*
 * Between 5.10 and 6.1: struct pci_driver has dev_groups itself, and the PCI core
 * overwrites .driver.dev_groups with it.
 */
#ifdef HAVE_PCI_DEV_GROUPS
#define PVS_COMPAT_DEV_GROUPS(groups) .dev_groups = (groups),
#else
#define PVS_COMPAT_DEV_GROUPS(groups) .driver.dev_groups = (groups),
#endif

/* 5.4: commit_rqs and SCMD_LAST; before that each command is the last one. */
#ifdef SCMD_LAST
#define PVS_COMPAT_COMMIT_RQS(fn) .commit_rqs = (fn),
static inline bool pvs_compat_is_last(const struct scsi_cmnd *cmd)
{
	return cmd->flags & SCMD_LAST;
}
/* As the midlayer does for what its error handler sends; it begins with new flags each time. */
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
