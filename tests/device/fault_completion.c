// SPDX-License-Identifier: GPL-2.0-only
/* Faults of the contents and of the time of completions. */

#include "pvscsi.h"

/*
 * Contexts. In a driver's contexts, the upper half is 0; the device does not interpret the lower
 * half.
 */

static bool context_zero(struct pvscsi *pvscsi, struct pvscsi_waiting *waiting)
{
	(void)pvscsi;
	waiting->completion.context = 0;
	return false;
}

static bool context_foreign(struct pvscsi *pvscsi, struct pvscsi_waiting *waiting)
{
	waiting->completion.context ^= fault_random(pvscsi) | 0x400;
	return false;
}

static bool context_out_of_range(struct pvscsi *pvscsi, struct pvscsi_waiting *waiting)
{
	(void)pvscsi;
	waiting->completion.context = 0xffffffff;
	return false;
}

static bool context_upper_half(struct pvscsi *pvscsi, struct pvscsi_waiting *waiting)
{
	waiting->completion.context |= (u64)(fault_random(pvscsi) | 1) << 32;
	return false;
}

/*
 * Post one more completion for a command that completed a while ago; this command completes, too.
 */
static bool context_stale(struct pvscsi *pvscsi, struct pvscsi_waiting *waiting)
{
	struct pvscsi_completion stale = waiting->completion;

	if (pvscsi->completed < PVSCSI_HISTORY)
		return false;
	stale.context = pvscsi->history[(pvscsi->completed + 16) % PVSCSI_HISTORY];
	pvscsi_post(pvscsi, &stale);
	return false;
}

static bool context_repeated(struct pvscsi *pvscsi, struct pvscsi_waiting *waiting)
{
	pvscsi_post(pvscsi, &waiting->completion);
	return false;
}

/* The same, after the midlayer has had time to use the tag again. */
static bool context_repeated_late(struct pvscsi *pvscsi, struct pvscsi_waiting *waiting)
{
	pvscsi_put_off(pvscsi, waiting, 20);
	return false;
}

/* Lengths */

static bool data_len_too_large(struct pvscsi *pvscsi, struct pvscsi_waiting *waiting)
{
	(void)pvscsi;
	waiting->completion.data_len = waiting->data_len + 4096;
	return false;
}

static bool data_len_huge(struct pvscsi *pvscsi, struct pvscsi_waiting *waiting)
{
	(void)pvscsi;
	waiting->completion.data_len = ~0ull;
	return false;
}

static bool data_len_zero(struct pvscsi *pvscsi, struct pvscsi_waiting *waiting)
{
	(void)pvscsi;
	waiting->completion.data_len = 0;
	return false;
}

/* Transfer half of the data of a read or write, in whole blocks. */
static void move_half(struct pvscsi *pvscsi, const struct pvscsi_request *req,
		      struct target_data *data)
{
	(void)pvscsi;
	(void)req;
	if (data->len >= 2 * TARGET_BLOCK)
		data->len = data->len / 2 / TARGET_BLOCK * TARGET_BLOCK;
}

static bool short_success(struct pvscsi *pvscsi, struct pvscsi_waiting *waiting)
{
	(void)pvscsi;
	waiting->completion.host_status = PVSCSI_HOST_SUCCESS;
	return false;
}

static bool short_underrun(struct pvscsi *pvscsi, struct pvscsi_waiting *waiting)
{
	(void)pvscsi;
	if (waiting->completion.data_len < waiting->data_len)
		waiting->completion.host_status = PVSCSI_HOST_DATA_UNDERRUN;
	return false;
}

static bool short_no_length(struct pvscsi *pvscsi, struct pvscsi_waiting *waiting)
{
	(void)pvscsi;
	if (waiting->completion.data_len < waiting->data_len) {
		waiting->completion.host_status = PVSCSI_HOST_DATA_RUN;
		waiting->completion.data_len = 0;
	}
	return false;
}

/* Sense data */

