// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"
#include "abi.h"
#include "status.h"

#define BUFFLEN		4096
#define SENSE_MAX	96
#define SENSE_LEN	18

/*
 * The table of docs/architecture.md, with a row for each host status: the host byte that results
 * with GOOD, with CHECK CONDITION and sense data, and with BUSY (as an example of the other
 * statuses), if the command has no underflow and the device did not report how much it transferred.
 */
static const struct row {
	u16 host_status;
	u8 with_good;
	u8 with_check;
	u8 with_busy;
	bool busy_is_kept;
} rows[] = {
	{ 0x00, DID_OK, DID_OK, DID_OK, true },		/* success */
	{ 0x0a, DID_OK, DID_OK, DID_OK, true },		/* linked command complete */
	{ 0x0b, DID_OK, DID_OK, DID_OK, true },		/* the same with flag */
	{ 0x0c, DID_OK, DID_OK, DID_OK, true },		/* data underrun */
	{ 0x11, DID_NO_CONNECT, DID_NO_CONNECT, DID_NO_CONNECT, false },
	{ 0x12, DID_OK, DID_OK, DID_OK, true },		/* data run */
	{ 0x13, DID_ERROR, DID_ERROR, DID_ERROR, false },	/* bus free */
	{ 0x14, DID_ERROR, DID_ERROR, DID_ERROR, false },	/* invalid phase */
	{ 0x15, DID_ERROR, DID_ERROR, DID_ERROR, false },	/* invalid code */
	{ 0x16, DID_ERROR, DID_ERROR, DID_ERROR, false },	/* invalid opcode */
	{ 0x17, DID_ERROR, DID_ERROR, DID_ERROR, false },	/* LUN mismatch */
	{ 0x1a, DID_ERROR, DID_ERROR, DID_ERROR, false },	/* invalid parameter */
	{ 0x1b, DID_ERROR, DID_OK, DID_OK, true },		/* sense failed */
	{ 0x1c, DID_ERROR, DID_ERROR, DID_ERROR, false },	/* tag reject */
	{ 0x1d, DID_ERROR, DID_ERROR, DID_ERROR, false },	/* bad message */
	{ 0x20, DID_ERROR, DID_ERROR, DID_ERROR, false },	/* adapter hardware */
	{ 0x21, DID_ERROR, DID_ERROR, DID_ERROR, false },	/* no response */
	{ 0x22, DID_RESET, DID_RESET, DID_RESET, false },	/* sent reset */
	{ 0x23, DID_RESET, DID_RESET, DID_RESET, false },	/* received reset */
	{ 0x24, DID_ERROR, DID_ERROR, DID_ERROR, false },	/* disconnect */
	{ 0x25, DID_RESET, DID_RESET, DID_RESET, false },	/* bus reset */
	{ 0x26, DID_SOFT_ERROR, DID_SOFT_ERROR, DID_SOFT_ERROR, false }, /* abort queue */
	{ 0x27, DID_ERROR, DID_ERROR, DID_ERROR, false },	/* adapter software */
	{ 0x30, DID_ERROR, DID_ERROR, DID_ERROR, false },	/* adapter timeout */
	{ 0x34, DID_PARITY, DID_PARITY, DID_PARITY, false },	/* parity */
};

static const struct pvs_status_cmd any_length = { BUFFLEN, 0, SENSE_MAX, 0, false };
static const struct pvs_status_cmd whole_buffer = { BUFFLEN, BUFFLEN, SENSE_MAX, 0, false };
static const struct pvs_status_cmd large_blocks = { BUFFLEN, 512, SENSE_MAX, 0, false };
static const struct pvs_status_cmd sent = { BUFFLEN, 0, SENSE_MAX, 0, true };
static const struct pvs_status_cmd sent_in_part = { BUFFLEN, 0, SENSE_MAX, BUFFLEN - 24, true };
static const struct pvs_status_cmd nothing_given = { BUFFLEN, 0, SENSE_MAX, BUFFLEN, false };

static struct pvs_status_out translate(u16 host_status, u16 scsi_status, u64 data_len,
				       u32 sense_len, const struct pvs_status_cmd *cmd)
{
	struct pvs_status_in in = { host_status, scsi_status, data_len, sense_len };
	struct pvs_status_out out;

	memset(&out, 0xa5, sizeof(out));
	pvs_status_translate(&in, cmd, &out);
	return out;
}

#define FOR_EACH_ROW(row) \
	for (const struct row *row = rows; row < rows + sizeof(rows) / sizeof(*rows); row++)

