// SPDX-License-Identifier: GPL-2.0-only
/*
 * A consumer's and a producer's ring, with a device that is correct, late, or reports wrong
 * indices. The oracle counts entries in 64 bits, which do not wrap. The contents of the slots show
 * whether each entry was read once, in order, before it was written again.
 */
#include "fuzz.h"
#include "ring.h"

#define LOG2_MAX	12	/* 32 pages of completions */
#define WRAP		(1ull << 32)

struct model {
	struct pvs_ring ring;
	u64 entries;
	u64 read;	/* entries from the start to here have been read */
	u64 written;
	u64 back;	/* requests only: the number that has completed */
	u32 slots[1u << LOG2_MAX];
};

static struct model cmp, req;
static u32 run;	/* distinguishes slots from those of an earlier input */

static void model_init(struct model *model, u32 entries, u32 index)
{
	pvs_ring_init(&model->ring, entries);
	FUZZ_CHECK(pvs_ring_slot(&model->ring) == 0);
	model->ring.index = index;
	model->entries = entries;
	model->read = model->written = model->back = index;
}

/* The driver's side: the slot for its index. */
static u32 *model_slot(struct model *model, u64 count)
{
	u32 slot = pvs_ring_slot(&model->ring);

	FUZZ_CHECK(slot < model->entries);
	FUZZ_CHECK(slot == count % model->entries);
	return &model->slots[slot];
}

static u32 token(u64 count)
{
	return (u32)(count * 2654435761u) + run;
}

/* Does any number of pending entries, from none to all, result in this index? */
static bool index_can_be(const struct model *model, u32 prod)
{
	u64 first = model->read % WRAP, last = first + model->entries;

	return (prod >= first && prod <= last) || prod + WRAP <= last;
}

static void device_completes(struct model *model, u32 count)
{
	while (count-- && model->written - model->read < model->entries) {
		model->slots[model->written % model->entries] = token(model->written);
		model->written++;
	}
}

static void driver_harvests(struct model *model, u32 max)
{
	u32 pending = 0xa5a5a5a5;

	FUZZ_CHECK(pvs_ring_pending(&model->ring, model->written % WRAP, &pending));
	FUZZ_CHECK(pending == model->written - model->read);
	while (pending-- && max--) {
		FUZZ_CHECK(*model_slot(model, model->read) == token(model->read));
		pvs_ring_advance(&model->ring);
		model->read++;
	}
}

/* If the index is possible, the driver takes the entries, and the device continues from there. */
static void device_lies(struct model *model, u32 prod)
{
	u32 pending = 0xa5a5a5a5;
	bool possible = pvs_ring_pending(&model->ring, prod, &pending);

	FUZZ_CHECK(possible == index_can_be(model, prod));
	FUZZ_CHECK(pending <= model->entries);
	if (!possible) {
		FUZZ_CHECK(pending == 0);
		return;
	}
	FUZZ_CHECK((model->read + pending) % WRAP == prod);
	for (; pending; pending--) {
		model_slot(model, model->read);
		pvs_ring_advance(&model->ring);
		model->read++;
	}
	model->written = model->read;
}

/* The driver submits at most one command fewer than there are slots; see ring.h. */
static void driver_submits(struct model *model, u32 count)
{
	while (count-- && model->written - model->back < model->entries - 1) {
		*model_slot(model, model->written) = token(model->written);
		pvs_ring_advance(&model->ring);
		model->written++;
		FUZZ_CHECK(model->ring.index == model->written % WRAP);
	}
}

static void device_takes(struct model *model, u32 count)
{
	for (; count-- && model->read < model->written; model->read++)
		FUZZ_CHECK(model->slots[model->read % model->entries] == token(model->read));
}

/* Commands complete in any order, so only their number matters. */
static void device_gives_back(struct model *model, u32 count)
{
	model->back += min(count, model->read - model->back);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz in = { data, size };
	u8 op;

	run++;
	op = fuzz_u8(&in);
	model_init(&cmp, 1u << (op & 0xf) % (LOG2_MAX + 1), fuzz_number(&in, 32));
	model_init(&req, 1u << (op >> 4) % (LOG2_MAX + 1), fuzz_number(&in, 32));
	while (in.size) {
		op = fuzz_u8(&in);
		switch (op & 0x7) {
		case 0:
			device_completes(&cmp, op >> 3);
			break;
		case 1:
			driver_harvests(&cmp, op >> 3);
			break;
		case 2:
			device_lies(&cmp, fuzz_number(&in, 32));
			break;
		case 3:	/* near the possible indices */
			device_lies(&cmp, cmp.read + (op & 0x8 ? cmp.entries : 0) +
				    (op >> 4) - 8);
			break;
		case 4:
			driver_submits(&req, op >> 3);
			break;
		case 5:
			device_takes(&req, op >> 3);
			break;
		case 6:
			device_gives_back(&req, op >> 3);
			break;
		default:	/* all at once */
			device_completes(&cmp, op >> 3);
			driver_submits(&req, op >> 3);
		}
	}
	return 0;
}
