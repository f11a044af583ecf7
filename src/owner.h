/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who owns the adapter: the one rule of docs/architecture.md, "Who owns the adapter".
 *
 * An adapter that runs is its error handlers', one at a time. Whoever needs it at rest
 * (a suspend, a reset by the PCI core, a PCI error, a renewal of the rings) holds it:
 * no handler begins while there is a hold, the one that runs lets go, and looks again
 * when the last hold is over. This lives in the SCSI host, which outlives the adapter.
 */
#ifndef PVS_OWNER_H
#define PVS_OWNER_H

#include <linux/bits.h>
#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <scsi/scsi_host.h>

struct pvs_adapter;

/* Reasons for a hold; several can be there at a time. */
enum pvs_hold {
	PVS_HOLD_SLEEP,		/* suspend, of any kind */
	PVS_HOLD_FUNCTION_RESET,
	PVS_HOLD_PCI_ERROR,	/* the device may still have its commands */
	PVS_HOLD_SHUTDOWN,
	/* These two begin only when there is no other, and end soon. */
	PVS_HOLD_RENEWAL,	/* of the rings */
	PVS_HOLD_CHECK,		/* after errors of the device: is a command missing? */
};

#define PVS_HOLDS_BRIEF	(BIT(PVS_HOLD_RENEWAL) | BIT(PVS_HOLD_CHECK))

struct pvs_owner {
	struct pvs_adapter *adapter;	/* NULL before and after its life */
	struct mutex eh_lock;		/* outermost: one handler at a time */
	unsigned long holds;		/* bits, enum pvs_hold */
	wait_queue_head_t released;	/* for the end of the last hold */
};

static inline struct pvs_owner *pvs_owner_of(struct Scsi_Host *shost)
{
	return shost_priv(shost);
}

/* The adapter of a host whose commands are under way, or being submitted. Any context. */
static inline struct pvs_adapter *pvs_owner_adapter(struct Scsi_Host *shost)
{
	return pvs_owner_of(shost)->adapter;
}

void pvs_owner_init(struct pvs_owner *owner);

/* Any context. */
static inline bool pvs_owner_is_held(const struct pvs_owner *owner)
{
	return READ_ONCE(owner->holds);
}
static inline bool pvs_owner_has(const struct pvs_owner *owner, enum pvs_hold hold)
{
	return READ_ONCE(owner->holds) & BIT(hold);
}
/* Is there another hold than this one? */
static inline bool pvs_owner_shares(const struct pvs_owner *owner, enum pvs_hold hold)
{
	return READ_ONCE(owner->holds) & ~BIT(hold);
}
/* Is there one that may last? */
static inline bool pvs_owner_is_held_long(const struct pvs_owner *owner)
{
	return READ_ONCE(owner->holds) & ~PVS_HOLDS_BRIEF;
}

/* From now on no handler begins. What one has begun under life_lock is over once that is taken. */
void pvs_owner_hold(struct pvs_owner *owner, enum pvs_hold hold);
void pvs_owner_release(struct pvs_owner *owner, enum pvs_hold hold);
/* The adapter is stopped for good: nobody has to wait for it. */
void pvs_owner_release_all(struct pvs_owner *owner);
/* Wait until there is no hold. May sleep, as long as the hold lasts. */
void pvs_owner_wait(struct pvs_owner *owner);

/*
 * Become the one that handles errors, once there is no hold: the adapter lives until
 * pvs_owner_end_eh(). Returns NULL, with nothing to end, if it was removed. May sleep.
 */
struct pvs_adapter *pvs_owner_begin_eh(struct pvs_owner *owner);
void pvs_owner_end_eh(struct pvs_owner *owner);

/* The adapter's life begins, and ends: waits for the handler that runs. May sleep. */
void pvs_owner_attach(struct pvs_owner *owner, struct pvs_adapter *adapter);
void pvs_owner_detach(struct pvs_owner *owner);

#endif
