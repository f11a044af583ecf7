// SPDX-License-Identifier: GPL-2.0-only
/*
 * The commands of the command registers. Until all words of a known command are written, the status
 * reads as -2 (more words). For an unknown command, it reads as -1 (failed).
 */

#include "pvscsi.h"

#define REVISION_MESSAGES	2	/* the first revision with messages and threshold */

static bool pages_are_good(u32 pages, u32 max)
{
	return pages && pages <= max && !(pages & (pages - 1));
}

void pvscsi_adapter_reset(struct pvscsi *pvscsi)
{
	pvscsi->counters.resets++;
	pvscsi->state = NULL;
	pvscsi->msg_pages = 0;
	pvscsi->threshold_on = false;
	pvscsi->intr_status = 0;
	pvscsi->waitings = 0;
	pvscsi->config_page = NULL;
}

static u32 pvscsi_setup_rings(struct pvscsi *pvscsi)
{
	const struct pvscsi_cmd_setup_rings *desc = (void *)pvscsi->word;
	struct pvscsi_rings_state *state;
	u32 start = pvscsi->options.start_index, i;

	if (!pages_are_good(desc->req_pages, PVSCSI_MAX_RING_PAGES) ||
	    !pages_are_good(desc->cmp_pages, PVSCSI_MAX_RING_PAGES))
		return PVSCSI_STATUS_FAILED;
	state = pvscsi_memory(pvscsi, desc->state_ppn << PVSCSI_PAGE_SHIFT, PVSCSI_PAGE_SIZE);
	if (!state)
		return PVSCSI_STATUS_FAILED;
	for (i = 0; i < PVSCSI_MAX_RING_PAGES; i++) {
		pvscsi->req_page[i] = desc->req_ppns[i] << PVSCSI_PAGE_SHIFT;
		pvscsi->cmp_page[i] = desc->cmp_ppns[i] << PVSCSI_PAGE_SHIFT;
	}
	pvscsi->req_pages = desc->req_pages;
	pvscsi->cmp_pages = desc->cmp_pages;
	pvscsi->state = state;
	pvscsi->waitings = 0;
	pvscsi->req_cons = start;
	pvscsi->cmp_prod = start;
	memset(state, 0, offsetof(struct pvscsi_rings_state, msg_prod));
	state->req_prod = start;
	state->req_cons = start;
	state->req_log2 = __builtin_ctz(pvscsi_entries(desc->req_pages, PVSCSI_REQS_PER_PAGE));
	state->cmp_prod = start;
	state->cmp_cons = start;
	state->cmp_log2 = __builtin_ctz(pvscsi_entries(desc->cmp_pages, PVSCSI_CMPS_PER_PAGE));
	return PVSCSI_STATUS_OK;
}

static u32 pvscsi_setup_msg_ring(struct pvscsi *pvscsi)
{
	const struct pvscsi_cmd_setup_msg_ring *desc = (void *)pvscsi->word;
	struct pvscsi_rings_state *state = pvscsi->state;
	u32 start = pvscsi->options.start_index, i;

	if (!state || !pages_are_good(desc->pages, PVSCSI_MAX_MSG_RING_PAGES))
		return PVSCSI_STATUS_FAILED;
	for (i = 0; i < PVSCSI_MAX_MSG_RING_PAGES; i++)
		pvscsi->msg_page[i] = desc->ppns[i] << PVSCSI_PAGE_SHIFT;
	pvscsi->msg_pages = desc->pages;
	pvscsi->msg_prod = start;
	state->msg_prod = start;
	state->msg_cons = start;
	state->msg_log2 = __builtin_ctz(pvscsi_entries(desc->pages, PVSCSI_MSGS_PER_PAGE));
	return PVSCSI_STATUS_OK;
}

static u32 pvscsi_reset_device(struct pvscsi *pvscsi)
{
	const struct pvscsi_cmd_reset_device *desc = (void *)pvscsi->word;

	if (desc->target >= PVSCSI_TARGETS || !pvscsi->target[desc->target].present)
		return PVSCSI_STATUS_FAILED;
	pvscsi_flush_target(pvscsi, desc->target, PVSCSI_HOST_BUS_RESET);
	target_attention(&pvscsi->target[desc->target], 0x2903);
	return PVSCSI_STATUS_OK;
}

static u32 pvscsi_reset_bus(struct pvscsi *pvscsi)
{
	u32 i;

	for (i = 0; i < PVSCSI_TARGETS; i++) {
		pvscsi_flush_target(pvscsi, i, PVSCSI_HOST_BUS_RESET);
		target_attention(&pvscsi->target[i], 0x2902);
	}
	return PVSCSI_STATUS_OK;
}

static u32 pvscsi_abort(struct pvscsi *pvscsi)
{
	const struct pvscsi_cmd_abort *desc = (void *)pvscsi->word;

	pvscsi->counters.aborts++;
	pvscsi_flush_context(pvscsi, desc->context, PVSCSI_HOST_ABORT_QUEUE);
	return PVSCSI_STATUS_OK;
}

static void put_text(u16 *to, const char *text)
{
	while (*text)
		*to++ = *text++;
}

static void fill_controller(struct pvscsi *pvscsi, struct pvscsi_config_controller *page)
{
	page->header.dwords = sizeof(*page) / 4;
	page->node_wwn = 0x5000c29000000001;
	put_text(page->manufacturer, pvscsi->manufacturer);
	put_text(page->serial, " 0001-test ");
	put_text(page->option_rom_version, "none");
	put_text(page->hw_version, "model 1");
	put_text(page->fw_version, "2.0-?");
	page->fw_version[4] = 0x3b2;	/* a letter outside of ASCII */
	page->phys = pvscsi->options.targets;
}

