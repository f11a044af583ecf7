/* SPDX-License-Identifier: GPL-2.0-only */
/* The interrupt. */
#ifndef PVS_IRQ_H
#define PVS_IRQ_H

#include "adapter.h"

/* Request MSI-X, MSI or INTx. Returns 0, or -errno after logging why. Both may sleep. */
int pvs_irq_create(struct pvs_adapter *adapter);
void pvs_irq_destroy(struct pvs_adapter *adapter);

static inline const char *pvs_irq_mode(const struct pvs_adapter *adapter)
{
	return adapter->pdev->msix_enabled ? "MSI-X" : adapter->msi ? "MSI" : "INTx";
}

#endif
