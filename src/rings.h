/* SPDX-License-Identifier: GPL-2.0-only */
/* Giving the device its rings. Both under life_lock, may sleep. */
#ifndef PVS_RINGS_H
#define PVS_RINGS_H

#include "adapter.h"

/*
 * From this request index on, the rings are drained and set up again: QEMU's
 * device stops for good when the index wraps. (A test build gets there sooner.)
 */
#ifndef PVS_RENEW_INDEX
#define PVS_RENEW_INDEX		0xf0000000u
#endif

/* Give the device all rings, empty. It owns no command. 0, or -ENODEV if it refuses them. */
int pvs_rings_attach(struct pvs_adapter *adapter);
/* The same of the message ring alone: messages were lost. */
void pvs_rings_renew_msg(struct pvs_adapter *adapter);

#endif
