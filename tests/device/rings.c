// SPDX-License-Identifier: GPL-2.0-only
/*
 * The rings. Requests are executed as they are fetched; their completions are posted at once or
 * later. The guest may write to the rings at the same time, so each value is read once. Only memory
 * of the guest is accessed.
 */

#include <stdatomic.h>
#include "pvscsi.h"

#define COMMAND_BUS_MASTER	0x04

/* How long the ring is polled after the last request. */
#define POLL_MS			10

u32 pvscsi_entries(u32 pages, u32 per_page)
{
	return pages * per_page;
}

void *pvscsi_memory(struct pvscsi *pvscsi, u64 addr, u64 len)
{
	void *va = NULL;

	if (pvscsi->config[0x04] & COMMAND_BUS_MASTER)
		va = vfu_memory(&pvscsi->vfu, addr, len);
	if (!va)
		pvscsi->counters.dma_refused++;
	return va;
}

static void *pvscsi_slot(struct pvscsi *pvscsi, const u64 *pages, u32 count, u32 index, u32 size)
{
	u32 per_page = PVSCSI_PAGE_SIZE / size;
	u32 slot = index & (count * per_page - 1);
	u8 *page = count ? pvscsi_memory(pvscsi, pages[slot / per_page], PVSCSI_PAGE_SIZE) : NULL;

	return page ? page + slot % per_page * size : NULL;
}

struct pvscsi_request *pvscsi_request_slot(struct pvscsi *pvscsi, u32 index)
{
	return pvscsi_slot(pvscsi, pvscsi->req_page, pvscsi->req_pages, index,
			   sizeof(struct pvscsi_request));
}

struct pvscsi_completion *pvscsi_completion_slot(struct pvscsi *pvscsi, u32 index)
{
	return pvscsi_slot(pvscsi, pvscsi->cmp_page, pvscsi->cmp_pages, index,
			   sizeof(struct pvscsi_completion));
}

struct pvscsi_message *pvscsi_message_slot(struct pvscsi *pvscsi, u32 index)
{
	return pvscsi_slot(pvscsi, pvscsi->msg_page, pvscsi->msg_pages, index,
			   sizeof(struct pvscsi_message));
}

/* Completions */

void pvscsi_post(struct pvscsi *pvscsi, const struct pvscsi_completion *completion)
{
	struct pvscsi_rings_state *state = pvscsi->state;
	struct pvscsi_completion *slot;
	u32 entries = pvscsi_entries(pvscsi->cmp_pages, PVSCSI_CMPS_PER_PAGE);

	/* If the ring is full, the completion is lost: the driver let it overflow. */
	if (!state || pvscsi->cmp_prod - READ_ONCE(state->cmp_cons) >= entries) {
		pvscsi->counters.requests_lost++;
		return;
	}
	slot = pvscsi_completion_slot(pvscsi, pvscsi->cmp_prod);
	if (!slot)
		return;
	*slot = *completion;
	atomic_thread_fence(memory_order_release);
	WRITE_ONCE(state->cmp_prod, ++pvscsi->cmp_prod);
	pvscsi->history[pvscsi->completed++ % PVSCSI_HISTORY] = completion->context;
	pvscsi->counters.completions++;
}

void pvscsi_put_off(struct pvscsi *pvscsi, const struct pvscsi_waiting *waiting, u64 delay)
{
	struct pvscsi_waiting *slot = &pvscsi->waiting[pvscsi->waitings];

	if (pvscsi->waitings == PVSCSI_MAX_WAITING) {
		pvscsi->counters.requests_lost++;
		return;
	}
	*slot = *waiting;
	slot->due = delay == NEVER ? NEVER : now_ms() + delay;
	pvscsi->waitings++;
}

/* Remove one delayed completion; the order of the others stays. */
static struct pvscsi_waiting pvscsi_take_waiting(struct pvscsi *pvscsi, u32 i)
{
	struct pvscsi_waiting taken = pvscsi->waiting[i];

	pvscsi->waitings--;
	memmove(&pvscsi->waiting[i], &pvscsi->waiting[i + 1],
		(pvscsi->waitings - i) * sizeof(taken));
	return taken;
}

static void pvscsi_cut_short(struct pvscsi *pvscsi, u32 i, u16 host_status)
{
	struct pvscsi_waiting taken = pvscsi_take_waiting(pvscsi, i);

	taken.completion = (struct pvscsi_completion){
		.context = taken.completion.context,
		.host_status = host_status,
	};
	if (!fault_cut_short(pvscsi, &taken))
		pvscsi_post(pvscsi, &taken.completion);
}