static void every_host_status_with_good(void)
{
	FOR_EACH_ROW(row) {
		struct pvs_status_out out = translate(row->host_status, SAM_STAT_GOOD, 0, 0,
						      &any_length);

		UNIT_EQUAL(out.host_byte, row->with_good);
		UNIT_EQUAL(out.status_byte, SAM_STAT_GOOD);
		UNIT_EQUAL(out.sense_len, 0);
		UNIT_EQUAL(out.resid, 0);
		UNIT_TRUE(!out.implausible);
	}
}

static void every_host_status_with_check_condition_keeps_sense(void)
{
	FOR_EACH_ROW(row) {
		struct pvs_status_out out = translate(row->host_status, SAM_STAT_CHECK_CONDITION,
						      0, SENSE_LEN, &whole_buffer);

		UNIT_EQUAL(out.host_byte, row->with_check);
		UNIT_EQUAL(out.status_byte, SAM_STAT_CHECK_CONDITION);
		UNIT_EQUAL(out.sense_len, SENSE_LEN);
		UNIT_TRUE(!out.implausible);
	}
}

static void every_host_status_with_busy(void)
{
	FOR_EACH_ROW(row) {
		struct pvs_status_out out = translate(row->host_status, SAM_STAT_BUSY, 0, SENSE_LEN,
						      &whole_buffer);

		UNIT_EQUAL(out.host_byte, row->with_busy);
		UNIT_EQUAL(out.status_byte, row->busy_is_kept ? SAM_STAT_BUSY : SAM_STAT_GOOD);
		UNIT_EQUAL(out.sense_len, 0);
	}
}

static void every_sam_status_of_the_target_is_kept(void)
{
	static const u8 statuses[] = { 0x00, 0x02, 0x04, 0x08, 0x10, 0x14, 0x18, 0x22, 0x28, 0x30,
				       0x40 };

	for (size_t i = 0; i < sizeof(statuses); i++) {
		struct pvs_status_out out = translate(PVSCSI_HOST_SUCCESS, statuses[i], BUFFLEN, 0,
						      &any_length);

		UNIT_EQUAL(out.host_byte, DID_OK);
		UNIT_EQUAL(out.status_byte, statuses[i]);
		UNIT_TRUE(!out.implausible);
	}
}

static void statuses_good_for_nothing_fail_a_read_or_write(void)
{
	/* The midlayer would retry the command endlessly. */
	static const u8 statuses[] = { 0x04, 0x10, 0x14, 0x22 };

	for (size_t i = 0; i < sizeof(statuses); i++) {
		struct pvs_status_out out = translate(PVSCSI_HOST_SUCCESS, statuses[i], BUFFLEN, 0,
						      &whole_buffer);

		UNIT_EQUAL(out.host_byte, DID_ERROR);
		UNIT_EQUAL(out.status_byte, SAM_STAT_GOOD);
	}
}

static void check_condition_without_sense_is_left_to_the_midlayer(void)
{
	struct pvs_status_out out = translate(PVSCSI_HOST_DATA_RUN, SAM_STAT_CHECK_CONDITION, 0, 0,
					      &whole_buffer);

	UNIT_EQUAL(out.host_byte, DID_OK);
	UNIT_EQUAL(out.status_byte, SAM_STAT_CHECK_CONDITION);
	UNIT_EQUAL(out.sense_len, 0);
}

static void adapter_error_with_empty_check_condition_is_the_adapters(void)
{
	struct pvs_status_out out = translate(PVSCSI_HOST_SELECTION_TIMEOUT,
					      SAM_STAT_CHECK_CONDITION, 0, 0, &any_length);

	UNIT_EQUAL(out.host_byte, DID_NO_CONNECT);
	UNIT_EQUAL(out.status_byte, SAM_STAT_GOOD);
}

static void sense_length_is_clamped(void)
{
	struct pvs_status_out out = translate(PVSCSI_HOST_SUCCESS, SAM_STAT_CHECK_CONDITION, 0,
					      U32_MAX, &any_length);

	UNIT_EQUAL(out.sense_len, SENSE_MAX);
	UNIT_TRUE(out.implausible);
}

static void told_length_gives_the_residual(void)
{
	static const u16 hosts[] = { 0x00, 0x0a, 0x0b, 0x0c, 0x12 };

	for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++) {
		struct pvs_status_out out = translate(hosts[i], SAM_STAT_GOOD, 36, 0, &any_length);

		UNIT_EQUAL(out.host_byte, DID_OK);
		UNIT_EQUAL(out.resid, BUFFLEN - 36);
		UNIT_TRUE(!out.implausible);
	}
}

