// SPDX-License-Identifier: GPL-2.0-only
/* Decides at which moments a fault strikes. */

#include "pvscsi.h"

/* Does the fault strike now? Counts the moment. */
static bool fault_strikes(struct pvscsi *pvscsi)
{
	struct fault_state *state = &pvscsi->fault;

	if (state->after) {
		state->after--;
		return false;
	}
	if (state->until && now_ms() >= state->until) {
		fault_off(pvscsi);
		return false;
	}
	state->strikes++;
	return true;
}

/* Switch the fault off after its last strike. */
static void fault_struck(struct pvscsi *pvscsi)
{
	struct fault_state *state = &pvscsi->fault;

	if (state->times && !--state->times)
		fault_off(pvscsi);
}

/* The fault that is on, if it applies to this kind of moment and strikes now; else NULL. */
#define FAULT(pvscsi, moment) \
	((pvscsi)->fault.on && (pvscsi)->fault.on->moment && fault_strikes(pvscsi) ? \
	 (pvscsi)->fault.on : NULL)

const struct fault *fault_number(u32 i)
{
	if (i < faults_of_completions_count)
		return &faults_of_completions[i];
	i -= faults_of_completions_count;
	if (i < faults_of_rings_count)
		return &faults_of_rings[i];
	i -= faults_of_rings_count;
	if (i < faults_of_commands_count)
		return &faults_of_commands[i];
	i -= faults_of_commands_count;
	return i < faults_of_probing_count ? &faults_of_probing[i] : NULL;
}

const struct fault *fault_on(struct pvscsi *pvscsi, const char *name,
			     const struct fault_limits *limits)
{
	struct fault_state *state = &pvscsi->fault;
	const struct fault *fault;
	u32 i;

	for (i = 0; (fault = fault_number(i)); i++) {
		if (strcmp(fault->name, name))
			continue;
		state->on = fault;
		state->after = limits->after;
		state->times = limits->times ? limits->times : fault->times;
		state->until = limits->seconds ? now_ms() + limits->seconds * 1000ull : 0;
		state->least = limits->least;
		state->strikes = 0;
		memset(state->note, 0, sizeof(state->note));
		return fault;
	}
	return NULL;
}

void fault_off(struct pvscsi *pvscsi)
{
	pvscsi->fault.on = NULL;
}

u32 fault_random(struct pvscsi *pvscsi)
{
	u64 *x = &pvscsi->fault.random;

	/* xorshift64* */
	*x ^= *x >> 12;
	*x ^= *x << 25;
	*x ^= *x >> 27;
	return *x * 0x2545f4914f6cdd1dull >> 32;
}

bool fault_completion(struct pvscsi *pvscsi, struct pvscsi_waiting *waiting)
{
	const struct fault *fault;
	bool taken;

	if (waiting->data_len < pvscsi->fault.least)
		return false;
	fault = FAULT(pvscsi, completion);
	taken = fault && fault->completion(pvscsi, waiting);
	if (fault)
		fault_struck(pvscsi);
	return taken;
}

bool fault_cut_short(struct pvscsi *pvscsi, struct pvscsi_waiting *waiting)
{
	/* This continues a fault that struck before, so it is not counted. */
	const struct fault *fault = pvscsi->fault.on;

	return fault && fault->cut_short && fault->cut_short(pvscsi, waiting);
}

void fault_posted(struct pvscsi *pvscsi, u32 first)
{
	const struct fault *fault = FAULT(pvscsi, posted);

	if (!fault)
		return;
	fault->posted(pvscsi, first);
	fault_struck(pvscsi);
}

void fault_data(struct pvscsi *pvscsi, const struct pvscsi_request *req, struct target_data *data)
{
	const struct fault *fault = pvscsi->fault.on;

	/* The completion of the command counts the strike. */
	if (fault && fault->data && !pvscsi->fault.after)
		fault->data(pvscsi, req, data);
}

void fault_requests_taken(struct pvscsi *pvscsi)
{
	const struct fault *fault = FAULT(pvscsi, requests_taken);

	if (!fault)
		return;
	fault->requests_taken(pvscsi);
	fault_struck(pvscsi);
}

bool fault_interrupt(struct pvscsi *pvscsi)
{
	const struct fault *fault = FAULT(pvscsi, interrupt);
	bool taken = fault && fault->interrupt(pvscsi);

	if (fault)
		fault_struck(pvscsi);
	return taken;
}

bool fault_doorbell(struct pvscsi *pvscsi)
{
	const struct fault *fault = FAULT(pvscsi, doorbell);
	bool taken = fault && fault->doorbell(pvscsi);

	if (fault)
		fault_struck(pvscsi);
	return taken;
}

bool fault_command(struct pvscsi *pvscsi, u32 command, u32 *status)
{
	const struct fault *fault = FAULT(pvscsi, command);
	bool taken = fault && fault->command(pvscsi, command, status);

	/* Commands that the fault did not change do not count. */
	if (taken)
		fault_struck(pvscsi);
	return taken;
}

u32 fault_register_read(struct pvscsi *pvscsi, u64 offset, u32 value)
{
	const struct fault *fault = FAULT(pvscsi, register_read);

	if (!fault)
		return value;
	value = fault->register_read(pvscsi, offset, value);
	fault_struck(pvscsi);
	return value;
}

bool fault_register_write(struct pvscsi *pvscsi, u64 offset, u32 value)
{
	const struct fault *fault = FAULT(pvscsi, register_write);
	bool taken = fault && fault->register_write(pvscsi, offset, value);

	return taken;
}

void fault_config_page(struct pvscsi *pvscsi, struct pvscsi_config_controller *page)
{
	const struct fault *fault = FAULT(pvscsi, config_page);

	if (!fault)
		return;
	fault->config_page(pvscsi, page);
	fault_struck(pvscsi);
}

bool fault_polls(const struct pvscsi *pvscsi)
{
	return pvscsi->fault.on && pvscsi->fault.on->polls;
}

void fault_function_reset(struct pvscsi *pvscsi)
{
	if (pvscsi->fault.on && pvscsi->fault.on->until_reset)
		fault_off(pvscsi);
}

u64 fault_tick(struct pvscsi *pvscsi, u64 now)
{
	const struct fault *fault = pvscsi->fault.on;

	if (!fault || !(fault->tick || fault->polls))
		return NEVER;
	if (fault->polls && fault_strikes(pvscsi))
		pvscsi_run(pvscsi);
	if (fault->tick && fault_strikes(pvscsi)) {
		fault->tick(pvscsi);
		fault_struck(pvscsi);
	}
	return now + 1;
}
