/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counters of an adapter, /sys/bus/pci/devices/ADDRESS/statistics. What each one
 * counts is in docs/architecture.md.
 */
#ifndef PVS_STATS_H
#define PVS_STATS_H

#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/sysfs.h>
#include <scsi/scsi.h>
#include "abi.h"
#include "status.h"

/* Under submit_lock. */
struct pvs_stats_submit {
	u64 commands;
	u64 doorbells;
	u64 doorbells_saved;
	u64 busy_paused;
};

/* Under complete_lock. */
struct pvs_stats_complete {
	u64 completions;
	u64 abandoned;
};

/*
 * Written by the interrupt handler alone, which never runs twice at a time, so
 * without a lock. Words, so that a reader never sees half of one.
 */
struct pvs_stats_irq {
	unsigned long interrupts;
	unsigned long interrupts_empty;
	unsigned long interrupts_unfinished;
	unsigned long completions_per_interrupt_max;
};

/* Off the fast path, from anywhere. */
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

/* From the end of probe until remove: the adapter is the device's drvdata meanwhile. */
extern const struct attribute_group *pvs_stats_groups[];

/* A command did not end as almost all do. Any context. */
void pvs_stats_trouble(struct pvs_stats_rare *rare, const struct pvs_status_in *in,
		       const struct pvs_status_out *out);

/* An interrupt is handled, which found so many commands finished. Its handler only. */
void pvs_stats_interrupt(struct pvs_stats_irq *stats, u32 completions, bool messages,
			 bool unfinished);

#endif
