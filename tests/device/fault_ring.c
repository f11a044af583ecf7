// SPDX-License-Identifier: GPL-2.0-only
/* Faults of the shared pages, messages, doorbells and interrupts. */

#include "pvscsi.h"

/* Indices of the completion ring. The device's own copies stay right. */

#define INDEX_FAULT(name, expression)						\
static void name(struct pvscsi *pvscsi, u32 first)				\
{										\
	u32 prod = pvscsi->cmp_prod;						\
										\
	(void)first;								\
	WRITE_ONCE(pvscsi->state->cmp_prod, (expression));			\
}

INDEX_FAULT(cmp_prod_ahead, prod + 3)
INDEX_FAULT(cmp_prod_far_ahead, prod + pvscsi_entries(pvscsi->cmp_pages, PVSCSI_CMPS_PER_PAGE) + 7)
INDEX_FAULT(cmp_prod_back, prod - 5)
INDEX_FAULT(cmp_prod_half_way, prod + 0x80000000u)

static void cmp_prod_random(struct pvscsi *pvscsi)
{
	if (pvscsi->state)
		WRITE_ONCE(pvscsi->state->cmp_prod, fault_random(pvscsi));
}

/* Request indices, from which a driver may conclude that no doorbell is needed. */

static void req_cons_ahead(struct pvscsi *pvscsi)
{
	WRITE_ONCE(pvscsi->state->req_cons, pvscsi->req_cons + 1000);
}

static void req_cons_back(struct pvscsi *pvscsi)
{
	WRITE_ONCE(pvscsi->state->req_cons, pvscsi->req_cons - 1000);
}

static void req_cons_stuck(struct pvscsi *pvscsi)
{
	WRITE_ONCE(pvscsi->state->req_cons, 0);
}

/* Report all requests as taken before they are taken. */
static void req_cons_lies(struct pvscsi *pvscsi)
{
	if (pvscsi->state)
		WRITE_ONCE(pvscsi->state->req_cons, READ_ONCE(pvscsi->state->req_prod));
}

/* Shared fields that belong to the driver, or that do not change after the rings are set up */

static void logs_rewritten(struct pvscsi *pvscsi)
{
	struct pvscsi_rings_state *state = pvscsi->state;

	if (!state)
		return;
	WRITE_ONCE(state->req_log2, fault_random(pvscsi) & 1 ? 31 : 0xffffffff);
	WRITE_ONCE(state->cmp_log2, fault_random(pvscsi) & 1 ? 0 : 0xff);
	WRITE_ONCE(state->msg_log2, fault_random(pvscsi));
}

/*
 * Only what the driver reads is rewritten: the device's own values stay right, except cmp_cons and
 * msg_cons, which it reads from here.
 */
static void drivers_fields(struct pvscsi *pvscsi)
{
	struct pvscsi_rings_state *state = pvscsi->state;

	if (!state)
		return;
	WRITE_ONCE(state->cmp_cons, fault_random(pvscsi));
	WRITE_ONCE(state->msg_cons, fault_random(pvscsi));
	pvscsi->fault.note[0]++;
}

static void requests_overwritten(struct pvscsi *pvscsi)
{
	struct pvscsi_request *slot = pvscsi_request_slot(pvscsi, pvscsi->req_cons - 1);

	/*
	 * The request taken last. Its slot belongs to the driver again once the device has taken
	 * it.
	 */
	if (slot)
		memset(slot, 0xff, offsetof(struct pvscsi_request, unused));
}

static void state_garbage(struct pvscsi *pvscsi)
{
	u32 *word = (u32 *)pvscsi->state, i;

	/* All fields but req_prod, which the device reads. */
	for (i = 1; word && i < sizeof(*pvscsi->state) / sizeof(*word); i++)
		WRITE_ONCE(word[i], fault_random(pvscsi));
}

/* The request call threshold */

static void threshold_absurd(struct pvscsi *pvscsi)
{
	if (pvscsi->state)
		WRITE_ONCE(pvscsi->state->req_call_threshold, 0xffffffff);
}

/*
 * Report a threshold as if the device polled, though it does not: a driver that relies on it omits
 * doorbells.
 */
static void threshold_lies(struct pvscsi *pvscsi)
{
	pvscsi->poll_until = 0;
	if (pvscsi->state)
		WRITE_ONCE(pvscsi->state->req_call_threshold,
			   pvscsi_entries(pvscsi->req_pages, PVSCSI_REQS_PER_PAGE));
}