static void check_condition(struct pvscsi *pvscsi, struct pvscsi_waiting *waiting, u32 len,
			    const char *sense)
{
	void *va = pvscsi_memory(pvscsi, waiting->sense_addr, TARGET_SENSE);

	if (va)
		memcpy(va, sense, TARGET_SENSE);
	waiting->completion.host_status = PVSCSI_HOST_SUCCESS;
	waiting->completion.scsi_status = SAM_STAT_CHECK_CONDITION;
	waiting->completion.sense_len = len;
	waiting->completion.data_len = 0;
}

/* UNIT ATTENTION, power on: the midlayer retries such a command. */
static const char sense_attention[TARGET_SENSE] = {
	0x70, 0, 6, 0, 0, 0, 0, TARGET_SENSE - 8, 0, 0, 0, 0, 0x29, 0,
};

static bool sense_len_huge(struct pvscsi *pvscsi, struct pvscsi_waiting *waiting)
{
	check_condition(pvscsi, waiting, 0xffffffff, sense_attention);
	return false;
}

static bool sense_len_zero(struct pvscsi *pvscsi, struct pvscsi_waiting *waiting)
{
	check_condition(pvscsi, waiting, 0, sense_attention);
	return false;
}

static bool sense_garbage(struct pvscsi *pvscsi, struct pvscsi_waiting *waiting)
{
	char sense[TARGET_SENSE];
	u32 i;

	for (i = 0; i < sizeof(sense); i++)
		sense[i] = fault_random(pvscsi);
	check_condition(pvscsi, waiting, sizeof(sense), sense);
	return false;
}

/* First BUSY with stale sense data, then CHECK CONDITION without sense data. */
static bool sense_stale(struct pvscsi *pvscsi, struct pvscsi_waiting *waiting)
{
	static const char medium_error[TARGET_SENSE] = { 0x70, 0, 3, [7] = 10, [12] = 0x11 };
	void *va = pvscsi_memory(pvscsi, waiting->sense_addr, TARGET_SENSE);
	bool first = !(pvscsi->fault.note[0]++ & 1);

	waiting->completion.host_status = PVSCSI_HOST_SUCCESS;
	waiting->completion.scsi_status = first ? 0x08 : SAM_STAT_CHECK_CONDITION;
	waiting->completion.sense_len = 0;
	waiting->completion.data_len = 0;
	if (first && va)
		memcpy(va, medium_error, sizeof(medium_error));
	return false;
}

static bool sense_with_good(struct pvscsi *pvscsi, struct pvscsi_waiting *waiting)
{
	(void)pvscsi;
	waiting->completion.sense_len = 96;
	return false;
}

/* Statuses. Each replaces the status of a command that was executed, usually with success. */

#define STATUS_FAULT(name, host, scsi)						\
static bool name(struct pvscsi *pvscsi, struct pvscsi_waiting *waiting)	\
{										\
	(void)pvscsi;								\
	waiting->completion.host_status = (host);				\
	waiting->completion.scsi_status = (scsi);				\
	return false;								\
}

STATUS_FAULT(host_status_unknown, 0x77, SAM_STAT_GOOD)
STATUS_FAULT(host_status_max, 0xffff, 0xffff)
STATUS_FAULT(scsi_status_unknown, PVSCSI_HOST_SUCCESS, 0x55)
STATUS_FAULT(scsi_status_busy, PVSCSI_HOST_SUCCESS, 0x08)
STATUS_FAULT(scsi_status_full, PVSCSI_HOST_SUCCESS, 0x28)
STATUS_FAULT(scsi_status_terminated, PVSCSI_HOST_SUCCESS, 0x22)
STATUS_FAULT(status_aborted, PVSCSI_HOST_ABORT_QUEUE, SAM_STAT_GOOD)
STATUS_FAULT(status_bus_reset, PVSCSI_HOST_BUS_RESET, SAM_STAT_GOOD)
STATUS_FAULT(status_no_target, PVSCSI_HOST_SELECTION_TIMEOUT, SAM_STAT_GOOD)