u32 pvscsi_flush_context(struct pvscsi *pvscsi, u64 context, u16 host_status)
{
	u32 i;

	for (i = 0; i < pvscsi->waitings; i++) {
		if (pvscsi->waiting[i].completion.context != context)
			continue;
		pvscsi_cut_short(pvscsi, i, host_status);
		pvscsi_interrupt(pvscsi, PVSCSI_INTR_CMPL_0);
		return 1;
	}
	return 0;
}

u32 pvscsi_flush_target(struct pvscsi *pvscsi, u32 target, u16 host_status)
{
	u32 i = 0, left = pvscsi->waitings, flushed = 0;

	/* Handle each entry once: a fault may delay one again, behind the others. */
	while (left--) {
		if (pvscsi->waiting[i].target != target) {
			i++;
			continue;
		}
		pvscsi_cut_short(pvscsi, i, host_status);
		flushed++;
	}
	if (flushed)
		pvscsi_interrupt(pvscsi, PVSCSI_INTR_CMPL_0);
	return flushed;
}

/* Requests */

/* List the segments of a buffer; false if the guest may not use such a buffer. */
static bool pvscsi_gather(struct pvscsi *pvscsi, const struct pvscsi_request *req,
			  struct target_piece *piece, struct target_data *data)
{
	u64 left = req->data_len, table = req->data_addr;
	struct pvscsi_segment segment = { req->data_addr, 0, 0 };
	const struct pvscsi_segment *at;
	u32 links = 0;

	*data = (struct target_data){
		.piece = piece,
		.len = left,
		.to_memory = req->flags & PVSCSI_REQ_FLAG_TO_MEMORY,
		.to_device = req->flags & PVSCSI_REQ_FLAG_TO_DEVICE,
	};
	while (left) {
		if (req->flags & PVSCSI_REQ_FLAG_SG_LIST) {
			at = pvscsi_memory(pvscsi, table, sizeof(segment));
			if (!at)
				return false;
			segment = *at;
			table += sizeof(segment);
			if (segment.flags & 1) {
				table = segment.addr;
				if (++links > PVSCSI_MAX_PIECES)
					return false;
				continue;
			}
		} else {
			if (left > 0xffffffff)
				return false;
			segment.len = left;
		}
		segment.len = min((u64)segment.len, left);
		if (!segment.len || data->pieces == PVSCSI_MAX_PIECES)
			return false;
		piece[data->pieces].va = pvscsi_memory(pvscsi, segment.addr, segment.len);
		if (!piece[data->pieces].va)
			return false;
		piece[data->pieces++].len = segment.len;
		left -= segment.len;
	}
	return true;
}

/* The adapter's own check of a request. */
static u16 pvscsi_object(const struct pvscsi *pvscsi, const struct pvscsi_request *req)
{
	static const u8 lun_0[8];

	if (req->cdb_len > PVSCSI_MAX_CDB || !req->context)
		return PVSCSI_HOST_INVALID_PARAM;
	if (req->bus || req->target >= PVSCSI_TARGETS || !pvscsi->target[req->target].present)
		return PVSCSI_HOST_SELECTION_TIMEOUT;
	if (memcmp(req->lun, lun_0, sizeof(lun_0)))
		return PVSCSI_HOST_LUN_MISMATCH;
	return PVSCSI_HOST_SUCCESS;
}

static void pvscsi_sense(struct pvscsi *pvscsi, const struct pvscsi_request *req,
			 const struct target_result *result, struct pvscsi_completion *completion)
{
	u32 len = min(req->sense_len, (u32)TARGET_SENSE);
	void *va = len ? pvscsi_memory(pvscsi, req->sense_addr, len) : NULL;

	if (!va)
		return;
	memcpy(va, result->sense, len);
	completion->sense_len = len;
}

static void pvscsi_carry_out(struct pvscsi *pvscsi, const struct pvscsi_request *req,
			     struct pvscsi_completion *completion)
{
	static struct target_piece piece[PVSCSI_MAX_PIECES];
	struct target_result result;
	struct target_data data;

	completion->host_status = pvscsi_object(pvscsi, req);
	if (completion->host_status == PVSCSI_HOST_INVALID_PARAM)
		pvscsi->counters.bad_requests++;
	if (completion->host_status)
		return;
	if (!pvscsi_gather(pvscsi, req, piece, &data)) {
		pvscsi->counters.bad_requests++;
		completion->host_status = PVSCSI_HOST_INVALID_PARAM;
		return;
	}
	fault_data(pvscsi, req, &data);
	target_command(&pvscsi->target[req->target], req->cdb, &data, &result);
	if (result.bad_direction) {
		completion->host_status = PVSCSI_HOST_BAD_MESSAGE;
		return;
	}
	completion->scsi_status = result.status;
	completion->data_len = result.moved;
	if (result.moved < req->data_len)
		completion->host_status = PVSCSI_HOST_DATA_UNDERRUN;
	if (result.status)
		pvscsi_sense(pvscsi, req, &result, completion);
}

