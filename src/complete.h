/* SPDX-License-Identifier: GPL-2.0-only */
/* Completion: from the completion ring to the midlayer. Any context unless said otherwise. */
#ifndef PVS_COMPLETE_H
#define PVS_COMPLETE_H

#include "adapter.h"

/*
 * Deliver up to budget finished commands, rounded up to a batch; *delivered is how many.
 * Returns true if some were left.
 */
bool pvs_complete_run(struct pvs_adapter *adapter, u32 budget, u32 *delivered);
/*
 * Deliver all that is there, or as much as a device can have that keeps to its rings; returns true if
 * some were left. In process context, where there is no hurry.
 */
bool pvs_complete_all(struct pvs_adapter *adapter);
/* The device was reset: complete all that it still owned with host_byte. */
void pvs_complete_abandoned(struct pvs_adapter *adapter, u8 host_byte);
/*
 * Deliver what comes until the device owns no command of target, or of any with
 * PVS_ANY_TARGET. 0 if all came back, out of the hands of other CPUs too; -ETIMEDOUT
 * if the time is over, -EAGAIN if give_up() says so, which is asked now and then.
 * May sleep.
 */
#define PVS_ANY_TARGET	(~0u)
int pvs_complete_wait(struct pvs_adapter *adapter, u32 target, u32 timeout_ms,
		      bool (*give_up)(struct pvs_adapter *adapter));
/* Wait until deliveries that were under way on other CPUs are over. May sleep. */
void pvs_complete_sync(void);
void pvs_complete_work(struct work_struct *work);

#endif
