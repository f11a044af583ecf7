// SPDX-License-Identifier: GPL-2.0-only
/* Faults of what a driver asks before it sets up rings, above all of the configuration pages. */

#include "pvscsi.h"

static bool config_silent(struct pvscsi *pvscsi, u32 command, u32 *status)
{
	(void)pvscsi;
	if (command != PVSCSI_CMD_CONFIG)
		return false;
	*status = PVSCSI_STATUS_OK;
	return true;
}

static void config_garbage(struct pvscsi *pvscsi, struct pvscsi_config_controller *page)
{
	u32 i;

	for (i = 0; i < sizeof(*page); i++)
		((u8 *)page)[i] = fault_random(pvscsi);
}

static void config_many(struct pvscsi *pvscsi, struct pvscsi_config_controller *page)
{
	(void)pvscsi;
	page->phys = 0xffffffff;
}

static bool targets_absurd(struct pvscsi *pvscsi, u32 command, u32 *status)
{
	(void)pvscsi;
	if (command != PVSCSI_CMD_GET_MAX_TARGETS && command != PVSCSI_CMD_CONFIG)
		return false;
	*status = command == PVSCSI_CMD_CONFIG ? PVSCSI_STATUS_FAILED : 0x7fffffff;
	return true;
}

/* CONFIG asks for more words after the last one. */
static bool config_unanswered(struct pvscsi *pvscsi, u32 command, u32 *status)
{
	(void)pvscsi;
	if (command != PVSCSI_CMD_CONFIG)
		return false;
	*status = PVSCSI_STATUS_MORE_WORDS;
	return true;
}

static void config_other_page(struct pvscsi *pvscsi, struct pvscsi_config_controller *page)
{
	(void)pvscsi;
	page->header.page_number ^= 1;
}

static void config_short(struct pvscsi *pvscsi, struct pvscsi_config_controller *page)
{
	(void)pvscsi;
	page->header.dwords = 3;
}

static void config_long(struct pvscsi *pvscsi, struct pvscsi_config_controller *page)
{
	(void)pvscsi;
	page->header.dwords = 0xffff;
}

/* The texts of the page are contiguous. Fill them with these units, repeatedly. */
static void fill(struct pvscsi_config_controller *page, const u16 *units, u32 count)
{
	u16 *end = (u16 *)&page->phys, *at;
	u32 i = 0;

	for (at = page->manufacturer; at < end; at++)
		*at = units[i++ % count];
}

static void config_unterminated(struct pvscsi *pvscsi, struct pvscsi_config_controller *page)
{
	static const u16 units[] = { 0x20ac };	/* three bytes of UTF-8 */

	(void)pvscsi;
	fill(page, units, ARRAY_SIZE(units));
}

/* Lone ones, pairs in the wrong order, and pairs that cross the ends of the fields. */
static void config_surrogates(struct pvscsi *pvscsi, struct pvscsi_config_controller *page)
{
	static const u16 units[] = { 0xd83d, 0xdca9, 0xdc00, 0xd800, 'x', 0xdfff, 0xdbff };

	(void)pvscsi;
	fill(page, units, ARRAY_SIZE(units));
}

static void config_controls(struct pvscsi *pvscsi, struct pvscsi_config_controller *page)
{
	static const u16 units[] = { 0x1b, '[', '2', 'J', '\n', '\r', 0x07, 0x9b, '1', 'm', 0x7f,
				     0x202e, 0x2028, 0xfeff, 0xffff };

	(void)pvscsi;
	fill(page, units, ARRAY_SIZE(units));
}

static void config_empty(struct pvscsi *pvscsi, struct pvscsi_config_controller *page)
{
	static const u16 units[] = { ' ' };

	(void)pvscsi;
	fill(page, units, ARRAY_SIZE(units));
	page->manufacturer[0] = 0;
	page->node_wwn = 0;
	page->phys = 0;
}

/*
 * The page alternates between right and wrong until a reset, also while the guest copies it: this
 * begins when the device has answered the read of the status.
 */
static void config_rewritten(struct pvscsi *pvscsi)
{
	struct pvscsi_config_controller *page = pvscsi->config_page;
	u64 until = now_ms() + 2;
	u32 i;

	while (page && now_ms() < until) {
		for (i = 0; i < ARRAY_SIZE(page->manufacturer); i++)
			WRITE_ONCE(page->manufacturer[i], i & 1 ? 0xd800 : '\n');
		WRITE_ONCE(page->header.dwords, 0xffff);
		WRITE_ONCE(page->phys, 0xffffffff);
		WRITE_ONCE(page->phys, 1);
		WRITE_ONCE(page->header.dwords, sizeof(*page) / 4);
		for (i = 0; i < ARRAY_SIZE(page->manufacturer); i++)
			WRITE_ONCE(page->manufacturer[i], 'a');
	}
}

const struct fault faults_of_probing[] = {
	{ "config-silent", "CONFIG succeeds and writes nothing", 0, .command = config_silent },
	{ "config-unanswered", "CONFIG waits for more words forever", 0,
	  .command = config_unanswered },
	{ "config-garbage", "CONFIG answers with a random page", 0, .config_page = config_garbage },
	{ "config-many", "CONFIG reports 2^32 - 1 targets", 0, .config_page = config_many },
	{ "config-other-page", "CONFIG answers with another page", 0,
	  .config_page = config_other_page },
	{ "config-short", "the page is shorter than its header", 0, .config_page = config_short },
	{ "config-long", "the page is longer than the memory for it", 0,
	  .config_page = config_long },
	{ "config-unterminated", "texts in the page have no end", 0,
	  .config_page = config_unterminated },
	{ "config-surrogates", "texts in the page are not valid UCS-2", 0,
	  .config_page = config_surrogates },
	{ "config-controls", "texts in the page control a terminal", 0,
	  .config_page = config_controls },
	{ "config-empty", "texts in the page are empty, and numbers are 0", 0,
	  .config_page = config_empty },
	{ "config-rewritten", "the page changes while it is read", 0, .tick = config_rewritten },
	{ "targets-absurd", "CONFIG fails, and the device reports 2^31 - 1 targets",
	  0, .command = targets_absurd },
};
const u32 faults_of_probing_count = ARRAY_SIZE(faults_of_probing);
