// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"
#include "ring.h"

static struct pvs_ring ring_at(u32 entries, u32 index)
{
	struct pvs_ring ring;

	pvs_ring_init(&ring, entries);
	ring.index = index;
	return ring;
}

static void empty_ring_has_all_but_one_slot_free(void)
{
	struct pvs_ring ring = ring_at(32, 0);

	UNIT_EQUAL(pvs_ring_free(&ring, 0), 31);
}

static void nothing_is_free_when_ring_full(void)
{
	struct pvs_ring ring = ring_at(32, 31);

	UNIT_EQUAL(pvs_ring_free(&ring, 0), 0);
	UNIT_EQUAL(pvs_ring_free(&ring, 1), 1);
}

static void nothing_is_free_when_consumer_is_ahead_of_us(void)
{
	struct pvs_ring ring = ring_at(32, 10);

	UNIT_EQUAL(pvs_ring_free(&ring, 11), 0);
	UNIT_EQUAL(pvs_ring_free(&ring, 10 + (1u << 31)), 0);
}

static void nothing_is_free_when_consumer_is_too_far_behind(void)
{
	struct pvs_ring ring = ring_at(32, 100);

	UNIT_EQUAL(pvs_ring_free(&ring, 100 - 32), 0);
	UNIT_EQUAL(pvs_ring_free(&ring, 100 - 33), 0);
	UNIT_EQUAL(pvs_ring_free(&ring, 0), 0);
}

static void free_is_right_across_the_wrap(void)
{
	struct pvs_ring ring = ring_at(1024, 5);

	UNIT_EQUAL(pvs_ring_free(&ring, (u32)-5), 1023 - 10);
}

static void slot_is_index_modulo_entries(void)
{
	struct pvs_ring ring = ring_at(128, UINT32_MAX);

	UNIT_EQUAL(pvs_ring_slot(&ring), 127);
	pvs_ring_advance(&ring);
	UNIT_EQUAL(pvs_ring_slot(&ring), 0);
	UNIT_EQUAL(ring.index, 0);
}

static void pending_counts_up_to_a_full_ring(void)
{
	struct pvs_ring ring = ring_at(128, UINT32_MAX - 1);
	u32 pending = pvs_ring_pending(&ring, 126);

	UNIT_EQUAL(pending, 128);
	UNIT_TRUE(!pvs_ring_bogus(&ring, pending));
	UNIT_EQUAL(pvs_ring_pending(&ring, UINT32_MAX - 1), 0);
}

static void more_pending_than_entries_is_bogus(void)
{
	struct pvs_ring ring = ring_at(128, 1000);

	UNIT_TRUE(pvs_ring_bogus(&ring, pvs_ring_pending(&ring, 1129)));
	UNIT_TRUE(pvs_ring_bogus(&ring, pvs_ring_pending(&ring, 999)));
	UNIT_TRUE(pvs_ring_bogus(&ring, pvs_ring_pending(&ring, 1000 + (1u << 31))));
}

UNIT_MAIN(
	UNIT_CASE(empty_ring_has_all_but_one_slot_free),
	UNIT_CASE(nothing_is_free_when_ring_full),
	UNIT_CASE(nothing_is_free_when_consumer_is_ahead_of_us),
	UNIT_CASE(nothing_is_free_when_consumer_is_too_far_behind),
	UNIT_CASE(free_is_right_across_the_wrap),
	UNIT_CASE(slot_is_index_modulo_entries),
	UNIT_CASE(pending_counts_up_to_a_full_ring),
	UNIT_CASE(more_pending_than_entries_is_bogus),
)