/* The layout of the other two pages is not known: after the header, each byte is the target. */
static bool fill_other(struct pvscsi *pvscsi, u32 target, struct pvscsi_config_header *page)
{
	if (target >= PVSCSI_TARGETS || !pvscsi->target[target].present)
		return false;
	page->dwords = 32 / 4;
	memset(page + 1, target, 32 - sizeof(*page));
	return true;
}

static u32 pvscsi_config_page(struct pvscsi *pvscsi)
{
	const struct pvscsi_cmd_config *desc = (void *)pvscsi->word;
	u32 selector = desc->selector >> 32, one = desc->selector;
	struct pvscsi_config_controller *page;
	bool good = false;

	page = pvscsi_memory(pvscsi, desc->addr, PVSCSI_PAGE_SIZE);
	if (!page)
		return PVSCSI_STATUS_FAILED;
	memset(page, 0, PVSCSI_PAGE_SIZE);
	if (desc->page_number == PVSCSI_CONFIG_PAGE_CONTROLLER &&
	    selector == PVSCSI_CONFIG_SELECTOR_CONTROLLER) {
		fill_controller(pvscsi, page);
		good = true;
	} else if ((desc->page_number == PVSCSI_CONFIG_PAGE_PHY &&
		    selector == PVSCSI_CONFIG_SELECTOR_PHY) ||
		   (desc->page_number == PVSCSI_CONFIG_PAGE_TARGET &&
		    selector == PVSCSI_CONFIG_SELECTOR_TARGET)) {
		good = fill_other(pvscsi, one, &page->header);
	}
	if (!good)
		return PVSCSI_STATUS_FAILED;
	page->header.page_number = desc->page_number;
	pvscsi->config_page = page;
	fault_config_page(pvscsi, page);
	return PVSCSI_STATUS_OK;
}

static u32 pvscsi_setup_threshold(struct pvscsi *pvscsi)
{
	const struct pvscsi_cmd_setup_reqcall *desc = (void *)pvscsi->word;

	if (!pvscsi->state)
		return PVSCSI_STATUS_FAILED;
	pvscsi->threshold_on = desc->enable;
	return PVSCSI_STATUS_OK;
}

static u32 pvscsi_max_targets(struct pvscsi *pvscsi)
{
	return pvscsi->options.targets;
}

static u32 pvscsi_do_reset(struct pvscsi *pvscsi)
{
	pvscsi_adapter_reset(pvscsi);
	return PVSCSI_STATUS_OK;
}

static const struct {
	u32 size;
	u32 (*carry_out)(struct pvscsi *pvscsi);
	u32 revision;
} commands[] = {
	[PVSCSI_CMD_ADAPTER_RESET] = { 0, pvscsi_do_reset, 1 },
	[PVSCSI_CMD_SETUP_RINGS] = { sizeof(struct pvscsi_cmd_setup_rings), pvscsi_setup_rings, 1 },
	[PVSCSI_CMD_RESET_BUS] = { 0, pvscsi_reset_bus, 1 },
	[PVSCSI_CMD_RESET_DEVICE] = { sizeof(struct pvscsi_cmd_reset_device), pvscsi_reset_device, 1 },
	[PVSCSI_CMD_ABORT_CMD] = { sizeof(struct pvscsi_cmd_abort), pvscsi_abort, 1 },
	[PVSCSI_CMD_CONFIG] = { sizeof(struct pvscsi_cmd_config), pvscsi_config_page, 1 },
	[PVSCSI_CMD_SETUP_MSG_RING] = { sizeof(struct pvscsi_cmd_setup_msg_ring),
					pvscsi_setup_msg_ring, REVISION_MESSAGES },
	[PVSCSI_CMD_SETUP_REQCALLTHRESHOLD] = { sizeof(struct pvscsi_cmd_setup_reqcall),
						pvscsi_setup_threshold, REVISION_MESSAGES },
	[PVSCSI_CMD_GET_MAX_TARGETS] = { 0, pvscsi_max_targets, REVISION_MESSAGES },
};

static void pvscsi_command_ready(struct pvscsi *pvscsi)
{
	u32 command = pvscsi->command;

	if (pvscsi->words * sizeof(u32) < commands[command].size) {
		pvscsi->status = PVSCSI_STATUS_MORE_WORDS;
		return;
	}
	pvscsi->command = 0;
	if (!fault_command(pvscsi, command, &pvscsi->status))
		pvscsi->status = commands[command].carry_out(pvscsi);
}

void pvscsi_command(struct pvscsi *pvscsi, u32 command)
{
	pvscsi->words = 0;
	pvscsi->command = 0;
	pvscsi->status = PVSCSI_STATUS_FAILED;
	if (command >= ARRAY_SIZE(commands) || !commands[command].carry_out ||
	    pvscsi->options.revision < commands[command].revision ||
	    (command == PVSCSI_CMD_SETUP_REQCALLTHRESHOLD && !pvscsi->options.threshold))
		return;
	pvscsi->command = command;
	pvscsi_command_ready(pvscsi);
}

void pvscsi_command_word(struct pvscsi *pvscsi, u32 word)
{
	if (!pvscsi->command || pvscsi->words == ARRAY_SIZE(pvscsi->word))
		return;
	pvscsi->word[pvscsi->words++] = word;
	pvscsi_command_ready(pvscsi);
}
