// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any two status words, lengths and command. The oracle has the table of docs/architecture.md as
 * data, and conditions on which the midlayer depends.
 */
#include "fuzz.h"
#include "status.h"

/* Is the SCSI status used? NOT_GOOD: yes, unless it is GOOD; then the host byte is used. */
enum target { NO, YES, NOT_GOOD };

static const struct row {
	u16 host_status;
	enum target target;
	u8 host_byte;
} rows[] = {
	{ 0x00, YES, 0x00 }, { 0x0a, YES, 0x00 }, { 0x0b, YES, 0x00 }, { 0x0c, YES, 0x00 },
	{ 0x11, NO, 0x01 }, { 0x12, YES, 0x00 }, { 0x13, NO, 0x07 }, { 0x14, NO, 0x07 },
	{ 0x15, NO, 0x07 }, { 0x16, NO, 0x07 }, { 0x17, NO, 0x07 }, { 0x1a, NO, 0x07 },
	{ 0x1b, NOT_GOOD, 0x07 }, { 0x1c, NO, 0x07 }, { 0x1d, NO, 0x07 }, { 0x20, NO, 0x07 },
	{ 0x21, NO, 0x07 }, { 0x22, NO, 0x08 }, { 0x23, NO, 0x08 }, { 0x24, NO, 0x07 },
	{ 0x25, NO, 0x08 }, { 0x26, NO, 0x0b }, { 0x27, NO, 0x07 }, { 0x30, NO, 0x07 },
	{ 0x34, NO, 0x06 },
};
static const struct row unknown = { 0xffff, NO, 0x07 };

/* The statuses of SAM; those that mean neither "done" nor "not done" to the midlayer. */
static const u8 sam[] = { 0x00, 0x02, 0x04, 0x08, 0x10, 0x14, 0x18, 0x22, 0x28, 0x30, 0x40 };
static const u8 neither[] = { 0x04, 0x10, 0x14, 0x22 };

static bool is_among(const u8 *set, size_t count, u16 status)
{
	while (count--)
		if (set[count] == status)
			return true;
	return false;
}

static const struct row *row_of(u16 host_status)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].host_status == host_status)
			return &rows[i];
	return &unknown;
}

/*
 * Was everything transferred, as far as the device reported? Without an underflow, it need not be.
 */
static bool is_whole(const struct pvs_status_in *in, const struct pvs_status_cmd *cmd)
{
	bool says_short = in->host_status == 0x0c || in->host_status == 0x12;

	if (in->data_len >= 1 && in->data_len <= cmd->bufflen)
		return in->data_len == cmd->bufflen || !cmd->underflow;
	if (cmd->underflow && cmd->withheld)
		return false;
	return !says_short || !(cmd->underflow || cmd->out);
}

/* The result according to the table: host byte << 8 | status byte. */
static u32 oracle_result(const struct pvs_status_in *in, const struct pvs_status_cmd *cmd)
{
	const struct row *row = row_of(in->host_status);
	bool sense = in->sense_len && cmd->sense_max;

	if (!is_among(sam, ARRAY_SIZE(sam), in->scsi_status))
		return (row->target == NO ? row->host_byte : 0x07) << 8;
	if (in->scsi_status == 0x02 && (row->target != NO || sense))
		return (row->target == NO ? row->host_byte : 0) << 8 | 0x02;
	if (row->target == NO)
		return row->host_byte << 8;
	if (cmd->underflow && is_among(neither, ARRAY_SIZE(neither), in->scsi_status))
		return 0x07 << 8;
	if (in->scsi_status)
		return in->scsi_status;
	if (row->target == NOT_GOOD || !is_whole(in, cmd))
		return 0x07 << 8;
	return 0;
}

static void check(const struct pvs_status_in *in, const struct pvs_status_cmd *cmd)
{
	const struct row *row = row_of(in->host_status);
	struct pvs_status_out out;
	bool told = in->data_len >= 1 && in->data_len <= cmd->bufflen;

	memset(&out, 0xa5, sizeof(out));
	pvs_status_translate(in, cmd, &out);
	FUZZ_CHECK((out.host_byte << 8 | out.status_byte) == oracle_result(in, cmd));
	FUZZ_CHECK(is_among(sam, ARRAY_SIZE(sam), out.status_byte));

	FUZZ_CHECK(out.resid <= cmd->bufflen);
	FUZZ_CHECK((u64)out.resid + (told ? in->data_len : cmd->bufflen - cmd->withheld) ==
		   cmd->bufflen);
	/* A short read or write is never reported as complete. */
	FUZZ_CHECK(out.host_byte || out.status_byte || !cmd->underflow || !out.resid);

	FUZZ_CHECK(out.sense_len <= cmd->sense_max && out.sense_len <= in->sense_len);
	FUZZ_CHECK(!out.sense_len || out.status_byte == 0x02);
	FUZZ_CHECK(in->scsi_status != 0x02 || out.sense_len == in->sense_len ||
		   out.sense_len == cmd->sense_max);

	FUZZ_CHECK(*(u8 *)&out.implausible <= 1);
	FUZZ_CHECK(out.implausible == (row == &unknown || in->data_len > cmd->bufflen ||
				       in->sense_len > cmd->sense_max ||
				       !is_among(sam, ARRAY_SIZE(sam), in->scsi_status)));
	FUZZ_CHECK(!pvs_status_is_plain(in, cmd->bufflen, cmd->underflow) || cmd->withheld ||
		   !(out.host_byte | out.status_byte | out.resid | out.sense_len |
		     out.implausible));
	FUZZ_CHECK(pvs_status_is_targets(in->host_status) == (row->target != NO));
	FUZZ_CHECK(pvs_status_is_short(in->host_status) ==
		   (in->host_status == 0x0c || in->host_status == 0x12));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz bytes = { data, size };
	struct pvs_status_cmd cmd;
	struct pvs_status_in in;
	u8 form = fuzz_u8(&bytes);

	in.host_status = form & 1 ? fuzz_number(&bytes, 16) : fuzz_u8(&bytes) & 0x3f;
	in.scsi_status = form & 2 ? fuzz_number(&bytes, 16) :
				    sam[fuzz_u8(&bytes) % ARRAY_SIZE(sam)];
	cmd.bufflen = fuzz_number(&bytes, 32);
	cmd.withheld = 0;
	cmd.out = form & 128;
	cmd.sense_max = form & 4 ? fuzz_number(&bytes, 32) : 96;
	cmd.underflow = form & 8 ? fuzz_number(&bytes, 32) : form & 16 ? cmd.bufflen : 0;
	in.data_len = form & 32 ? fuzz_number(&bytes, 64) :
				  (u64)cmd.bufflen + (int8_t)fuzz_u8(&bytes);
	in.sense_len = form & 64 ? fuzz_number(&bytes, 32) : fuzz_u8(&bytes);
	if (fuzz_u8(&bytes) & 1)
		cmd.withheld = (u64)fuzz_number(&bytes, 32) * cmd.bufflen >> 32;
	check(&in, &cmd);
	return 0;
}