static bool status_random(struct pvscsi *pvscsi, struct pvscsi_waiting *waiting)
{
	/* Any host status but success: a failed command must not look successful. */
	waiting->completion.host_status = (fault_random(pvscsi) & 0xff) | 0x10;
	waiting->completion.scsi_status = fault_random(pvscsi) & 0xff;
	waiting->completion.data_len = fault_random(pvscsi);
	waiting->completion.sense_len = fault_random(pvscsi);
	return false;
}

/* Moments */

static bool late(struct pvscsi *pvscsi, struct pvscsi_waiting *waiting)
{
	pvscsi_put_off(pvscsi, waiting, 3500);
	return true;
}

static bool reordered(struct pvscsi *pvscsi, struct pvscsi_waiting *waiting)
{
	pvscsi_put_off(pvscsi, waiting, fault_random(pvscsi) % 50);
	return true;
}

static bool never(struct pvscsi *pvscsi, struct pvscsi_waiting *waiting)
{
	pvscsi_put_off(pvscsi, waiting, NEVER);
	return true;
}

/*
 * Not by an abort either: there is nothing left to abort. Only an adapter reset by the driver ends
 * it.
 */
static bool lost_for_good(struct pvscsi *pvscsi, struct pvscsi_waiting *waiting)
{
	(void)pvscsi;
	(void)waiting;
	return true;
}

/* Aborted and reset commands complete after error handling has stopped waiting for them. */
static bool back_late(struct pvscsi *pvscsi, struct pvscsi_waiting *waiting)
{
	pvscsi_put_off(pvscsi, waiting, 4000);
	return true;
}

/* Aborted and reset commands do not complete. */
static bool back_never(struct pvscsi *pvscsi, struct pvscsi_waiting *waiting)
{
	(void)pvscsi;
	(void)waiting;
	return true;
}

/* An aborted command completes as aborted, and later twice more. */
static bool back_twice(struct pvscsi *pvscsi, struct pvscsi_waiting *waiting)
{
	pvscsi_put_off(pvscsi, waiting, 100);
	pvscsi_put_off(pvscsi, waiting, 200);
	return false;
}

/* An adapter reset does not discard these commands: old contexts complete in the new rings. */
static bool after_reset(struct pvscsi *pvscsi, struct pvscsi_waiting *waiting)
{
	u64 *held = pvscsi->fault.note;
	u32 i;

	if (held[3] != pvscsi->counters.resets && held[0]) {
		struct pvscsi_completion old = { 0 };

		for (i = 0; i < 3; i++) {
			old.context = held[i];
			pvscsi_post(pvscsi, &old);
		}
		memset(held, 0, sizeof(pvscsi->fault.note));
		fault_off(pvscsi);
		return false;
	}
	for (i = 0; i < 3; i++) {
		if (!held[i]) {
			held[i] = waiting->completion.context;
			break;
		}
	}
	held[3] = pvscsi->counters.resets;
	return true;
}

/* The entry is written after its index is visible. */
static void posted_torn(struct pvscsi *pvscsi, u32 first)
{
	struct pvscsi_completion *slot = pvscsi_completion_slot(pvscsi, first), right;
	u64 until = now_ms() + 2;

	if (!slot)
		return;
	right = *slot;
	memset(slot, 0xff, sizeof(*slot));
	while (now_ms() < until)
		;
	*slot = right;
}

/* The entry alternates between right and wrong while the guest reads it. */
static void posted_rewritten(struct pvscsi *pvscsi, u32 first)
{
	struct pvscsi_completion *slot = pvscsi_completion_slot(pvscsi, first), right;
	u64 until = now_ms() + 2;

	if (!slot)
		return;
	right = *slot;
	while (now_ms() < until) {
		WRITE_ONCE(slot->context, right.context ^ 0x1234567);
		WRITE_ONCE(slot->data_len, ~0ull);
		WRITE_ONCE(slot->sense_len, 0xffffffff);
		WRITE_ONCE(slot->host_status, 0xffff);
		*slot = right;
	}
}

