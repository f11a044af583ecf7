/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who owns the adapter; see docs/architecture.md, "Who owns the adapter".
 *
 * Error handlers own a running adapter, one handler at a time. Code that needs the device
 * quiesced (suspend, a reset by the PCI core, a PCI error, renewal of the rings) holds the
 * adapter. While there is a hold, no handler begins. A handler that is running stops, waits
 * for the end of the last hold, and starts over. This structure is part of the SCSI host,
 * which outlives the adapter.
 */
#ifndef PVS_OWNER_H
#define PVS_OWNER_H

#include <linux/bitops.h>
#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <scsi/scsi_host.h>

struct pvs_adapter;

/* Reasons for a hold. Holds may overlap. */
enum pvs_hold {
	PVS_HOLD_SLEEP,		/* suspend, of any kind */
	PVS_HOLD_FUNCTION_RESET,
	PVS_HOLD_PCI_ERROR,	/* the device may still own commands */
	PVS_HOLD_SHUTDOWN,
	/* These two begin only when there is no other hold, and are brief. */
	PVS_HOLD_RENEWAL,	/* renewal of the rings */
	PVS_HOLD_CHECK,		/* check for missing commands, after errors of the device */
};

#define PVS_HOLDS_BRIEF	(BIT(PVS_HOLD_RENEWAL) | BIT(PVS_HOLD_CHECK))

struct pvs_owner {
	struct pvs_adapter *adapter;	/* NULL before attach and after detach */
	/* Serialises handlers, and keeps the adapter alive during one. Outermost lock. */
	struct mutex eh_lock;
	unsigned long holds;		/* bit mask of enum pvs_hold; atomic, see owner.c */
	wait_queue_head_t released;	/* woken when a hold ends */
};

static inline struct pvs_owner *pvs_owner_of(struct Scsi_Host *shost)
{
	return shost_priv(shost);
}

/* The adapter of a host that has a command submitted or outstanding. Any context. */
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
/* True if there is a hold other than this one. */
static inline bool pvs_owner_shares(const struct pvs_owner *owner, enum pvs_hold hold)
{
	return READ_ONCE(owner->holds) & ~BIT(hold);
}
/* True if there is a hold that may last long. */
static inline bool pvs_owner_is_held_long(const struct pvs_owner *owner)
{
	return READ_ONCE(owner->holds) & ~PVS_HOLDS_BRIEF;
}

/*
 * Set a hold: from now on no handler begins. To wait until a running handler no longer
 * accesses the device, take life_lock afterwards.
 */
void pvs_owner_hold(struct pvs_owner *owner, enum pvs_hold hold);
void pvs_owner_release(struct pvs_owner *owner, enum pvs_hold hold);
/* The adapter is stopped permanently: end all holds, so that nothing waits any more. */
void pvs_owner_release_all(struct pvs_owner *owner);
/* Wait until there is no hold. May sleep for as long as a hold lasts. */
void pvs_owner_wait(struct pvs_owner *owner);

/*
 * Wait until there is no hold and no other handler, then begin error handling. The adapter
 * is not freed before pvs_owner_end_eh(). Returns NULL if the adapter was removed; then do
 * not call pvs_owner_end_eh(). May sleep.
 */
struct pvs_adapter *pvs_owner_begin_eh(struct pvs_owner *owner);
void pvs_owner_end_eh(struct pvs_owner *owner);

/* Attach and detach the adapter. Detaching waits for a running handler. May sleep. */
void pvs_owner_attach(struct pvs_owner *owner, struct pvs_adapter *adapter);
void pvs_owner_detach(struct pvs_owner *owner);

#endif
