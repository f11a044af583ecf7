/* SPDX-License-Identifier: GPL-2.0-only */
/* The module parameters in use. */
#ifndef PVS_PARAMS_H
#define PVS_PARAMS_H

#include <linux/types.h>
#include "paramlist.h"

struct pvs_params {
	struct pvs_paramlist ring_pages;	/* 0: automatic, see sizing.h */
	struct pvs_paramlist msg_ring_pages;
	struct pvs_paramlist cmd_per_lun;
	bool disable_msi;
	bool disable_msix;
	bool use_msg;
	bool use_req_threshold;
};

/* Set before the first probe, while the module is being loaded. Read-only afterwards. */
extern struct pvs_params pvs_params;

#endif
