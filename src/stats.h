/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counters of an adapter, in /sys/bus/pci/devices/ADDRESS/statistics.
 * docs/vmw_pvscsi.4 describes each counter.
 */
#ifndef PVS_STATS_H
#define PVS_STATS_H

#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/sysfs.h>
#include <scsi/scsi.h>
#include "abi.h"
#include "status.h"

/* Protected by submit_lock. */
struct pvs_stats_submit {
	u64 commands;
	u64 doorbells;
	u64 doorbells_saved;
	u64 busy_paused;
};

/* Protected by complete_lock. */
struct pvs_stats_complete {
	u64 completions;
	u64 abandoned;
};

/*
 * No lock: only the interrupt handler writes these, and it never runs on two CPUs at
 * once. Each counter is one machine word, so that a reader never sees a torn value.
 */
struct pvs_stats_irq {
	unsigned long interrupts;
	unsigned long interrupts_empty;
	unsigned long interrupts_unfinished;
	unsigned long completions_per_interrupt_max;
};

/* Incremented off the fast path, in any context. */
struct pvs_stats_rare {
	atomic64_t busy_no_mapping;
	atomic64_t commands_refused;
	atomic64_t selection_timeouts;
	atomic64_t resets;
	atomic64_t aborted;
	atomic64_t check_conditions;
	atomic64_t task_set_full;
	atomic64_t data_short;
	atomic64_t other_errors;
	atomic64_t contexts_unknown;
	atomic64_t indices_impossible;
	atomic64_t implausible;
	atomic64_t interrupts_missed;
	atomic64_t error_resets;
	atomic64_t aborts;
	atomic64_t device_resets;
	atomic64_t bus_resets;
	atomic64_t host_resets;
	atomic64_t eh_failed;
	atomic64_t rings_renewed;
	atomic64_t messages;
	atomic64_t messages_lost;
};

/* Exist from the end of probe until remove. The adapter is the device's drvdata meanwhile. */
extern const struct attribute_group *pvs_stats_groups[];

/* Count a command that ended with an error or another unusual status. Any context. */
void pvs_stats_trouble(struct pvs_stats_rare *rare, const struct pvs_status_in *in,
		       const struct pvs_status_out *out);

/* Count an interrupt that delivered this many completions. Interrupt handler only. */
void pvs_stats_interrupt(struct pvs_stats_irq *stats, u32 completions, bool messages,
			 bool unfinished);

#endif
