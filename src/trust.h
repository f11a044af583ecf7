/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How far the device is believed. What it says that cannot be is ignored where it is
 * found, and counted here. Too much of it in a short time has the device reset; so has
 * a command that is not back a while after the first lie, for its completion may have
 * been just that. If resets do not help, the device is stopped.
 */
#ifndef PVS_TRUST_H
#define PVS_TRUST_H

#include <linux/atomic.h>
#include <linux/jiffies.h>
#include <linux/types.h>
#include <linux/workqueue.h>

/* So many lies have the device reset; each is forgiven when no other follows so soon. */
#define PVS_TRUST_LIES		32
#define PVS_TRUST_FORGIVEN	(10 * HZ)

/* What was under way at a lie has this long to come back. */
#define PVS_TRUST_CHECK		(3 * HZ)

/*
 * So many such resets, one so soon after the other, are tried before it is stopped;
 * each waits longer, since a fault may pass.
 */
#define PVS_TRUST_RESETS	3
#define PVS_TRUST_FORGOTTEN	(60 * HZ)
#define PVS_TRUST_BACKOFF	HZ

struct pvs_trust {
	atomic_t lies;			/* since the last reset, or a quiet time */
	unsigned long latest;		/* jiffies of the last one */
	bool deaf;			/* the last abort failed, and no reset has helped since */

	/* Under life_lock. */
	u32 resets;
	unsigned long latest_reset;	/* jiffies */

	struct delayed_work work;	/* pvs_device_distrust_work() */
};

/* The device said what cannot be. Returns true once it is too much. Any context. */
static inline bool pvs_trust_lie(struct pvs_trust *trust)
{
	bool forgiven = time_after(jiffies, READ_ONCE(trust->latest) + PVS_TRUST_FORGIVEN);

	WRITE_ONCE(trust->latest, jiffies);
	if (forgiven)
		atomic_set(&trust->lies, 0);
	return atomic_inc_return(&trust->lies) == PVS_TRUST_LIES;
}

/* Did it lie lately? Then what it did not do at once it will not do. */
static inline bool pvs_trust_lied(const struct pvs_trust *trust)
{
	return atomic_read(&trust->lies) &&
	       time_before(jiffies, READ_ONCE(trust->latest) + PVS_TRUST_FORGIVEN);
}

/* It was reset: a new beginning. */
static inline void pvs_trust_renew(struct pvs_trust *trust)
{
	atomic_set(&trust->lies, 0);
	WRITE_ONCE(trust->deaf, false);
}

static inline bool pvs_trust_is_spent(const struct pvs_trust *trust)
{
	return atomic_read(&trust->lies) >= PVS_TRUST_LIES;
}

/* How long a reset for lies has to wait because of those before it, in jiffies. */
static inline unsigned long pvs_trust_wait(struct pvs_trust *trust)
{
	unsigned long due;

	if (time_after(jiffies, trust->latest_reset + PVS_TRUST_FORGOTTEN))
		trust->resets = 0;
	if (!trust->resets)
		return 0;
	/* 1 s, 4 s, 16 s */
	due = trust->latest_reset + (PVS_TRUST_BACKOFF << 2 * (trust->resets - 1));
	return time_before(jiffies, due) ? due - jiffies : 0;
}

/* It is about to be reset for lies; returns false when that was tried often enough. */
static inline bool pvs_trust_once_more(struct pvs_trust *trust)
{
	trust->latest_reset = jiffies;
	return trust->resets++ < PVS_TRUST_RESETS;
}

#endif
