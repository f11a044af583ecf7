/* SPDX-License-Identifier: GPL-2.0-only */
/* The module's parameters, as they are in use. */
#ifndef PVS_PARAMS_H
#define PVS_PARAMS_H

#include <linux/types.h>
#include "paramlist.h"

struct pvs_params {
	struct pvs_paramlist ring_pages;	/* 0: chosen, see sizing.h */
	struct pvs_paramlist msg_ring_pages;
	struct pvs_paramlist cmd_per_lun;
	bool disable_msi;
	bool disable_msix;
	bool use_msg;
	bool use_req_threshold;
};

/* Set while the module is loaded, before the first probe; then read-only. */
extern struct pvs_params pvs_params;

#endif
