/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Index arithmetic of a ring shared with the device. Pure: no locks, no I/O.
 *
 * Indices are free-running u32. The slot is the index modulo the number of entries,
 * a power of two. The driver's index is kept here, where the device cannot write.
 *
 * The producer does not check the device's consumer index: the request ring has one
 * slot more than there are commands, and completing a command frees its slot.
 */
#ifndef PVS_RING_H
#define PVS_RING_H

#include <linux/types.h>

struct pvs_ring {
	u32 entries;
	u32 index;	/* next index to produce or to consume */
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
 * For the consumer: compute the number of pending entries from the device's producer
 * index. Returns false, with *pending = 0, if that is more than the ring holds.
 */
static inline bool pvs_ring_pending(const struct pvs_ring *ring, u32 prod, u32 *pending)
{
	u32 distance = prod - ring->index;
	bool possible = distance <= ring->entries;

	*pending = possible ? distance : 0;
	return possible;
}

#endif
