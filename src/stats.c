// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters: counting off the fast path, and the sysfs files of all counters. The
 * files are created after probe and removed before remove, so that the adapter
 * exists as long as a file can be read.
 */

#include "adapter.h"
#include "compat.h"
#include "stats.h"

/* Counting */

static atomic64_t *pvs_stats_of_target(struct pvs_stats_rare *rare, const struct pvs_status_in *in,
				       const struct pvs_status_out *out)
{
	switch (in->scsi_status) {
	case SAM_STAT_GOOD:
		if (pvs_status_is_short(in->host_status))
			return out->resid || !in->data_len ? &rare->data_short : NULL;
		return in->host_status == PVSCSI_HOST_SENSE_FAILED ? &rare->other_errors : NULL;
	case SAM_STAT_CHECK_CONDITION:
		return &rare->check_conditions;
	case SAM_STAT_BUSY:
	case SAM_STAT_TASK_SET_FULL:
		return &rare->task_set_full;
	default:
		return &rare->other_errors;
	}
}

/* Each command increments at most one of these counters. Returns NULL if it ended well. */
static atomic64_t *pvs_stats_of(struct pvs_stats_rare *rare, const struct pvs_status_in *in,
				const struct pvs_status_out *out)
{
	if (pvs_status_is_targets(in->host_status))
		return pvs_stats_of_target(rare, in, out);

	switch (in->host_status) {
	case PVSCSI_HOST_SELECTION_TIMEOUT:
		return &rare->selection_timeouts;
	case PVSCSI_HOST_SENT_RESET:
	case PVSCSI_HOST_RECEIVED_RESET:
	case PVSCSI_HOST_BUS_RESET:
		return &rare->resets;
	case PVSCSI_HOST_ABORT_QUEUE:
		return &rare->aborted;
	default:
		return &rare->other_errors;
	}
}

void pvs_stats_trouble(struct pvs_stats_rare *rare, const struct pvs_status_in *in,
		       const struct pvs_status_out *out)
{
	atomic64_t *counter = pvs_stats_of(rare, in, out);

	if (counter)
		atomic64_inc(counter);
	if (out->implausible)
		atomic64_inc(&rare->implausible);
}

void pvs_stats_interrupt(struct pvs_stats_irq *stats, u32 completions, bool messages,
			 bool unfinished)
{
	WRITE_ONCE(stats->interrupts, stats->interrupts + 1);
	if (!completions && !messages)
		WRITE_ONCE(stats->interrupts_empty, stats->interrupts_empty + 1);
	if (unfinished)
		WRITE_ONCE(stats->interrupts_unfinished, stats->interrupts_unfinished + 1);
	if (completions > stats->completions_per_interrupt_max)
		WRITE_ONCE(stats->completions_per_interrupt_max, completions);
}

/* Showing */

static ssize_t pvs_stats_show_locked(const u64 *counter, spinlock_t *lock, char *buf)
{
	unsigned long flags;
	u64 value;

	spin_lock_irqsave(lock, flags);
	value = *counter;
	spin_unlock_irqrestore(lock, flags);
	return pvs_compat_emit(buf, "%llu\n", value);
}

#define PVS_STATS_SHOW(name, how)								\
static ssize_t pvs_stats_show_##name(struct device *dev, struct device_attribute *attr, char *buf) \
{												\
	struct pvs_adapter *adapter = dev_get_drvdata(dev);					\
												\
	return how;										\
}												\
static DEVICE_ATTR(name, 0444, pvs_stats_show_##name, NULL)

#define PVS_STATS_SUBMIT(name)	\
	PVS_STATS_SHOW(name, pvs_stats_show_locked(&adapter->stats_submit.name,			\
						   &adapter->submit_lock, buf))
#define PVS_STATS_COMPLETE(name) \
	PVS_STATS_SHOW(name, pvs_stats_show_locked(&adapter->stats_complete.name,		\
						   &adapter->complete_lock, buf))
#define PVS_STATS_IRQ(name)	\
	PVS_STATS_SHOW(name, pvs_compat_emit(buf, "%lu\n", READ_ONCE(adapter->stats_irq.name)))
#define PVS_STATS_RARE(name)	\
	PVS_STATS_SHOW(name, pvs_compat_emit(buf, "%lld\n",						\
					(long long)atomic64_read(&adapter->stats_rare.name)))

PVS_STATS_SUBMIT(commands);
PVS_STATS_SUBMIT(doorbells);
PVS_STATS_SUBMIT(doorbells_saved);
PVS_STATS_SUBMIT(busy_paused);
PVS_STATS_COMPLETE(completions);
PVS_STATS_COMPLETE(abandoned);
PVS_STATS_IRQ(interrupts);
PVS_STATS_IRQ(interrupts_empty);
PVS_STATS_IRQ(interrupts_unfinished);
PVS_STATS_IRQ(completions_per_interrupt_max);
PVS_STATS_RARE(busy_no_mapping);
PVS_STATS_RARE(commands_refused);
PVS_STATS_RARE(selection_timeouts);
PVS_STATS_RARE(resets);
PVS_STATS_RARE(aborted);
PVS_STATS_RARE(check_conditions);
PVS_STATS_RARE(task_set_full);
PVS_STATS_RARE(data_short);
PVS_STATS_RARE(other_errors);
PVS_STATS_RARE(contexts_unknown);
PVS_STATS_RARE(indices_impossible);
PVS_STATS_RARE(implausible);
PVS_STATS_RARE(interrupts_missed);
PVS_STATS_RARE(error_resets);
PVS_STATS_RARE(aborts);
PVS_STATS_RARE(device_resets);
PVS_STATS_RARE(bus_resets);
PVS_STATS_RARE(host_resets);
PVS_STATS_RARE(eh_failed);
PVS_STATS_RARE(rings_renewed);
PVS_STATS_RARE(messages);
PVS_STATS_RARE(messages_lost);

static struct attribute *pvs_stats_attrs[] = {
	&dev_attr_commands.attr,
	&dev_attr_doorbells.attr,
	&dev_attr_doorbells_saved.attr,
	&dev_attr_busy_paused.attr,
	&dev_attr_completions.attr,
	&dev_attr_abandoned.attr,
	&dev_attr_interrupts.attr,
	&dev_attr_interrupts_empty.attr,
	&dev_attr_interrupts_unfinished.attr,
	&dev_attr_completions_per_interrupt_max.attr,
	&dev_attr_busy_no_mapping.attr,
	&dev_attr_commands_refused.attr,
	&dev_attr_selection_timeouts.attr,
	&dev_attr_resets.attr,
	&dev_attr_aborted.attr,
	&dev_attr_check_conditions.attr,
	&dev_attr_task_set_full.attr,
	&dev_attr_data_short.attr,
	&dev_attr_other_errors.attr,
	&dev_attr_contexts_unknown.attr,
	&dev_attr_indices_impossible.attr,
	&dev_attr_implausible.attr,
	&dev_attr_interrupts_missed.attr,
	&dev_attr_error_resets.attr,
	&dev_attr_aborts.attr,
	&dev_attr_device_resets.attr,
	&dev_attr_bus_resets.attr,
	&dev_attr_host_resets.attr,
	&dev_attr_eh_failed.attr,
	&dev_attr_rings_renewed.attr,
	&dev_attr_messages.attr,
	&dev_attr_messages_lost.attr,
	NULL
};

static const struct attribute_group pvs_stats_group = {
	.name = "statistics",
	.attrs = pvs_stats_attrs,
};

const struct attribute_group *pvs_stats_groups[] = { &pvs_stats_group, NULL };
