/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the device says that cannot be: it is ignored where it is found, and counted
 * here. It may have been said in the place of a completion, so the adapter is drained
 * then: with a command missing, or beyond a limit, it is reset; a second time after a
 * wait; then it is stopped. Plainer rules were tried against the catalogue of faults.
 * Without the look for missing commands state-garbage is not over in 30 s; without the
 * second reset and its wait a device that is wrong for 3 s (cmp-index-random) is lost.
 */
#ifndef PVS_ERRORS_H
#define PVS_ERRORS_H

#include <linux/atomic.h>
#include <linux/jiffies.h>
#include <linux/types.h>
#include <linux/workqueue.h>

/* So soon after an error the adapter is drained, for so long at most. */
#define PVS_ERRORS_CHECK_DELAY	(HZ / 10)
#define PVS_ERRORS_CHECK_MS	3000

/* So many within a window have the adapter reset, if nothing is missing. */
#define PVS_ERRORS_LIMIT	32
#define PVS_ERRORS_WINDOW	(10 * HZ)

/* So many resets, then it is stopped; they are forgotten after a while without one. */
#define PVS_ERRORS_RESETS	2
#define PVS_ERRORS_RESET_WAIT	(4 * HZ)
#define PVS_ERRORS_FORGET	(60 * HZ)

struct pvs_errors {
	atomic_t count;			/* in the window, since the last reset */
	unsigned long window;		/* jiffies of its begin */

	/* Under life_lock. */
	u32 resets;
	unsigned long last_reset;	/* jiffies */

	struct delayed_work work;	/* pvs_device_errors_work() */
};

/* Count some. Any context. */
static inline void pvs_errors_add(struct pvs_errors *errors, u32 count)
{
	if (time_after(jiffies, READ_ONCE(errors->window) + PVS_ERRORS_WINDOW)) {
		WRITE_ONCE(errors->window, jiffies);
		atomic_set(&errors->count, 0);
	}
	atomic_add(count, &errors->count);
}

/* Were there any since the last reset, or in the window at least? */
static inline bool pvs_errors_seen(const struct pvs_errors *errors)
{
	return atomic_read(&errors->count);
}

static inline bool pvs_errors_exceed(const struct pvs_errors *errors)
{
	return atomic_read(&errors->count) >= PVS_ERRORS_LIMIT;
}

/* It was reset, for whatever reason. */
static inline void pvs_errors_clear(struct pvs_errors *errors)
{
	atomic_set(&errors->count, 0);
}

/* How long the next reset, or the stop, has to wait for the last one, in jiffies. */
static inline unsigned long pvs_errors_reset_wait(struct pvs_errors *errors)
{
	unsigned long due = errors->last_reset + PVS_ERRORS_RESET_WAIT;

	if (time_after(jiffies, errors->last_reset + PVS_ERRORS_FORGET))
		errors->resets = 0;
	return errors->resets && time_before(jiffies, due) ? due - jiffies : 0;
}

/* Is there a reset left? Counts it. */
static inline bool pvs_errors_may_reset(struct pvs_errors *errors)
{
	errors->last_reset = jiffies;
	return errors->resets++ < PVS_ERRORS_RESETS;
}

#endif
