/* SPDX-License-Identifier: GPL-2.0-only */
/* The interrupt. Both functions may sleep. */
#ifndef PVS_IRQ_H
#define PVS_IRQ_H

#include "adapter.h"

/* Request MSI-X, MSI or INTx. Returns 0, or -errno after logging why. */
int pvs_irq_create(struct pvs_adapter *adapter);
void pvs_irq_destroy(struct pvs_adapter *adapter);

#endif
