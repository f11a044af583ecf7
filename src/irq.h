/* SPDX-License-Identifier: GPL-2.0-only */
/* The interrupt. Both may sleep. */
#ifndef PVS_IRQ_H
#define PVS_IRQ_H

#include "adapter.h"

/* Request it, with MSI-X, MSI or INTx. 0 or -errno, having said why. */
int pvs_irq_create(struct pvs_adapter *adapter);
void pvs_irq_destroy(struct pvs_adapter *adapter);

#endif
