/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Errors of the device: invalid contexts and completion indices. complete.c ignores the value
 * and counts the error here. The invalid value may have replaced a completion, so the
 * adapter is then drained. If a command is missing, or the errors exceed a limit, the
 * adapter is reset. The second time it is reset after a wait, the third time it is stopped.
 *
 * Simpler rules failed against the catalogue of faults (docs/adversary.md): without the
 * check for missing commands state-garbage takes more than 30 s; without the second reset
 * and its wait a device that misbehaves for 3 s (cmp-index-random) is stopped.
 */
#ifndef PVS_ERRORS_H
#define PVS_ERRORS_H

#include <linux/atomic.h>
#include <linux/jiffies.h>
#include <linux/types.h>
#include <linux/workqueue.h>

/* Delay from an error to the drain of the adapter, and the drain's time limit. */
#define PVS_ERRORS_CHECK_DELAY	(HZ / 10)
#define PVS_ERRORS_CHECK_MS	3000

/* Errors within a window that cause a reset even if no command is missing. */
#define PVS_ERRORS_LIMIT	32
#define PVS_ERRORS_WINDOW	(10 * HZ)

/* Resets before the adapter is stopped, the wait between them, and when they expire. */
#define PVS_ERRORS_RESETS	2
#define PVS_ERRORS_RESET_WAIT	(4 * HZ)
#define PVS_ERRORS_FORGET	(60 * HZ)

struct pvs_errors {
	atomic_t count;			/* errors in the window, since the last reset */
	unsigned long window;		/* jiffies when the window began */

	/* Under life_lock. */
	u32 resets;
	unsigned long last_reset;	/* jiffies */

	struct delayed_work work;	/* pvs_device_errors_work() */
};

/* Count errors. Any context. */
static inline void pvs_errors_add(struct pvs_errors *errors, u32 count)
{
	if (time_after(jiffies, READ_ONCE(errors->window) + PVS_ERRORS_WINDOW)) {
		WRITE_ONCE(errors->window, jiffies);
		atomic_set(&errors->count, 0);
	}
	atomic_add(count, &errors->count);
}

/* True if errors were counted since the last reset. Those of earlier windows are forgotten. */
static inline bool pvs_errors_seen(const struct pvs_errors *errors)
{
	return atomic_read(&errors->count);
}

static inline bool pvs_errors_exceed(const struct pvs_errors *errors)
{
	return atomic_read(&errors->count) >= PVS_ERRORS_LIMIT;
}

/* Call this after every reset of the adapter, whatever its reason. */
static inline void pvs_errors_clear(struct pvs_errors *errors)
{
	atomic_set(&errors->count, 0);
}

/* Jiffies to wait, because of the last reset, before the next reset or the stop. */
static inline unsigned long pvs_errors_reset_wait(struct pvs_errors *errors)
{
	unsigned long due = errors->last_reset + PVS_ERRORS_RESET_WAIT;

	if (time_after(jiffies, errors->last_reset + PVS_ERRORS_FORGET))
		errors->resets = 0;
	return errors->resets && time_before(jiffies, due) ? due - jiffies : 0;
}

/* Count a reset. Returns false if no reset is left, and the adapter is to be stopped. */
static inline bool pvs_errors_may_reset(struct pvs_errors *errors)
{
	errors->last_reset = jiffies;
	return errors->resets++ < PVS_ERRORS_RESETS;
}

#endif
