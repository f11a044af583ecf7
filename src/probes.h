/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What Kbuild asks a kernel. It compiles this file once: HAVE_X is defined for the driver if
 * the line of PROBE(HAVE_X) has no error. No file includes this one.
 *
 * A probe is one line, and tests what compat.h uses. It takes an address or names a member; it
 * never calls a function, since gnu89 declares a missing function implicitly. A declaration is
 * an error if the kernel declares the same name with another type (one for each name: the
 * compiler remembers it). All supported kernels have these headers: if one is missing, no
 * probe is answered.
 */
#include <linux/types.h>
#include <linux/blkdev.h>
#include <linux/blk-mq.h>
#include <linux/device.h>
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/pci.h>
#include <linux/sysfs.h>
#include <scsi/scsi_cmnd.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>

#define PROBE(name, statement)	void pvs_##name(void); void pvs_##name(void) { statement; }

/* This one must have an error. If it has none, the compiler's messages were not understood. */
PROBE(CONTROL, (void)&pvs_no_such_function)

PROBE(HAVE_CMND_SCSI_DONE, (void)((struct scsi_cmnd *)0)->scsi_done)
PROBE(HAVE_SCSI_DONE, (void)&scsi_done)
PROBE(HAVE_SCSI_DONE_DIRECT, (void)&scsi_done_direct)
PROBE(HAVE_CMND_REQUEST, (void)((struct scsi_cmnd *)0)->request)
PROBE(HAVE_SCSI_CMD_TO_RQ, (void)&scsi_cmd_to_rq)
PROBE(HAVE_REQUEST_CMD_TYPE, (void)(((struct request *)0)->cmd_type == REQ_TYPE_FS))
PROBE(HAVE_SCSI_TIMEOUT_ACTION, (void)SCSI_EH_RESET_TIMER)
PROBE(HAVE_BLK_EH_DONE, (void)BLK_EH_DONE)
PROBE(HAVE_COMMIT_RQS, (void)((struct scsi_host_template *)0)->commit_rqs)
PROBE(HAVE_USE_CLUSTERING, ((struct scsi_host_template *)0)->use_clustering = 1)
PROBE(HAVE_MAX_SEGMENT_SIZE, (void)((struct scsi_host_template *)0)->max_segment_size)
PROBE(HAVE_SCSI_CHANGE_QUEUE_DEPTH, (void)&scsi_change_queue_depth)
PROBE(HAVE_HOST_WIDE_TAGS, ((struct scsi_host_template *)0)->use_host_wide_tags = 1)
PROBE(HAVE_LEGACY_PATH, (void)&shost_use_blk_mq)
PROBE(HAVE_HOST_TAGSET, ((struct Scsi_Host *)0)->host_tagset = 1)
PROBE(HAVE_SHARED_TAGS, (void)((struct blk_mq_tag_set *)0)->shared_tags)
PROBE(HAVE_NO_SCHED_BY_DEFAULT, (void)BLK_MQ_F_NO_SCHED_BY_DEFAULT)
PROBE(HAVE_RESCAN_INT, (void)sizeof(scsi_rescan_device(NULL) + 0))
PROBE(HAVE_RESCAN_DEV, void scsi_rescan_device(struct device *))
PROBE(HAVE_DMA_NEED_UNMAP, (void)&dma_need_unmap)
PROBE(HAVE_DMA_NO_WARN, (void)DMA_ATTR_NO_WARN; (void)&dma_map_page_attrs)
PROBE(HAVE_PCI_DEV_GROUPS, (void)((struct pci_driver *)0)->dev_groups)
PROBE(HAVE_SDEV_GROUPS, (void)((struct scsi_host_template *)0)->sdev_groups)
PROBE(HAVE_SHOST_GROUPS, (void)((struct scsi_host_template *)0)->shost_groups)
PROBE(HAVE_DRIVER_DEV_GROUPS, (void)((struct device_driver *)0)->dev_groups)
PROBE(HAVE_SYSFS_EMIT, (void)&sysfs_emit)
PROBE(HAVE_DMA_MAX_MAPPING_SIZE, (void)&dma_max_mapping_size)
PROBE(HAVE_TOTALRAM_PAGES, unsigned long totalram_pages(void))
PROBE(HAVE_RESET_PREPARE, (void)((struct pci_error_handlers *)0)->reset_prepare)
PROBE(HAVE_PARAM_NOARG, (void)KERNEL_PARAM_OPS_FL_NOARG)
