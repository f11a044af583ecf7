/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Configuration pages: is a page believed, and what does the controller's page say? Pure:
 * works on a private copy of the page. Called in any context.
 */
#ifndef PVS_CONFPAGE_H
#define PVS_CONFPAGE_H

#include <linux/types.h>
#include "abi.h"

/* UTF-8 needs at most 3 bytes for 16 bits of UCS-2, and a NUL. */
#define PVS_CONFPAGE_TEXT(units)	((units) * 3 + 1)

/*
 * What an adapter says of itself. Text is clean UTF-8 on one line, without spaces at its ends.
 * Empty text, or a number of 0, means that the adapter does not say it.
 */
struct pvs_identity {
	u64 node_wwn;
	u32 targets;
	char manufacturer[PVS_CONFPAGE_TEXT(64)];
	char serial_number[PVS_CONFPAGE_TEXT(64)];
	char hardware_version[PVS_CONFPAGE_TEXT(32)];
	char firmware_version[PVS_CONFPAGE_TEXT(32)];
	char option_rom_version[PVS_CONFPAGE_TEXT(32)];
};

/*
 * The size in bytes of the page with this header. 0 if it is not to be believed: it reports an
 * error, it is another page, or it does not fit into a device page.
 */
u32 pvs_confpage_size(const struct pvscsi_config_header *header, u32 page_number);

/*
 * Translate the controller's page. Returns false, with an empty identity, if the page is not
 * believed or too short.
 */
bool pvs_confpage_identify(const struct pvscsi_config_controller *page,
			   struct pvs_identity *identity);

#endif
