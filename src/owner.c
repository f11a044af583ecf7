// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who owns the adapter. The holds are bits, set and read without a lock. Code that holds
 * the adapter first sets its bit and then takes life_lock. A handler checks the bits and
 * accesses the device under life_lock. So either the handler's access is over before the
 * holder gets the lock, or the handler sees the hold.
 */

#include <linux/bitops.h>
#include "owner.h"

/* Wait in intervals, since a hold may be long: one long wait would be reported as a hung task. */
#define PVS_OWNER_WAIT	(5 * HZ)

void pvs_owner_init(struct pvs_owner *owner)
{
	mutex_init(&owner->eh_lock);
	init_waitqueue_head(&owner->released);
}

void pvs_owner_hold(struct pvs_owner *owner, enum pvs_hold hold)
{
	set_bit(hold, &owner->holds);
}

void pvs_owner_release(struct pvs_owner *owner, enum pvs_hold hold)
{
	clear_bit(hold, &owner->holds);
	wake_up_all(&owner->released);
}

void pvs_owner_release_all(struct pvs_owner *owner)
{
	WRITE_ONCE(owner->holds, 0);
	wake_up_all(&owner->released);
}

void pvs_owner_wait(struct pvs_owner *owner)
{
	while (!wait_event_timeout(owner->released, !pvs_owner_is_held(owner), PVS_OWNER_WAIT))
		;
}

struct pvs_adapter *pvs_owner_begin_eh(struct pvs_owner *owner)
{
	for (;;) {
		mutex_lock(&owner->eh_lock);
		if (owner->adapter && !pvs_owner_is_held(owner))
			return owner->adapter;
		mutex_unlock(&owner->eh_lock);
		/* A removal ends all holds, so it also ends this wait. */
		if (!READ_ONCE(owner->adapter))
			return NULL;
		pvs_owner_wait(owner);
	}
}

void pvs_owner_end_eh(struct pvs_owner *owner)
{
	mutex_unlock(&owner->eh_lock);
}

void pvs_owner_attach(struct pvs_owner *owner, struct pvs_adapter *adapter)
{
	WRITE_ONCE(owner->adapter, adapter);
}

void pvs_owner_detach(struct pvs_owner *owner)
{
	mutex_lock(&owner->eh_lock);
	WRITE_ONCE(owner->adapter, NULL);
	mutex_unlock(&owner->eh_lock);
}
