/* SPDX-License-Identifier: GPL-2.0-only */
/* The device's life. All may sleep and serialise with each other, unless said otherwise. */
#ifndef PVS_DEVICE_H
#define PVS_DEVICE_H

#include "adapter.h"

/* Reset the device, give it the rings, and accept commands. 0 or -errno. */
int pvs_device_start(struct pvs_adapter *adapter);

/*
 * Reset the device, so that it touches nothing any more, and fail what it had not
 * finished, as all commands that follow. Ends all holds: nothing starts it again.
 */
void pvs_device_stop(struct pvs_adapter *adapter);

/* Accept no commands, wait for those under way (within bounds), then stop. */
void pvs_device_shutdown(struct pvs_adapter *adapter);

/*
 * Hold the adapter (see owner.h) and have the device at rest: wait for the commands under
 * way, within bounds, and reset it. Commands that follow are sent back, to be retried
 * after the release. A device that is stopped already stays so.
 */
void pvs_device_suspend(struct pvs_adapter *adapter, enum pvs_hold hold);
/*
 * Hold the adapter because of a PCI error. The device cannot be spoken to any more, so it
 * keeps its commands until it was reset by others: it may write to their memory still.
 */
void pvs_device_hold(struct pvs_adapter *adapter);
/* Is it suspended? Any context. */
bool pvs_device_is_asleep(const struct pvs_adapter *adapter);
/*
 * Is it stopped for good? Any context. Its commands may be on their way back still; who
 * needs them back takes life_lock once.
 */
static inline bool pvs_device_is_stopped(const struct pvs_adapter *adapter)
{
	return READ_ONCE(adapter->state) == PVS_STATE_STOPPED;
}
/*
 * End a hold; with the last one the device is started again, and the commands that it had
 * kept are sent back. 0, or -errno with the device stopped; nothing if it is not held so.
 */
int pvs_device_release(struct pvs_adapter *adapter, enum pvs_hold hold);
/* A PCI error that nobody recovers from: stop the device. */
void pvs_device_pci_error_work(struct work_struct *work);

/*
 * What error handling does to the device. Each returns 0, -EAGAIN if the adapter is held,
 * with nothing done, or -ENODEV if it is stopped: then it has no command left.
 */

/* Issue a command; *status is COMMAND_STATUS as it reads then. */
int pvs_device_command(struct pvs_adapter *adapter, enum pvscsi_command command, const void *desc,
		       size_t size, u32 *status);
/* Ring the doorbell once more, in case one was lost. */
int pvs_device_kick(struct pvs_adapter *adapter);
/* Stop and start, with the commands under way sent back to be retried. */
int pvs_device_reset(struct pvs_adapter *adapter);
/* It is absent and does not come back: stop it, and say so. */
int pvs_device_give_up(struct pvs_adapter *adapter);

/* Can it not be spoken to just now? Any context. */
bool pvs_device_is_absent(struct pvs_adapter *adapter);

/* Messages were lost: give the device an empty message ring, in step with ours. */
void pvs_device_renew_msg_ring(struct pvs_adapter *adapter);

/* It said what cannot be: look whether a command is missing; reset it, or stop it in the end. */
void pvs_device_errors_work(struct work_struct *work);

/* The request index is near its wrap: drain the rings and set them up again. */
void pvs_device_renew_work(struct work_struct *work);

#endif
