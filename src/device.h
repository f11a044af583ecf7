/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Start, stop, reset, hold and release of the device. Unless noted otherwise, all functions
 * may sleep and serialise with each other.
 */
#ifndef PVS_DEVICE_H
#define PVS_DEVICE_H

#include "adapter.h"

/* Reset the device, set up its rings, and accept commands. 0 or -errno. */
int pvs_device_start(struct pvs_adapter *adapter);

/*
 * Stop the device permanently. Reset it, so that it no longer accesses memory. Fail its
 * outstanding commands and all later ones. End all holds, so that nothing starts it again.
 */
void pvs_device_stop(struct pvs_adapter *adapter);

/* Stop accepting commands, wait for the outstanding ones up to a time limit, then stop. */
void pvs_device_shutdown(struct pvs_adapter *adapter);

/*
 * Hold the adapter (see owner.h) and quiesce the device: wait for the outstanding commands
 * up to a time limit, then reset it. Later commands are returned as busy and retried after
 * the release. Does nothing if the device is stopped.
 */
void pvs_device_suspend(struct pvs_adapter *adapter, enum pvs_hold hold);
/*
 * Hold the adapter because of a PCI error. The device cannot be accessed, so it cannot be
 * told to stop, and may still write to memory. Its commands therefore stay outstanding
 * until others have reset it.
 */
void pvs_device_hold(struct pvs_adapter *adapter);
/* True while the device is suspended. Any context. */
bool pvs_device_is_asleep(const struct pvs_adapter *adapter);
/*
 * True if the device is stopped permanently. Any context. Its commands may still be on their
 * way back to the midlayer. To wait for them, take and release life_lock once.
 */
static inline bool pvs_device_is_stopped(const struct pvs_adapter *adapter)
{
	return READ_ONCE(adapter->state) == PVS_STATE_STOPPED;
}
/*
 * End a hold. When the last hold ends, commands are accepted again. A device that was
 * stopped meanwhile is started first, and commands that it kept are returned, to be
 * retried. Returns 0, or -errno with the device stopped. Does nothing without this hold.
 */
int pvs_device_release(struct pvs_adapter *adapter, enum pvs_hold hold);
/* Stop the device if the PCI core did not recover it from a PCI error in time. */
void pvs_device_pci_error_work(struct work_struct *work);

/*
 * Operations for error handling. Each returns 0; -EAGAIN, with nothing done, if the adapter
 * is held; or -ENODEV if the device is stopped, in which case it owns no command.
 */

/* Issue a command. *status is the value of COMMAND_STATUS afterwards. */
int pvs_device_command(struct pvs_adapter *adapter, enum pvscsi_command command, const void *desc,
		       size_t size, u32 *status);
/* Ring the doorbell once more, in case one was lost. */
int pvs_device_kick(struct pvs_adapter *adapter);
/* Stop and start the device. Its outstanding commands are returned, to be retried. */
int pvs_device_reset(struct pvs_adapter *adapter);
/* If the device is still absent, log that and stop it. */
int pvs_device_give_up(struct pvs_adapter *adapter);

/* True while the device cannot be accessed. Any context. */
bool pvs_device_is_absent(struct pvs_adapter *adapter);

/* After lost messages: set up the message ring again, empty. */
void pvs_device_renew_msg_ring(struct pvs_adapter *adapter);

/* After errors of the device: check for missing commands. Reset or stop it if needed. */
void pvs_device_errors_work(struct work_struct *work);

/* Before the request index wraps: drain the rings and set them up again. */
void pvs_device_renew_work(struct work_struct *work);

#endif
