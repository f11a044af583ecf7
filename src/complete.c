// SPDX-License-Identifier: GPL-2.0-only
/*
 * Completion: from entries in the completion ring to finished SCSI commands.
 * Called in any context. Entries are taken in batches under complete_lock, and
 * delivered without it. Taking and delivering a batch is one RCU read-side
 * critical section, so that pvs_complete_sync() can wait for it.
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

/* Full rings that pvs_complete_all() consumes at most. A correct device needs no more. */
#define PVS_COMPLETE_ROUNDS	4

/* A finished command, taken from the device and not yet delivered to the midlayer. */
struct pvs_done {
	struct pvs_cmd *cmd;
	struct scsi_cmnd *scmd;
	struct pvs_status_in status;
};

/* Errors of the device found by a harvest. They are reported after the lock is released. */
struct pvs_oddities {
	u32 contexts;		/* completions of commands that the device does not own */
	u64 context;		/* the last of these contexts */
	bool index;		/* the completion index is invalid */
	u32 prod, cons;
};

/*
 * Take the command from the device. Returns NULL if the device does not own it, or if
 * context belongs to an earlier use. The caller must be in the RCU read-side critical
 * section in which it delivers the command, for pvs_complete_sync().
 */
static struct scsi_cmnd *pvs_complete_claim_locked(struct pvs_cmd *cmd, u32 context)
{
	/*
	 * Acquire: orders the read of scmd before the read of its context below. Pairs with
	 * the release in pvs_submit_publish_locked().
	 */
	struct scsi_cmnd *scmd = smp_load_acquire(&cmd->scmd);

	if (!scmd || READ_ONCE(cmd->context) != context)
		return NULL;
	WRITE_ONCE(cmd->scmd, NULL);
	return scmd;
}

/* Read each field of an entry once, and check it. Returns false if there is nothing to deliver. */
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

/* The number of waiting entries. 0 for an invalid index, in which case commands time out. */
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

/* Log and count the errors, which were ignored, and schedule a check for missing commands. */
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
 * Fill done with at most max finished commands. *seen is the number of entries consumed,
 * *left the number of entries left. The device raises another interrupt for later ones.
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

		/* Orders the read of the producer index before the reads of the entries. */
		dma_rmb();
		while (unread--)
			count += pvs_complete_take_locked(adapter, &done[count], &odd);
		adapter->stats_complete.completions += count;
		/*
		 * Orders the reads of the entries before the write of the consumer index, after
		 * which the device may overwrite them.
		 */
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
 * A sense length of 0 is not reliable: the device may have written sense data without
 * reporting a length. Such data is found by its response code. That works since the
 * buffer is zeroed before each use: after every command with an error.
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

/* Handle the rare cases of a completion: copy sense data, count, warn. */
static void pvs_complete_trouble(struct pvs_adapter *adapter, struct pvs_done *done,
				 const struct pvs_status_out *out)
{
	struct scsi_cmnd *scmd = done->scmd;

	if (out->sense_len) {
		memcpy(scmd->sense_buffer, done->cmd->sense.va, out->sense_len);
		scmd->result |= PVS_COMPAT_SENSE_RESULT;
		pvs_attention_sense(adapter, done->cmd->target, scmd);
	}
	/* The device may also have written with another status, or beyond the length. */
	pvs_complete_clear_sense(done->cmd);
	pvs_stats_trouble(&adapter->stats_rare, &done->status, out);
	if (out->implausible)
		dev_warn_ratelimited(pvs_adapter_dev(adapter),
				     "implausible completion of 0x%02x for target %u: host status 0x%x, SCSI status 0x%x, %llu of %u bytes, %u of sense\n",
				     scmd->cmnd[0], done->cmd->target, done->status.host_status,
				     done->status.scsi_status, done->status.data_len,
				     scsi_bufflen(scmd), done->status.sense_len);
}

/* Set the result of a command that is not plain. */
static noinline void pvs_complete_translate(struct pvs_adapter *adapter, struct pvs_done *done)
{
	struct scsi_cmnd *scmd = done->scmd;
	struct pvs_status_cmd what = {
		.bufflen = scsi_bufflen(scmd),
		.underflow = scmd->underflow,
		.sense_max = SCSI_SENSE_BUFFERSIZE,
	};
	struct pvs_status_out out;

	/* Reads and writes of file systems have an underflow: see pvs_submit_map_limited(). */
	if (!what.underflow) {
		what.withheld = done->cmd->withheld;
		what.out = scmd->sc_data_direction == DMA_TO_DEVICE;
	}
	done->status.sense_len = pvs_complete_sense_len(done);
	pvs_status_translate(&done->status, &what, &out);
	scmd->result = out.host_byte << 16 | out.status_byte;
	scsi_set_resid(scmd, out.resid);
	if (done->status.host_status | done->status.scsi_status | done->status.sense_len |
	    out.implausible)
		pvs_complete_trouble(adapter, done, &out);
}

static void pvs_complete_deliver(struct pvs_adapter *adapter, struct pvs_done *done)
{
	struct scsi_cmnd *scmd = done->scmd;

	pvs_cmd_unmap(&adapter->cmds, done->cmd, scmd);
	if (likely(pvs_status_is_plain(&done->status, scsi_bufflen(scmd), scmd->underflow))) {
		scmd->result = 0;
		scsi_set_resid(scmd, 0);
	} else {
		pvs_complete_translate(adapter, done);
	}
	trace_pvscsi_complete(adapter, done->cmd, &done->status, scmd);
	if (adapter->one_cpu)
		pvs_compat_scsi_done_direct(scmd);
	else
		pvs_compat_scsi_done(scmd);
}

bool pvs_complete_run(struct pvs_adapter *adapter, u32 budget, u32 *delivered)
{
	/* To zero it would cost more than to deliver a command. Only what was harvested is read. */
	struct pvs_done done[PVS_COMPLETE_BATCH] PVS_COMPAT_UNINITIALIZED;
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
 * The result of an abandoned command. If a reset took a command of the error handler from
 * the device, BUSY makes the error handler send it again. After DID_RESET it would take the
 * disk offline.
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
		/* Poll the ring, since the interrupt may be lost. */
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