/* Interrupts and doorbells */

static bool lost(struct pvscsi *pvscsi)
{
	(void)pvscsi;
	return true;
}

static void spurious(struct pvscsi *pvscsi)
{
	pvscsi_interrupt(pvscsi, PVSCSI_INTR_ALL);
}

static void storm(struct pvscsi *pvscsi)
{
	u32 i;

	for (i = 0; i < 20; i++)
		pvscsi_interrupt(pvscsi, PVSCSI_INTR_ALL);
}

/* Messages */

static void message_unknown(struct pvscsi *pvscsi)
{
	pvscsi_message(pvscsi, 77 + fault_random(pvscsi) % 1000, 0, 0, 0);
}

static void message_nowhere(struct pvscsi *pvscsi)
{
	pvscsi_message(pvscsi, fault_random(pvscsi) & 1, 5 + fault_random(pvscsi), 0, 0);
	pvscsi_message(pvscsi, fault_random(pvscsi) & 1, 0, 300 + fault_random(pvscsi), 0);
	pvscsi_message(pvscsi, fault_random(pvscsi) & 1, 0, 0, 9);
}

/* Report present disks as added, and absent disks as added and removed. */
static void message_flood(struct pvscsi *pvscsi)
{
	pvscsi_message(pvscsi, PVSCSI_MSG_DEVICE_ADDED, 0, 0, 0);
	pvscsi_message(pvscsi, PVSCSI_MSG_DEVICE_ADDED, 0, 50, 0);
	pvscsi_message(pvscsi, PVSCSI_MSG_DEVICE_REMOVED, 0, 50, 0);
}

static void message_index_ahead(struct pvscsi *pvscsi)
{
	if (!pvscsi->state)
		return;
	WRITE_ONCE(pvscsi->state->msg_prod, pvscsi->msg_prod + 5);
	pvscsi_interrupt(pvscsi, PVSCSI_INTR_MSG_0);
}

static void message_index_far(struct pvscsi *pvscsi)
{
	if (!pvscsi->state)
		return;
	WRITE_ONCE(pvscsi->state->msg_prod, pvscsi->msg_prod + 0x80000000u);
	pvscsi_interrupt(pvscsi, PVSCSI_INTR_MSG_0);
}

static void message_rewritten(struct pvscsi *pvscsi)
{
	struct pvscsi_message *slot;
	u64 until = now_ms() + 2;

	pvscsi_message(pvscsi, PVSCSI_MSG_DEVICE_ADDED, 0, 0, 0);
	slot = pvscsi_message_slot(pvscsi, pvscsi->msg_prod - 1);
	while (slot && now_ms() < until) {
		WRITE_ONCE(slot->target, 0xffffffff);
		WRITE_ONCE(slot->bus, 0xffffffff);
		WRITE_ONCE(slot->target, 0);
		WRITE_ONCE(slot->bus, 0);
	}
}

/*
 * Random: change anything in the shared pages, except what would change the data of a disk or have
 * this device access other memory.
 */
static void mutate(struct pvscsi *pvscsi)
{
	u32 *word = (u32 *)pvscsi->state, i = fault_random(pvscsi);
	u32 words = sizeof(struct pvscsi_completion) / sizeof(*word);

	if (!word || fault_random(pvscsi) % 4)
		return;
	switch (fault_random(pvscsi) % 4) {
	case 0:
		/* not req_prod, which the device reads */
		word[1 + i % (sizeof(*pvscsi->state) / sizeof(*word) - 1)] = fault_random(pvscsi);
		break;
	case 1:
		word = (u32 *)pvscsi_completion_slot(pvscsi, pvscsi->cmp_prod - i % 8);
		if (word)
			word[fault_random(pvscsi) % words] = fault_random(pvscsi);
		break;
	case 2:
		word = (u32 *)pvscsi_message_slot(pvscsi, pvscsi->msg_prod - i % 8);
		if (word)
			word[fault_random(pvscsi) % 8] = fault_random(pvscsi);
		break;
	case 3:
		pvscsi_interrupt(pvscsi, i & PVSCSI_INTR_ALL);
		break;
	}
}

