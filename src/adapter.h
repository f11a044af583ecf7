/* SPDX-License-Identifier: GPL-2.0-only */
/* One adapter: its state and resources, and how it is created and destroyed. */
#ifndef PVS_ADAPTER_H
#define PVS_ADAPTER_H

#include <linux/bitmap.h>
#include <linux/cache.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/workqueue.h>
#include <scsi/scsi_host.h>
#include "cmd.h"
#include "confpage.h"
#include "errors.h"
#include "hw.h"
#include "owner.h"
#include "ring.h"
#include "stats.h"

/* The table of transitions is in docs/architecture.md. */
enum pvs_state {
	PVS_STATE_STOPPED,	/* commands fail at once: there is no usable device */
	PVS_STATE_RUNNING,
	PVS_STATE_PAUSED,	/* commands are returned as busy, and retried later */
};

/* Coherent memory shared with the device, contiguous: a ring or the rings state. */
struct pvs_shared {
	void *va;
	dma_addr_t addr;
	u32 pages;		/* device pages */
};

struct pvs_adapter {
	/* Set at creation. */
	struct pci_dev *pdev;
	int bar;		/* BAR with the registers */
	struct Scsi_Host *shost;
	struct pvs_owner *owner;	/* part of the SCSI host's memory */
	struct pvs_hw hw;
	struct pvs_cmds cmds;
	struct pvs_shared shared_state;
	struct pvs_shared shared_req;
	struct pvs_shared shared_cmp;
	struct pvs_shared shared_msg;
	struct pvscsi_rings_state *rings_state;
	const char *limit;	/* why can_queue is smaller than it could be, or NULL */
	struct pci_saved_state *saved_config;	/* PCI config space after probe, or NULL */
	char irq_name[32];
	bool msi;		/* MSI or MSI-X: not shared, needs no acknowledgement */
	bool one_cpu;		/* at probe: the CPU of the interrupt submitted every command */
	bool is_qemu;		/* QEMU's device, which never answers some commands: see cdb.h */

	/*
	 * Serialises start, stop, reset and commands of error handling. Code that polls
	 * the device does not hold it.
	 */
	struct mutex life_lock;
	bool must_start;	/* device was stopped or may have been: needs a full start */
	bool has_msg_ring;
	bool has_threshold;
	bool aborts_fail;	/* last abort failed; no abort or reset succeeded since */
	struct pvs_errors errors;
	struct delayed_work pci_error_work;
	unsigned long pci_error_since;	/* jiffies */
	/* jiffies when a command timeout first found the PCI channel offline; 0: it is online */
	unsigned long offline_since;

	/* Submission. Protects the request ring, the state and the pending doorbell. */
	spinlock_t submit_lock ____cacheline_aligned_in_smp;
	enum pvs_state state;
	struct pvs_ring req_ring;
	u32 doorbell_due;	/* published requests without a doorbell yet */
	u32 doorbells_under_way;	/* doorbell writes in progress, without the lock */
	bool doorbell_ringing;	/* a CPU rings doorbells, and will check again afterwards */
	bool doorbell_non_rw;	/* the batch has a command other than a read or write */
	bool wraps;		/* device started with an index >= PVS_RENEW_INDEX: no renewal */
	struct pvs_stats_submit stats_submit;

	/* Completion. Protects the completion ring, and the claim of a command (cmd.h). */
	spinlock_t complete_lock ____cacheline_aligned_in_smp;
	struct pvs_ring cmp_ring;
	struct pvs_stats_complete stats_complete;
	struct pvs_stats_irq stats_irq;	/* not under the lock; here for the cache line */

	/* Events. Protects the message ring and the two flags. */
	spinlock_t msg_lock ____cacheline_aligned_in_smp;
	struct pvs_ring msg_ring;
	bool msgs_lost;		/* a reset discarded unread messages */
	bool rescan_due;	/* disks may have been added or removed without a message */
	/* Targets whose disk must be read again. Atomic bit operations, not under the lock. */
	DECLARE_BITMAP(changed, PVSCSI_MAX_TARGETS);
	struct delayed_work attention_work;
	struct work_struct msg_work;
	struct work_struct complete_work;
	struct delayed_work renew_work;
	unsigned long renew_delay;	/* jiffies */
	struct workqueue_struct *workqueue;	/* runs complete, renew, errors and pci_error */
	struct pvs_stats_rare stats_rare;

	/* Configuration pages. Set at creation; last, since no command needs them. */
	struct mutex config_lock;	/* protects shared_config afterwards; life_lock nests inside */
	struct pvs_shared shared_config;	/* receives the pages, or none */
	bool has_config;		/* the device has them */
	const char *targets_source;	/* where the number of targets is from */
	struct pvs_identity identity;
};

static inline struct device *pvs_adapter_dev(const struct pvs_adapter *adapter)
{
	return &adapter->pdev->dev;
}

/*
 * Acquire all resources of an adapter. The device is left stopped. May sleep.
 * Returns an adapter, or an ERR_PTR after logging why.
 */
struct pvs_adapter *pvs_adapter_create(struct pci_dev *pdev, struct scsi_host_template *template);
/* True if an IOMMU translates the addresses that the device uses. */
bool pvs_adapter_is_translated(const struct pvs_adapter *adapter);
/* Free an adapter. The device must be stopped and the SCSI host removed. May sleep. */
void pvs_adapter_destroy(struct pvs_adapter *adapter);

#endif