#define DATA .data = move_half

const struct fault faults_of_completions[] = {
	{ "context-zero", "a completion has context 0", 3, context_zero },
	{ "context-foreign", "a completion has a context that no command has", 3, context_foreign },
	{ "context-out-of-range", "a completion has context 0xffffffff", 3, context_out_of_range },
	{ "context-upper-half", "a context comes back with bits set in its upper half",
	  3, context_upper_half },
	{ "context-stale", "a command that came back long ago comes back again",
	  50, context_stale },
	{ "context-repeated", "a command comes back twice at once", 50, context_repeated },
	{ "context-repeated-late", "a command comes back again 20 ms later",
	  50, context_repeated_late },
	{ "context-foreign-storm", "every completion has a wrong context", 0, context_foreign },
	{ "data-len-too-large", "the length of the data is larger than the buffer",
	  50, data_len_too_large },
	{ "data-len-huge", "the length of the data is 2^64 - 1", 50, data_len_huge },
	{ "data-len-zero", "success with a length of 0, as QEMU always reports",
	  50, data_len_zero },
	{ "short-success", "half of the data is moved, with host status success",
	  20, short_success, DATA },
	{ "short-underrun", "half of the data is moved, with host status underrun",
	  20, short_underrun, DATA },
	{ "short-no-length", "half of the data is moved, and no length is reported",
	  20, short_no_length, DATA },
	{ "sense-len-huge", "the length of the sense data is 2^32 - 1", 20, sense_len_huge },
	{ "sense-len-zero", "sense data, but a length of 0", 20, sense_len_zero },
	{ "sense-garbage", "random sense data", 20, sense_garbage },
	{ "sense-stale", "sense data with BUSY, then CHECK CONDITION without any",
	  20, sense_stale },
	{ "sense-with-good", "GOOD, with a length of sense data", 50, sense_with_good },
	{ "host-status-unknown", "a host status that is not defined", 20, host_status_unknown },
	{ "host-status-max", "host status and SCSI status with all bits set", 20, host_status_max },
	{ "scsi-status-unknown", "a SCSI status that is not defined", 20, scsi_status_unknown },
	{ "scsi-status-busy", "BUSY", 50, scsi_status_busy },
	{ "scsi-status-full", "TASK SET FULL", 50, scsi_status_full },
	{ "scsi-status-terminated", "COMMAND TERMINATED", 20, scsi_status_terminated },
	{ "status-aborted", "status \"aborted\" without an abort", 20, status_aborted },
	{ "status-bus-reset", "status \"bus reset\" without a reset", 20, status_bus_reset },
	{ "status-no-target", "no such target, for a moment", 3, status_no_target },
	{ "status-random", "any status but success, with any lengths", 200, status_random },
	{ "late", "commands come back 3.5 s late", 20, late },
	{ "reordered", "commands come back in random order", 0, reordered },
	{ "never", "commands do not come back until they are aborted", 3, never },
	{ "command-lost", "one command does not come back, not even after an abort or a bus reset",
	  1,
	  lost_for_good },
	{ "never-again", "no command comes back unless it is aborted or reset", 0, never },
	{ "abort-late", "a command that is aborted or reset comes back 4 s later", 0, never,
	  .cut_short = back_late },
	{ "abort-ignored", "aborts and resets are accepted, but the commands do not come back",
	  0, never,
	  .cut_short = back_never },
	{ "abort-twice", "an aborted command comes back three times",
	  0, never, .cut_short = back_twice },
	{ "after-adapter-reset", "old contexts come back in the new rings after an adapter reset",
	  0,
	  after_reset },
	{ "completion-torn", "the index is written before the entry", 20, .posted = posted_torn },
	{ "completion-rewritten", "an entry changes while it is read", 100,
	  .posted = posted_rewritten },
};
const u32 faults_of_completions_count = ARRAY_SIZE(faults_of_completions);