/* Also change completions, registers, doorbells and interrupts now and then. */
static bool mutate_completion(struct pvscsi *pvscsi, struct pvscsi_waiting *waiting)
{
	u32 *word = (u32 *)&waiting->completion;

	if (fault_random(pvscsi) % 200)
		return false;
	switch (fault_random(pvscsi) % 4) {
	case 0:
		/* A failed command must stay failed. */
		waiting->completion.host_status |= 0x10;
		word[fault_random(pvscsi) % 5] = fault_random(pvscsi);
		return false;
	case 1:
		pvscsi_put_off(pvscsi, waiting, fault_random(pvscsi) % 3000);
		return true;
	case 2:
		pvscsi_post(pvscsi, &waiting->completion);
		return false;
	default:
		pvscsi_put_off(pvscsi, waiting, NEVER);
		return true;
	}
}

static bool mutate_moment(struct pvscsi *pvscsi)
{
	return fault_random(pvscsi) % 50 == 0;
}

static u32 mutate_register(struct pvscsi *pvscsi, u64 offset, u32 value)
{
	(void)offset;
	/* Never all ones in INTR_STATUS: to a driver this means that the device is gone. */
	return fault_random(pvscsi) % 20 ? value : fault_random(pvscsi) & 0x7fffffff;
}

const struct fault faults_of_rings[] = {
	{ "cmp-index-ahead", "the completion index is 3 ahead of the entries",
	  3, .posted = cmp_prod_ahead },
	{ "cmp-index-far-ahead", "the completion index is beyond the ring",
	  3, .posted = cmp_prod_far_ahead },
	{ "cmp-index-back", "the completion index goes back", 3, .posted = cmp_prod_back },
	{ "cmp-index-half-way", "the completion index jumps by 2^31",
	  3, .posted = cmp_prod_half_way },
	{ "cmp-index-random", "the completion index is random, every millisecond", 0,
	  .tick = cmp_prod_random },
	{ "req-index-ahead", "the request index is ahead of what was published", 0,
	  .requests_taken = req_cons_ahead },
	{ "req-index-back", "the request index goes back", 0, .requests_taken = req_cons_back },
	{ "req-index-stuck", "the request index stays 0", 0, .requests_taken = req_cons_stuck },
	{ "req-index-lies", "the request index says that requests are taken before they are", 0,
	  .tick = req_cons_lies },
	{ "logs-rewritten", "the sizes of the rings change", 0, .tick = logs_rewritten },
	{ "drivers-fields-rewritten", "the device writes to the driver's indices", 0,
	  .tick = drivers_fields },
	{ "requests-overwritten", "the device writes to requests that it took", 0,
	  .requests_taken = requests_overwritten },
	{ "state-garbage", "the page of indices is random, every millisecond", 0,
	  .tick = state_garbage },
	{ "threshold-absurd", "the request call threshold is 2^32 - 1",
	  0, .tick = threshold_absurd },
	{ "threshold-lies", "the threshold says that the device polls, but it does not", 0,
	  .tick = threshold_lies },
	{ "early", "requests are carried out before the doorbell", 0, .polls = true },
	{ "interrupt-lost", "some interrupts are lost", 5, .interrupt = lost },
	{ "interrupts-lost", "all interrupts are lost", 0, .interrupt = lost },
	{ "interrupt-spurious", "an interrupt each millisecond", 0, .tick = spurious },
	{ "interrupt-storm", "as many interrupts as the device can raise", 0, .tick = storm },
	{ "doorbell-ignored", "some doorbells are ignored", 5, .doorbell = lost },
	{ "doorbells-ignored", "all doorbells are ignored", 0, .doorbell = lost },
	{ "message-unknown", "messages of unknown types", 200, .tick = message_unknown },
	{ "message-nowhere", "messages for buses, targets and units that cannot exist", 200,
	  .tick = message_nowhere },
	{ "message-flood", "messages all the time", 0, .tick = message_flood },
	{ "message-index-ahead", "the message index is 5 ahead of the messages", 3,
	  .tick = message_index_ahead },
	{ "message-index-far", "the message index is beyond the ring",
	  3, .tick = message_index_far },
	{ "message-rewritten", "a message changes while it is read", 50,
	  .tick = message_rewritten },
	{ "random", "random faults, by the seed", 0, mutate_completion, .tick = mutate,
	  .interrupt = mutate_moment, .doorbell = mutate_moment, .register_read = mutate_register },
};
const u32 faults_of_rings_count = ARRAY_SIZE(faults_of_rings);
