/* SPDX-License-Identifier: GPL-2.0-only */
/* Setting up the rings in the device. Both functions need life_lock and may sleep. */
#ifndef PVS_RINGS_H
#define PVS_RINGS_H

#include "adapter.h"

/*
 * Once the request index reaches this value, the rings are drained and set up again:
 * QEMU's device stops permanently when the index wraps. (A test build uses a lower value.)
 */
#ifndef PVS_RENEW_INDEX
#define PVS_RENEW_INDEX		0xf0000000u
#endif

/*
 * Set up all rings in the device, empty. The device must own no command. Returns 0, or
 * -ENODEV if it does not accept them.
 */
int pvs_rings_attach(struct pvs_adapter *adapter);
/* The same for the message ring only, after messages were lost. */
void pvs_rings_renew_msg(struct pvs_adapter *adapter);

#endif
