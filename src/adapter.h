/* SPDX-License-Identifier: GPL-2.0-only */
/* One adapter: what it owns, and its life. */
#ifndef PVS_ADAPTER_H
#define PVS_ADAPTER_H

#include <linux/bitmap.h>
#include <linux/cache.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/workqueue.h>
#include <scsi/scsi_host.h>
#include "cmd.h"
#include "errors.h"
#include "hw.h"
#include "owner.h"
#include "ring.h"
#include "stats.h"

/* The table of transitions is in docs/architecture.md. */
enum pvs_state {
	PVS_STATE_STOPPED,	/* commands fail at once: no device behind us */
	PVS_STATE_RUNNING,
	PVS_STATE_PAUSED,	/* commands are sent back to be retried later */
};

/* A ring that the device shares, its entries in one piece of coherent memory. */
struct pvs_shared {
	void *va;
	dma_addr_t addr;
	u32 pages;		/* device pages */
};

struct pvs_adapter {
	/* Set at creation. */
	struct pci_dev *pdev;
	int bar;		/* that holds the registers */
	struct Scsi_Host *shost;
	struct pvs_owner *owner;	/* in the host */
	struct pvs_hw hw;
	struct pvs_cmds cmds;
	struct pvs_shared shared_state;
	struct pvs_shared shared_req;
	struct pvs_shared shared_cmp;
	struct pvs_shared shared_msg;
	struct pvscsi_rings_state *rings_state;
	const char *limit;	/* why there are no more commands, or NULL */
	struct pci_saved_state *saved_config;	/* PCI registers as at the start, or NULL */
	char irq_name[32];
	bool msi;		/* MSI or MSI-X: no sharing, no acknowledgement */
	bool is_qemu;		/* QEMU's device, which never answers some commands: see cdb.h */

	/* Whatever is done to the device is done under it; nobody polls with it. */
	struct mutex life_lock;
	bool must_start;	/* it was stopped, or may have been: not enough to go on */
	bool has_msg_ring;
	bool has_threshold;
	bool aborts_fail;	/* the last one did, and no reset has helped since */
	struct pvs_errors errors;
	struct delayed_work pci_error_work;
	unsigned long pci_error_since;	/* jiffies */
	unsigned long offline_since;	/* jiffies when a timeout first met that; 0: not so */

	/* Submission: the request ring, the state, the doorbell that is due. */
	spinlock_t submit_lock ____cacheline_aligned_in_smp;
	enum pvs_state state;
	struct pvs_ring req_ring;
	u32 doorbell_due;	/* requests that the device was not told of */
	u32 doorbells_under_way;	/* being written, without the lock */
	bool doorbell_ringing;	/* a CPU is at it, and will look again */
	bool doorbell_non_rw;	/* the batch holds more than reads and writes */
	bool wraps;		/* the device began to count beyond PVS_RENEW_INDEX by itself */
	struct pvs_stats_submit stats_submit;

	/* Completion: the completion ring. */
	spinlock_t complete_lock ____cacheline_aligned_in_smp;
	struct pvs_ring cmp_ring;
	struct pvs_stats_complete stats_complete;
	struct pvs_stats_irq stats_irq;	/* not under the lock, but at the same time */

	/* Events: the message ring, and what an interrupt leaves to a thread. */
	spinlock_t msg_lock ____cacheline_aligned_in_smp;
	struct pvs_ring msg_ring;
	bool msgs_lost;		/* unread ones went with a reset */
	bool rescan_due;	/* nobody would have told of a new disk */
	/* Targets whose disk is not what it was; not under the lock. */
	DECLARE_BITMAP(changed, PVSCSI_MAX_TARGETS);
	struct delayed_work attention_work;
	struct work_struct msg_work;
	struct work_struct complete_work;
	struct delayed_work renew_work;
	unsigned long renew_delay;	/* jiffies */
	struct workqueue_struct *workqueue;	/* for complete, renew, errors, pci_error */
	struct pvs_stats_rare stats_rare;
};

static inline struct device *pvs_adapter_dev(const struct pvs_adapter *adapter)
{
	return &adapter->pdev->dev;
}

/*
 * Acquire all that an adapter needs but the device's work: it is stopped. May
 * sleep. Returns an adapter or an ERR_PTR, having said why.
 */
struct pvs_adapter *pvs_adapter_create(struct pci_dev *pdev, struct scsi_host_template *template);
/* Release it. The device is stopped and the SCSI host removed. May sleep. */
void pvs_adapter_destroy(struct pvs_adapter *adapter);

#endif
