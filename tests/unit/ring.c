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
	u32 pending;

	UNIT_TRUE(pvs_ring_pending(&ring, UINT32_MAX - 1, &pending));
	UNIT_EQUAL(pending, 0);
	UNIT_TRUE(pvs_ring_pending(&ring, UINT32_MAX, &pending));
	UNIT_EQUAL(pending, 1);
	UNIT_TRUE(pvs_ring_pending(&ring, 126, &pending));
	UNIT_EQUAL(pending, 128);
}

static void nothing_is_pending_beyond_a_full_ring(void)
{
	static const u32 impossible[] = { 1129, 1130, 999, 0, 1000 + (1u << 31) };
	struct pvs_ring ring = ring_at(128, 1000);
	u32 pending;

	for (size_t i = 0; i < sizeof(impossible) / sizeof(*impossible); i++) {
		UNIT_TRUE(!pvs_ring_pending(&ring, impossible[i], &pending));
		UNIT_EQUAL(pending, 0);
	}
}

UNIT_MAIN(
	UNIT_CASE(slot_is_index_modulo_entries),
	UNIT_CASE(pending_counts_up_to_a_full_ring),
	UNIT_CASE(nothing_is_pending_beyond_a_full_ring),
)