static void pvscsi_fetch(struct pvscsi *pvscsi)
{
	struct pvscsi_request *slot = pvscsi_request_slot(pvscsi, pvscsi->req_cons);
	struct pvscsi_waiting record = { 0 };
	struct pvscsi_request req;

	pvscsi->req_cons++;
	if (!slot)
		return;
	req = *slot;
	pvscsi->counters.requests++;
	record.completion.context = req.context;
	record.target = req.target;
	record.sense_addr = req.sense_addr;
	record.data_len = req.data_len;
	pvscsi_carry_out(pvscsi, &req, &record.completion);
	if (fault_completion(pvscsi, &record))
		return;
	if (pvscsi->options.latency)
		pvscsi_put_off(pvscsi, &record, pvscsi->options.latency);
	else
		pvscsi_post(pvscsi, &record.completion);
}

void pvscsi_run(struct pvscsi *pvscsi)
{
	struct pvscsi_rings_state *state = pvscsi->state;
	u32 before = pvscsi->cmp_prod, todo;

	if (!state)
		return;
	todo = READ_ONCE(state->req_prod) - pvscsi->req_cons;
	atomic_thread_fence(memory_order_acquire);
	if (todo > pvscsi_entries(pvscsi->req_pages, PVSCSI_REQS_PER_PAGE)) {
		pvscsi->counters.bad_requests++;
		return;
	}
	if (!todo)
		return;
	if (pvscsi->threshold_on || fault_polls(pvscsi)) {
		pvscsi->poll_until = now_ms() + POLL_MS;
		WRITE_ONCE(state->req_call_threshold, pvscsi->options.threshold);
	}
	while (todo-- && pvscsi->state)
		pvscsi_fetch(pvscsi);
	if (!pvscsi->state)
		return;
	WRITE_ONCE(state->req_cons, pvscsi->req_cons);
	fault_requests_taken(pvscsi);
	if (pvscsi->cmp_prod != before) {
		pvscsi_interrupt(pvscsi, PVSCSI_INTR_CMPL_0);
		fault_posted(pvscsi, before);
	}
}

/* Time */

static u64 pvscsi_poll(struct pvscsi *pvscsi, u64 now)
{
	if (!pvscsi->poll_until || !pvscsi->state)
		return NEVER;
	if (now >= pvscsi->poll_until) {
		/*
		 * From now on, doorbells are needed: publish this, then check the ring once more.
		 */
		pvscsi->poll_until = 0;
		WRITE_ONCE(pvscsi->state->req_call_threshold, 0);
		atomic_thread_fence(memory_order_seq_cst);
	}
	pvscsi_run(pvscsi);
	return pvscsi->poll_until ? now + 1 : NEVER;
}

u64 pvscsi_tick(struct pvscsi *pvscsi)
{
	u32 before = pvscsi->cmp_prod, i = 0;
	u64 now = now_ms(), next = NEVER;

	while (i < pvscsi->waitings) {
		u64 due = pvscsi->waiting[i].due;

		if (due <= now) {
			struct pvscsi_waiting taken = pvscsi_take_waiting(pvscsi, i);

			pvscsi_post(pvscsi, &taken.completion);
			continue;
		}
		next = min(next, due);
		i++;
	}
	if (pvscsi->cmp_prod != before)
		pvscsi_interrupt(pvscsi, PVSCSI_INTR_CMPL_0);
	next = min(next, pvscsi_poll(pvscsi, now));
	return min(next, fault_tick(pvscsi, now));
}

void pvscsi_message(struct pvscsi *pvscsi, u32 type, u32 bus, u32 target, u8 lun)
{
	struct pvscsi_rings_state *state = pvscsi->state;
	struct pvscsi_message *slot;
	u32 entries = pvscsi_entries(pvscsi->msg_pages, PVSCSI_MSGS_PER_PAGE);

	if (!state || !entries || pvscsi->msg_prod - READ_ONCE(state->msg_cons) >= entries)
		return;
	slot = pvscsi_message_slot(pvscsi, pvscsi->msg_prod);
	if (!slot)
		return;
	*slot = (struct pvscsi_message){ .type = type, .bus = bus, .target = target };
	slot->lun[1] = lun;
	atomic_thread_fence(memory_order_release);
	WRITE_ONCE(state->msg_prod, ++pvscsi->msg_prod);
	pvscsi->counters.messages++;
	pvscsi_interrupt(pvscsi, PVSCSI_INTR_MSG_0);
}
