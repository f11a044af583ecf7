// SPDX-License-Identifier: GPL-2.0-only
/*
 * Completion: from entries in the completion ring to finished SCSI commands.
 * Called in any context. Entries are taken under complete_lock, in batches, and
 * delivered without it; a delivery is an RCU read-side section, so that
 * pvs_complete_sync() can wait for the ones under way.
 */

#include <linux/rcupdate.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include "attention.h"
#include "compat.h"
#include "complete.h"
#include "status.h"
#include "trace.h"

#define PVS_COMPLETE_BATCH	16

/* Full rings that are harvested in one go: no device needs more. */
#define PVS_COMPLETE_ROUNDS	4

/* A finished command, no longer the device's and not yet the midlayer's. */
struct pvs_done {
	struct pvs_cmd *cmd;
	struct scsi_cmnd *scmd;
	struct pvs_status_in status;
};

/* What a harvest found beside finished commands: told once the lock is dropped. */
struct pvs_oddities {
	u32 contexts;		/* completions of what the device does not own */
	u64 context;		/* the last of them */
	bool index;		/* the index is impossible */
	u32 prod, cons;
};

/*
 * Take the command away from the device; NULL if it is not the device's, or no
 * longer in the use that context means. The caller is in the RCU read-side
 * section in which it delivers the command: see pvs_complete_sync().
 */
static struct scsi_cmnd *pvs_complete_claim_locked(struct pvs_cmd *cmd, u32 context)
{
	/* Pairs with pvs_submit_publish_locked(): scmd comes with its context. */
	struct scsi_cmnd *scmd = smp_load_acquire(&cmd->scmd);

	if (!scmd || READ_ONCE(cmd->context) != context)
		return NULL;
	WRITE_ONCE(cmd->scmd, NULL);
	return scmd;
}

/* Read one entry, once, and check it. Returns false if there is nothing to deliver. */
static bool pvs_complete_take_locked(struct pvs_adapter *adapter, struct pvs_done *done,
				     struct pvs_oddities *odd)
{
	const struct pvscsi_completion *ring = adapter->shared_cmp.va;
	const struct pvscsi_completion *entry = &ring[pvs_ring_slot(&adapter->cmp_ring)];
	u64 context = le64_to_cpu(READ_ONCE(entry->context));

	lockdep_assert_held(&adapter->complete_lock);
	done->status.data_len = le64_to_cpu(READ_ONCE(entry->data_len));
	done->status.sense_len = le32_to_cpu(READ_ONCE(entry->sense_len));
	done->status.host_status = le16_to_cpu(READ_ONCE(entry->host_status));
	done->status.scsi_status = le16_to_cpu(READ_ONCE(entry->scsi_status));
	pvs_ring_advance(&adapter->cmp_ring);

	done->cmd = pvs_cmds_by_context(&adapter->cmds, context);
	done->scmd = done->cmd ? pvs_complete_claim_locked(done->cmd, context) : NULL;
	if (likely(done->scmd))
		return true;
	odd->contexts++;
	odd->context = context;
	return false;
}

/* How many entries wait. An impossible index counts as none: the commands time out. */
static u32 pvs_complete_waiting_locked(struct pvs_adapter *adapter, struct pvs_oddities *odd)
{
	u32 prod = le32_to_cpu(READ_ONCE(adapter->rings_state->cmp_prod));
	u32 pending;

	lockdep_assert_held(&adapter->complete_lock);
	if (unlikely(!pvs_ring_pending(&adapter->cmp_ring, prod, &pending))) {
		odd->index = true;
		odd->prod = prod;
		odd->cons = adapter->cmp_ring.index;
	}
	return pending;
}

/* What cannot be was ignored; count it, and have a look taken at what is missing. */
static void pvs_complete_report(struct pvs_adapter *adapter, const struct pvs_oddities *odd)
{
	atomic64_add(odd->contexts, &adapter->stats_rare.contexts_unknown);
	atomic64_add(odd->index, &adapter->stats_rare.indices_impossible);
	pvs_errors_add(&adapter->errors, odd->contexts + odd->index);
	queue_delayed_work(adapter->workqueue, &adapter->errors.work, PVS_ERRORS_CHECK_DELAY);
	if (odd->contexts)
		dev_warn_ratelimited(pvs_adapter_dev(adapter),
				     "the device completed context 0x%llx, which it does not own: ignored\n",
				     odd->context);
	if (odd->index)
		dev_warn_ratelimited(pvs_adapter_dev(adapter),
				     "completion index %u is impossible after %u: ignored until a reset\n",
				     odd->prod, odd->cons);
}

