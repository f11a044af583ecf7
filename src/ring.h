/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Index arithmetic of a ring shared with the device. Pure: no locks, no I/O.
 *
 * Indices are free-running u32, a slot is the index modulo the entries (a power
 * of two). Our own index lives here, in memory that the device cannot reach;
 * only the other side's index is taken from the device, and checked: it says
 * how far the ring is used, which is 0..entries or a lie.
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

/*
 * As producer: how many slots may still be filled, given the device's consumer
 * index. One stays empty: QEMU's device stalls on a ring filled to the brim.
 * An impossible index leaves none, so that nothing is overwritten.
 */
static inline u32 pvs_ring_free(const struct pvs_ring *ring, u32 cons)
{
	u32 used = ring->index - cons;

	return used < ring->entries ? ring->entries - 1 - used : 0;
}

/*
 * As consumer: how many entries wait, given the device's producer index. More
 * than the ring holds is impossible and reads as pvs_ring_bogus().
 */
static inline u32 pvs_ring_pending(const struct pvs_ring *ring, u32 prod)
{
	return prod - ring->index;
}

static inline bool pvs_ring_bogus(const struct pvs_ring *ring, u32 pending)
{
	return pending > ring->entries;
}

static inline void pvs_ring_advance(struct pvs_ring *ring)
{
	ring->index++;
}

#endif