static void length_zero_is_not_believed(void)
{
	/* QEMU and, with shared buses, ESXi report 0 after a complete transfer. */
	struct pvs_status_out out = translate(PVSCSI_HOST_SUCCESS, SAM_STAT_GOOD, 0, 0,
					      &whole_buffer);

	UNIT_EQUAL(out.host_byte, DID_OK);
	UNIT_EQUAL(out.resid, 0);
}

static void length_beyond_the_buffer_is_not_believed(void)
{
	struct pvs_status_out out = translate(PVSCSI_HOST_SUCCESS, SAM_STAT_GOOD, BUFFLEN + 1ull, 0,
					      &whole_buffer);

	UNIT_EQUAL(out.resid, 0);
	UNIT_TRUE(out.implausible);
	out = translate(PVSCSI_HOST_DATA_RUN, SAM_STAT_GOOD, 1ull << 32 | 36, 0, &any_length);
	UNIT_EQUAL(out.resid, 0);
	UNIT_TRUE(out.implausible);
}

static void short_good_transfer_never_passes_as_whole(void)
{
	static const u16 hosts[] = { 0x00, 0x0a, 0x0b, 0x0c, 0x12 };

	for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++) {
		struct pvs_status_out out = translate(hosts[i], SAM_STAT_GOOD, 512, 0,
						      &whole_buffer);

		UNIT_EQUAL(out.host_byte, DID_ERROR);
		UNIT_EQUAL(out.resid, BUFFLEN - 512);
	}
	/* A disk of 4096-byte blocks: the underflow counts in units of 512. */
	UNIT_EQUAL(translate(0x00, SAM_STAT_GOOD, 600, 0, &large_blocks).host_byte, DID_ERROR);
	/* Short by an unknown amount. */
	UNIT_EQUAL(translate(0x0c, SAM_STAT_GOOD, 0, 0, &whole_buffer).host_byte, DID_ERROR);
	UNIT_EQUAL(translate(0x12, SAM_STAT_GOOD, 0, 0, &whole_buffer).host_byte, DID_ERROR);
}

static void lost_data_is_an_error_if_it_was_sent(void)
{
	static const u16 hosts[] = { 0x0c, 0x12 };

	for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++) {
		/* Short by an unknown amount; short by a known amount, which the sender can see. */
		UNIT_EQUAL(translate(hosts[i], SAM_STAT_GOOD, 0, 0, &sent).host_byte, DID_ERROR);
		UNIT_EQUAL(translate(hosts[i], SAM_STAT_GOOD, 512, 0, &sent).host_byte, DID_OK);
		UNIT_EQUAL(translate(hosts[i], SAM_STAT_GOOD, 512, 0, &sent).resid, BUFFLEN - 512);
		UNIT_EQUAL(translate(hosts[i], SAM_STAT_GOOD, BUFFLEN, 0, &sent).host_byte,
			   DID_OK);
		/* An answer may be short. */
		UNIT_EQUAL(translate(hosts[i], SAM_STAT_GOOD, 0, 0, &any_length).host_byte,
			   DID_OK);
		/* The target has already reported the error. */
		UNIT_EQUAL(translate(hosts[i], SAM_STAT_CHECK_CONDITION, 0, SENSE_LEN,
				     &sent).host_byte, DID_OK);
	}
	UNIT_EQUAL(translate(0x00, SAM_STAT_GOOD, 0, 0, &sent).host_byte, DID_OK);
	UNIT_EQUAL(translate(0x00, SAM_STAT_GOOD, 0, 0, &sent).resid, 0);
}

static void what_the_device_was_not_given_is_residual(void)
{
	UNIT_EQUAL(translate(0x00, SAM_STAT_GOOD, 0, 0, &sent_in_part).host_byte, DID_OK);
	UNIT_EQUAL(translate(0x00, SAM_STAT_GOOD, 0, 0, &sent_in_part).resid, BUFFLEN - 24);
	UNIT_EQUAL(translate(0x12, SAM_STAT_GOOD, 0, 0, &sent_in_part).host_byte, DID_ERROR);
	UNIT_EQUAL(translate(0x00, SAM_STAT_GOOD, 0, 0, &nothing_given).host_byte, DID_OK);
	UNIT_EQUAL(translate(0x00, SAM_STAT_GOOD, 0, 0, &nothing_given).resid, BUFFLEN);
}

static void whole_transfer_with_data_run_is_good(void)
{
	struct pvs_status_out out = translate(PVSCSI_HOST_DATA_RUN, SAM_STAT_GOOD, BUFFLEN, 0,
					      &whole_buffer);

	UNIT_EQUAL(out.host_byte, DID_OK);
	UNIT_EQUAL(out.resid, 0);
}