/*
 * Fill done with at most max finished commands; *seen is the entries consumed, *left
 * those that waited beyond them. For what comes later there is another interrupt.
 */
static u32 pvs_complete_harvest(struct pvs_adapter *adapter, struct pvs_done *done, u32 max,
				u32 *seen, u32 *left)
{
	struct pvs_oddities odd = { 0 };
	unsigned long flags;
	u32 waiting, count = 0;

	spin_lock_irqsave(&adapter->complete_lock, flags);
	waiting = pvs_complete_waiting_locked(adapter, &odd);
	*seen = min(waiting, max);
	*left = waiting - *seen;
	if (*seen) {
		u32 unread = *seen;

		/* The index before the entries that it announces. */
		dma_rmb();
		while (unread--)
			count += pvs_complete_take_locked(adapter, &done[count], &odd);
		adapter->stats_complete.completions += count;
		/* Entries are read before the device may write to them again. */
		mb();
		WRITE_ONCE(adapter->rings_state->cmp_cons,
			   cpu_to_le32(adapter->cmp_ring.index));
	}
	spin_unlock_irqrestore(&adapter->complete_lock, flags);
	if (unlikely(odd.contexts || odd.index))
		pvs_complete_report(adapter, &odd);
	return count;
}

/*
 * A length of 0 is not to be believed here either: the device may have written
 * sense data and not told. The buffer is clear before each use: whoever takes back
 * a command that did not end well clears it.
 */
static u32 pvs_complete_sense_len(const struct pvs_done *done)
{
	const u8 *sense = done->cmd->sense.va;

	if (done->status.sense_len || done->status.scsi_status != SAM_STAT_CHECK_CONDITION ||
	    (sense[0] & 0x70) != 0x70)
		return done->status.sense_len;
	return SCSI_SENSE_BUFFERSIZE;
}

static void pvs_complete_clear_sense(struct pvs_cmd *cmd)
{
	memset(cmd->sense.va, 0, SCSI_SENSE_BUFFERSIZE);
}

/* Of a command that did not end as almost all do: sense data, counters, a warning. */
static void pvs_complete_trouble(struct pvs_adapter *adapter, struct pvs_done *done,
				 const struct pvs_status_out *out)
{
	struct scsi_cmnd *scmd = done->scmd;

	if (out->sense_len) {
		memcpy(scmd->sense_buffer, done->cmd->sense.va, out->sense_len);
		scmd->result |= PVS_COMPAT_SENSE_RESULT;
		pvs_attention_sense(adapter, done->cmd->target, scmd);
	}
	/* What came with another status, or beyond the length, is nobody's sense data. */
	pvs_complete_clear_sense(done->cmd);
	pvs_stats_trouble(&adapter->stats_rare, &done->status, out);
	if (out->implausible)
		dev_warn_ratelimited(pvs_adapter_dev(adapter),
				     "implausible completion of 0x%02x for target %u: host status 0x%x, SCSI status 0x%x, %llu of %u bytes, %u of sense\n",
				     scmd->cmnd[0], done->cmd->target, done->status.host_status,
				     done->status.scsi_status, done->status.data_len,
				     scsi_bufflen(scmd), done->status.sense_len);
}

static void pvs_complete_deliver(struct pvs_adapter *adapter, struct pvs_done *done)
{
	struct scsi_cmnd *scmd = done->scmd;
	struct pvs_status_cmd what = {
		.bufflen = scsi_bufflen(scmd),
		.underflow = scmd->underflow,
		.sense_max = SCSI_SENSE_BUFFERSIZE,
	};
	struct pvs_status_out out;

	/* Neither a file system's read nor its write, see pvs_submit_map_limited(). */
	if (unlikely(!what.underflow)) {
		what.withheld = done->cmd->withheld;
		what.out = scmd->sc_data_direction == DMA_TO_DEVICE;
	}
	pvs_cmd_unmap(&adapter->cmds, done->cmd, scmd);
	done->status.sense_len = pvs_complete_sense_len(done);
	pvs_status_translate(&done->status, &what, &out);
	scmd->result = out.host_byte << 16 | out.status_byte;
	scsi_set_resid(scmd, out.resid);
	if (unlikely(done->status.host_status | done->status.scsi_status |
		     done->status.sense_len | out.implausible))
		pvs_complete_trouble(adapter, done, &out);
	trace_pvscsi_complete(adapter, done->cmd, &done->status, scmd);
	pvs_compat_scsi_done(scmd);
}

