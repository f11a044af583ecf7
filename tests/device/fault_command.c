// SPDX-License-Identifier: GPL-2.0-only
/* Faults of commands and registers. */

#include "pvscsi.h"

static bool refuse(u32 command, u32 wanted, u32 *status)
{
	if (command != wanted)
		return false;
	*status = PVSCSI_STATUS_FAILED;
	return true;
}

static bool refuse_abort(struct pvscsi *pvscsi, u32 command, u32 *status)
{
	(void)pvscsi;
	return refuse(command, PVSCSI_CMD_ABORT_CMD, status);
}

static bool refuse_device(struct pvscsi *pvscsi, u32 command, u32 *status)
{
	return refuse(command, PVSCSI_CMD_RESET_DEVICE, status) ||
	       refuse_abort(pvscsi, command, status);
}

static bool refuse_bus(struct pvscsi *pvscsi, u32 command, u32 *status)
{
	return refuse(command, PVSCSI_CMD_RESET_BUS, status) ||
	       refuse_device(pvscsi, command, status);
}

static bool refuse_rings(struct pvscsi *pvscsi, u32 command, u32 *status)
{
	return refuse(command, PVSCSI_CMD_SETUP_RINGS, status) ||
	       refuse_bus(pvscsi, command, status);
}

static bool refuse_messages(struct pvscsi *pvscsi, u32 command, u32 *status)
{
	(void)pvscsi;
	return refuse(command, PVSCSI_CMD_SETUP_MSG_RING, status);
}

static bool never_back(struct pvscsi *pvscsi, struct pvscsi_waiting *waiting)
{
	pvscsi_put_off(pvscsi, waiting, NEVER);
	return true;
}

/* Resets and aborts are executed, but COMMAND_STATUS reads as a wrong value. */
static u32 status_garbage(struct pvscsi *pvscsi, u64 offset, u32 value)
{
	return offset == PVSCSI_REG_COMMAND_STATUS ? fault_random(pvscsi) : value;
}

static u32 status_more(struct pvscsi *pvscsi, u64 offset, u32 value)
{
	(void)pvscsi;
	return offset == PVSCSI_REG_COMMAND_STATUS ? PVSCSI_STATUS_MORE_WORDS : value;
}

static u32 all_ones(struct pvscsi *pvscsi, u64 offset, u32 value)
{
	(void)pvscsi;
	(void)offset;
	(void)value;
	return 0xffffffff;
}

static bool swallow(struct pvscsi *pvscsi, u64 offset, u32 value)
{
	(void)pvscsi;
	(void)offset;
	(void)value;
	return true;
}

static u32 intr_garbage(struct pvscsi *pvscsi, u64 offset, u32 value)
{
	return offset == PVSCSI_REG_INTR_STATUS ? fault_random(pvscsi) & 0x7fffffff : value;
}

#define NEVER_BACK .completion = never_back

const struct fault faults_of_commands[] = {
	{ "abort-refused", "aborts are refused; no command comes back",
	  0, NEVER_BACK, .command = refuse_abort },
	{ "device-reset-refused", "the same, and device resets are refused, too", 0, NEVER_BACK,
	  .command = refuse_device },
	{ "bus-reset-refused", "the same, and bus resets are refused, too", 0, NEVER_BACK,
	  .command = refuse_bus },
	{ "rings-refused", "the same, and after the adapter reset the rings are refused",
	  0, NEVER_BACK,
	  .command = refuse_rings },
	{ "message-ring-refused", "the message ring is refused", 0,
	  .command = refuse_messages },
	{ "status-garbage", "the status of each command to the adapter is random; no command comes back",
	  0, NEVER_BACK,
	  .register_read = status_garbage },
	{ "status-more-words", "each command to the adapter asks for more words; no command comes back",
	  0, NEVER_BACK,
	  .register_read = status_more },
	{ "gone", "all registers read as all ones; no command comes back", 0, NEVER_BACK,
	  .register_read = all_ones, .register_write = swallow },
	{ "gone-for-a-moment", "the same, for three seconds", 0, NEVER_BACK,
	  .register_read = all_ones, .register_write = swallow },
	{ "gone-until-reset", "the same, until the function is reset", 0, NEVER_BACK,
	  .register_read = all_ones, .register_write = swallow, .until_reset = true },
	{ "interrupt-status-garbage", "the interrupt status is random", 0,
	  .register_read = intr_garbage },
};
const u32 faults_of_commands_count = ARRAY_SIZE(faults_of_commands);
