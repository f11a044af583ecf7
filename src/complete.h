/* SPDX-License-Identifier: GPL-2.0-only */
/* Completion: from the completion ring to the midlayer. Any context unless said otherwise. */
#ifndef PVS_COMPLETE_H
#define PVS_COMPLETE_H

#include "adapter.h"

/*
 * Consume up to budget completions, rounded up to a batch, and deliver their commands to
 * the midlayer. *delivered is the number of commands. Returns true if completions are left.
 */
bool pvs_complete_run(struct pvs_adapter *adapter, u32 budget, u32 *delivered);
/*
 * The same for all waiting completions. The number is limited, so that a faulty device
 * cannot keep the CPU busy for ever. Process context; may reschedule.
 */
bool pvs_complete_all(struct pvs_adapter *adapter);
/* After a reset of the device: complete all commands that it still owns with host_byte. */
void pvs_complete_abandoned(struct pvs_adapter *adapter, u8 host_byte);
/*
 * Deliver completions until the device owns no command of target, or no command at all
 * for PVS_ANY_TARGET. Returns 0 when these commands are back in the midlayer, including
 * those that other CPUs were delivering; -ETIMEDOUT after timeout_ms; or -EAGAIN once
 * give_up(), which is polled, returns true. May sleep.
 */
#define PVS_ANY_TARGET	(~0u)
int pvs_complete_wait(struct pvs_adapter *adapter, u32 target, u32 timeout_ms,
		      bool (*give_up)(struct pvs_adapter *adapter));
/* Wait for the deliveries that are in progress on other CPUs. May sleep. */
void pvs_complete_sync(void);
void pvs_complete_work(struct work_struct *work);

#endif
