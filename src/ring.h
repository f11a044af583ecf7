/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Index arithmetic of a ring shared with the device. Pure: no locks, no I/O.
 *
 * Indices are free-running u32, a slot is the index modulo the entries (a power
 * of two). Our own index lives here, in memory that the device cannot reach.
 *
 * As producer we need not ask how far the device has consumed: there is one slot
 * more than there are commands, and a command's slot is free once it is back.
 */
#ifndef PVS_RING_H
#define PVS_RING_H

#include <linux/types.h>

struct pvs_ring {
	u32 entries;
	u32 index;	/* next slot to produce, or to consume */
};

static inline void pvs_ring_init(struct pvs_ring *ring, u32 entries)
{
	ring->entries = entries;
	ring->index = 0;
}

static inline u32 pvs_ring_slot(const struct pvs_ring *ring)
{
	return ring->index & (ring->entries - 1);
}

static inline void pvs_ring_advance(struct pvs_ring *ring)
{
	ring->index++;
}

/*
 * As consumer: how many entries wait, given the device's producer index. Returns
 * false, and none, for an index that cannot be: more than the ring holds.
 */
static inline bool pvs_ring_pending(const struct pvs_ring *ring, u32 prod, u32 *pending)
{
	u32 distance = prod - ring->index;
	bool possible = distance <= ring->entries;

	*pending = possible ? distance : 0;
	return possible;
}

#endif
