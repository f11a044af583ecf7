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

static u32 pvscsi_config_page(struct pvscsi *pvscsi)
{
	const struct pvscsi_cmd_config *desc = (void *)pvscsi->word;
	struct pvscsi_config_controller *page;
	static const char name[] = "adversary";
	u32 i;

	page = pvscsi_memory(pvscsi, desc->addr, sizeof(*page));
	if (!page || desc->page_number != PVSCSI_CONFIG_PAGE_CONTROLLER ||
	    desc->selector >> 32 != PVSCSI_CONFIG_SELECTOR_CONTROLLER)
		return PVSCSI_STATUS_FAILED;
	memset(page, 0, sizeof(*page));
	page->page_number = desc->page_number;
	page->dwords = sizeof(*page) / 4;
	page->node_wwn = 0x5000c29000000001;
	for (i = 0; name[i]; i++)
		page->manufacturer[i] = name[i];
	page->phys = pvscsi->options.targets;
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