static void unknown_statuses_are_errors_and_implausible(void)
{
	struct pvs_status_out out = translate(0x7f, SAM_STAT_GOOD, 0, 0, &any_length);

	UNIT_EQUAL(out.host_byte, DID_ERROR);
	UNIT_TRUE(out.implausible);
	/* The midlayer would start its error handler for an unknown status. */
	out = translate(PVSCSI_HOST_SUCCESS, 0x77, 0, 0, &any_length);
	UNIT_EQUAL(out.host_byte, DID_ERROR);
	UNIT_EQUAL(out.status_byte, SAM_STAT_GOOD);
	UNIT_TRUE(out.implausible);
	out = translate(PVSCSI_HOST_SELECTION_TIMEOUT, 0x102, 0, 0, &any_length);
	UNIT_EQUAL(out.host_byte, DID_NO_CONNECT);
	UNIT_TRUE(out.implausible);
}

/* Conditions that hold for everything that a device reports. */
static void check_invariants(const struct pvs_status_out *out, const struct pvs_status_cmd *cmd)
{
	UNIT_TRUE(out->resid <= cmd->bufflen);
	UNIT_TRUE(out->sense_len <= cmd->sense_max);
	UNIT_TRUE(!out->sense_len || out->status_byte == SAM_STAT_CHECK_CONDITION);
	if (out->host_byte == DID_OK && out->status_byte == SAM_STAT_GOOD)
		UNIT_TRUE(!cmd->underflow || !out->resid);
}

static void nothing_that_a_device_says_breaks_the_invariants(void)
{
	static const u64 lengths[] = { 0, 1, BUFFLEN, BUFFLEN + 1, U32_MAX, UINT64_MAX };
	static const u32 senses[] = { 0, SENSE_MAX, SENSE_MAX + 1, U32_MAX };
	struct pvs_status_out out;

	for (u32 host = 0; host < 0x200; host++)
		for (u32 scsi = 0; scsi < 0x200; scsi++)
			for (u32 i = 0; i < 6 * 4; i++) {
				out = translate(host, scsi, lengths[i % 6], senses[i / 6],
						&whole_buffer);
				check_invariants(&out, &whole_buffer);
			}
}

/* The short cut must agree with the translation wherever it is taken. */
static void plain_means_all_zero(void)
{
	static const struct pvs_status_cmd * const cmds[] = { &any_length, &whole_buffer,
							      &large_blocks };
	static const u64 lengths[] = { 0, 1, BUFFLEN - 1, BUFFLEN, BUFFLEN + 1 };
	u32 plain = 0;

	for (u32 i = 0; i < 3 * 5 * 2 * 0x40 * 0x40; i++) {
		const struct pvs_status_cmd *cmd = cmds[i % 3];
		struct pvs_status_in in = { i / 30 % 0x40, i / 30 / 0x40, lengths[i / 3 % 5],
					    i / 15 % 2 };
		struct pvs_status_out out;

		if (!pvs_status_is_plain(&in, cmd->bufflen, cmd->underflow))
			continue;
		plain++;
		out = translate(in.host_status, in.scsi_status, in.data_len, in.sense_len, cmd);
		UNIT_EQUAL(out.host_byte | out.status_byte | out.resid | out.sense_len, 0);
		UNIT_TRUE(!out.implausible);
	}
	/* Two lengths of the two commands with an underflow. */
	UNIT_EQUAL(plain, 4);
}

UNIT_MAIN(
	UNIT_CASE(plain_means_all_zero),
	UNIT_CASE(every_host_status_with_good),
	UNIT_CASE(every_host_status_with_check_condition_keeps_sense),
	UNIT_CASE(every_host_status_with_busy),
	UNIT_CASE(every_sam_status_of_the_target_is_kept),
	UNIT_CASE(statuses_good_for_nothing_fail_a_read_or_write),
	UNIT_CASE(check_condition_without_sense_is_left_to_the_midlayer),
	UNIT_CASE(adapter_error_with_empty_check_condition_is_the_adapters),
	UNIT_CASE(sense_length_is_clamped),
	UNIT_CASE(told_length_gives_the_residual),
	UNIT_CASE(length_zero_is_not_believed),
	UNIT_CASE(length_beyond_the_buffer_is_not_believed),
	UNIT_CASE(short_good_transfer_never_passes_as_whole),
	UNIT_CASE(lost_data_is_an_error_if_it_was_sent),
	UNIT_CASE(what_the_device_was_not_given_is_residual),
	UNIT_CASE(whole_transfer_with_data_run_is_good),
	UNIT_CASE(unknown_statuses_are_errors_and_implausible),
	UNIT_CASE(nothing_that_a_device_says_breaks_the_invariants),
)