bool pvs_complete_run(struct pvs_adapter *adapter, u32 budget, u32 *delivered)
{
	struct pvs_done done[PVS_COMPLETE_BATCH];
	u32 seen, left, count, i;

	*delivered = 0;
	for (;;) {
		rcu_read_lock();
		count = pvs_complete_harvest(adapter, done, ARRAY_SIZE(done), &seen, &left);
		for (i = 0; i < count; i++)
			pvs_complete_deliver(adapter, &done[i]);
		rcu_read_unlock();

		*delivered += count;
		if (!left)
			return false;
		if (budget <= seen)
			return true;
		budget -= seen;
	}
}

bool pvs_complete_all(struct pvs_adapter *adapter)
{
	u32 rounds = PVS_COMPLETE_ROUNDS, delivered;

	while (pvs_complete_run(adapter, adapter->cmp_ring.entries, &delivered)) {
		if (!--rounds)
			return true;
		cond_resched();
	}
	return false;
}

void pvs_complete_work(struct work_struct *work)
{
	struct pvs_adapter *adapter = container_of(work, struct pvs_adapter, complete_work);

	if (pvs_complete_all(adapter))
		queue_work(adapter->workqueue, work);
}

/*
 * The error handler's own command, lost in a reset of somebody else's: BUSY has it ask
 * again. With DID_RESET it would give the disk up.
 */
static int pvs_complete_abandoned_result(const struct pvs_cmd *cmd, const struct scsi_cmnd *scmd,
					 u8 host_byte)
{
	if (host_byte == DID_RESET && !scmd->underflow && cmd->of_eh)
		return SAM_STAT_BUSY;
	return host_byte << 16;
}

void pvs_complete_abandoned(struct pvs_adapter *adapter, u8 host_byte)
{
	struct pvs_cmd *cmd = adapter->cmds.cmd;
	struct scsi_cmnd *scmd;
	unsigned long flags;
	u32 i;

	for (i = 0; i < adapter->cmds.count; i++, cmd++) {
		rcu_read_lock();
		spin_lock_irqsave(&adapter->complete_lock, flags);
		scmd = pvs_complete_claim_locked(cmd, cmd->context);
		adapter->stats_complete.abandoned += !!scmd;
		spin_unlock_irqrestore(&adapter->complete_lock, flags);
		if (scmd) {
			pvs_cmd_unmap(&adapter->cmds, cmd, scmd);
			pvs_complete_clear_sense(cmd);
			scmd->result = pvs_complete_abandoned_result(cmd, scmd, host_byte);
			pvs_compat_scsi_done(scmd);
		}
		rcu_read_unlock();
	}
}

static bool pvs_complete_pending(struct pvs_adapter *adapter, u32 target)
{
	const struct pvs_cmd *cmd = adapter->cmds.cmd;
	u32 i;

	for (i = 0; i < adapter->cmds.count; i++, cmd++) {
		if (READ_ONCE(cmd->scmd) &&
		    (target == PVS_ANY_TARGET || READ_ONCE(cmd->target) == target))
			return true;
	}
	return false;
}

void pvs_complete_sync(void)
{
	synchronize_rcu();
}

int pvs_complete_wait(struct pvs_adapter *adapter, u32 target, u32 timeout_ms,
		      bool (*give_up)(struct pvs_adapter *adapter))
{
	unsigned long end = jiffies + msecs_to_jiffies(timeout_ms);
	bool over;

	do {
		over = time_after(jiffies, end);
		/* The interrupt may be what was lost, so look for ourselves. */
		pvs_complete_all(adapter);
		if (!pvs_complete_pending(adapter, target)) {
			pvs_complete_sync();
			return 0;
		}
		if (give_up(adapter))
			return -EAGAIN;
		usleep_range(500, 1000);
	} while (!over);
	return -ETIMEDOUT;
}
