/* SPDX-License-Identifier: GPL-2.0-only */
/* The device's life: all may sleep and serialise with each other. */
#ifndef PVS_DEVICE_H
#define PVS_DEVICE_H

#include "adapter.h"

/* Reset the device, give it the rings, and accept commands. 0 or -errno. */
int pvs_device_start(struct pvs_adapter *adapter);

/*
 * Reset the device, so that it touches nothing any more, and fail what it had
 * not finished, as all commands that follow.
 */
void pvs_device_stop(struct pvs_adapter *adapter);

/* Accept no commands, wait for those under way (within bounds), then stop. */
void pvs_device_shutdown(struct pvs_adapter *adapter);

/*
 * The same, but commands that follow are sent back, to be retried after the resume;
 * a device that is stopped already stays so. Nobody else touches it until then.
 */
void pvs_device_suspend(struct pvs_adapter *adapter);
/*
 * The same of a device that cannot be spoken to any more: it keeps its commands
 * until it was reset by others and resumes, for it may write to their memory still.
 */
void pvs_device_hold(struct pvs_adapter *adapter);
/*
 * The end of either, or nothing if there was neither: start again, with the commands
 * that it had kept sent back. 0, or -errno with the device stopped.
 */
int pvs_device_resume(struct pvs_adapter *adapter);
/* Is it in between? */
bool pvs_device_is_held(const struct pvs_adapter *adapter);
/* Wait for the end of it, within bounds: error handling begins with this. */
void pvs_device_wait_held(struct pvs_adapter *adapter);

/*
 * Stop and start, with the commands under way sent back to be retried. 0, or
 * -errno with the device stopped; one that is stopped already stays so.
 */
int pvs_device_reset(struct pvs_adapter *adapter);

/* Messages were lost: give the device an empty message ring, in step with ours. */
void pvs_device_renew_msg_ring(struct pvs_adapter *adapter);

/*
 * Its registers read as all ones? Reset it if it comes back within seconds, or else
 * stop it, and say so. Returns whether it is stopped, for this reason or another: it owns no command then, and gets none.
 */
bool pvs_device_is_gone(struct pvs_adapter *adapter);

/* It said so much that cannot be: reset it, or stop it if that was tried before. */
void pvs_device_distrust_work(struct work_struct *work);

/* The request index is near its wrap: drain the rings and set them up again. */
void pvs_device_renew_work(struct work_struct *work);

#endif
