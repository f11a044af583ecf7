/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the device says that cannot be: it is ignored where it is found, and counted
 * here. Beyond a limit the adapter is reset; still beyond it, reset once more, and then
 * stopped. The second reset waits, since most faults pass: without it, a device that is
 * wrong for three seconds (context-foreign-storm, cmp-index-random) loses its disks.
 */
#ifndef PVS_ERRORS_H
#define PVS_ERRORS_H

#include <linux/atomic.h>
#include <linux/jiffies.h>
#include <linux/types.h>
#include <linux/workqueue.h>

/* So many within a window have the adapter reset. */
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

/* Count one. Returns true when the limit is reached. Any context. */
static inline bool pvs_errors_add(struct pvs_errors *errors)
{
	if (time_after(jiffies, READ_ONCE(errors->window) + PVS_ERRORS_WINDOW)) {
		WRITE_ONCE(errors->window, jiffies);
		atomic_set(&errors->count, 0);
	}
	return atomic_inc_return(&errors->count) == PVS_ERRORS_LIMIT;
}

static inline bool pvs_errors_exceed(const struct pvs_errors *errors)
{
	return atomic_read(&errors->count) >= PVS_ERRORS_LIMIT;
}

/* It was reset, whyever. */
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
