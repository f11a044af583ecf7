// SPDX-License-Identifier: GPL-2.0-only
/* The parts of SPC-4 and SBC-3 that Linux uses with a disk. */

#include <err.h>
#include <fcntl.h>
#include <unistd.h>
#include "target.h"

#define ASC_INVALID_OPCODE	0x2000
#define ASC_OUT_OF_RANGE	0x2100
#define ASC_INVALID_FIELD	0x2400
#define ASC_POWER_ON		0x2900
#define ASC_CAPACITY_CHANGED	0x2a09

#define KEY_NO_SENSE		0x0
#define KEY_MEDIUM_ERROR	0x3
#define KEY_ILLEGAL_REQUEST	0x5
#define KEY_UNIT_ATTENTION	0x6

void target_open(struct target *target, u32 number, const char *path, u64 blocks)
{
	target->fd = open(path, O_RDWR | O_CREAT, 0600);
	if (target->fd < 0 || ftruncate(target->fd, blocks * TARGET_BLOCK))
		err(1, "%s", path);
	target->number = number;
	target->blocks = blocks;
	target->present = true;
	target->attention = ASC_POWER_ON;
}

void target_close(struct target *target)
{
	close(target->fd);
	target->present = false;
}

void target_resize(struct target *target, u64 blocks)
{
	if (ftruncate(target->fd, blocks * TARGET_BLOCK))
		warn("cannot resize target %u", target->number);
	target->blocks = blocks;
	target->attention = ASC_CAPACITY_CHANGED;
}

void target_attention(struct target *target, u16 code)
{
	target->attention = code;
}

static void target_fail(struct target_result *result, u8 key, u16 code)
{
	result->status = SAM_STAT_CHECK_CONDITION;
	memset(result->sense, 0, sizeof(result->sense));
	result->sense[0] = 0x70;
	result->sense[2] = key;
	result->sense[7] = TARGET_SENSE - 8;
	result->sense[12] = code >> 8;
	result->sense[13] = code & 0xff;
}

static u64 target_get(const u8 *bytes, u32 len)
{
	u64 value = 0;

	while (len--)
		value = value << 8 | *bytes++;
	return value;
}

static void target_put(u8 *bytes, u32 len, u64 value)
{
	while (len--) {
		bytes[len] = value & 0xff;
		value >>= 8;
	}
}

/* Return these bytes, limited by the allocation length and the buffer. */
static void target_answer(struct target_data *data, struct target_result *result, const void *bytes,
			  u64 len, u64 allowed)
{
	const u8 *from = bytes;
	u32 i;

	if (!data->to_memory) {
		result->bad_direction = allowed;
		return;
	}
	len = min(min(len, allowed), data->len);
	for (i = 0; i < data->pieces && len; i++) {
		u64 part = min(len, (u64)data->piece[i].len);

		memcpy(data->piece[i].va, from, part);
		from += part;
		len -= part;
		result->moved += part;
	}
}

static void target_inquiry_page(struct target *target, const u8 *cdb, struct target_data *data,
				struct target_result *result)
{
	u8 page[64] = { 0, cdb[2] };
	u32 len;

	switch (cdb[2]) {
	case 0x00:
		memcpy(page + 4, "\x00\x80\x83\xb0\xb1", len = 5);
		break;
	case 0x80:
		len = sprintf((char *)page + 4, "PVSCSI%04u", target->number);
		break;
	case 0x83:	/* NAA 3, locally assigned */
		memcpy(page + 4, "\x01\x03\x00\x08\x30\x00\x00\x00\x00\x00\x00", len = 12);
		page[15] = target->number;
		break;
	case 0xb0:
		len = 0x3c;
		break;
	case 0xb1:
		len = 0x3c;
		page[5] = 1;	/* does not rotate */
		break;
	default:
		target_fail(result, KEY_ILLEGAL_REQUEST, ASC_INVALID_FIELD);
		return;
	}
	target_put(page + 2, 2, len);
	target_answer(data, result, page, 4 + len, target_get(cdb + 3, 2));
}

static void target_inquiry(struct target *target, const u8 *cdb, struct target_data *data,
			   struct target_result *result)
{
	u8 answer[36] = { 0, 0, 6, 0x12, 31, 0, 0, 0x02 };

	if (cdb[1] & 1) {
		target_inquiry_page(target, cdb, data, result);
		return;
	}
	memcpy(answer + 8, "PVSCSI  ADVERSARY DISK  1   ", 28);
	target_answer(data, result, answer, sizeof(answer), target_get(cdb + 3, 2));
}

static void target_mode_sense(const u8 *cdb, struct target_data *data,
			      struct target_result *result)
{
	bool six = cdb[0] == MODE_SENSE;
	u32 header = six ? 4 : 8, page = cdb[2] & 0x3f;
	u8 answer[32] = { 0 };
	u32 len = header;

	if (page == 0x08 || page == 0x3f) {
		answer[len] = 0x08;	/* caching: off, all zeroes */
		answer[len + 1] = 18;
		len += 20;
	}
	target_put(answer, six ? 1 : 2, len - (six ? 1 : 2));
	target_answer(data, result, answer, len, six ? cdb[4] : target_get(cdb + 7, 2));
}

static void target_capacity(struct target *target, const u8 *cdb, struct target_data *data,
			    struct target_result *result)
{
	u8 answer[32] = { 0 };

	if (cdb[0] == READ_CAPACITY) {
		target_put(answer, 4, min(target->blocks - 1, (u64)0xffffffff));
		target_put(answer + 4, 4, TARGET_BLOCK);
		target_answer(data, result, answer, 8, 8);
		return;
	}
	if ((cdb[1] & 0x1f) != 0x10) {
		target_fail(result, KEY_ILLEGAL_REQUEST, ASC_INVALID_FIELD);
		return;
	}
	target_put(answer, 8, target->blocks - 1);
	target_put(answer + 8, 4, TARGET_BLOCK);
	target_answer(data, result, answer, 32, target_get(cdb + 10, 4));
}

/* The group of the opcode determines where a READ or WRITE has its address and length. */
static void target_extent(const u8 *cdb, u64 *block, u64 *count)
{
	switch (cdb[0] >> 5) {
	case 0:
		*block = target_get(cdb + 1, 3) & 0x1fffff;
		*count = cdb[4] ? cdb[4] : 256;
		break;
	case 5:
		*block = target_get(cdb + 2, 4);
		*count = target_get(cdb + 6, 4);
		break;
	case 4:
		*block = target_get(cdb + 2, 8);
		*count = target_get(cdb + 10, 4);
		break;
	default:
		*block = target_get(cdb + 2, 4);
		*count = target_get(cdb + 7, 2);
		break;
	}
}

static void target_transfer(struct target *target, const u8 *cdb, bool reads,
			    struct target_data *data, struct target_result *result)
{
	u64 block, count, left;
	off_t at;
	u32 i;

	target_extent(cdb, &block, &count);
	if (block > target->blocks || count > target->blocks - block) {
		target_fail(result, KEY_ILLEGAL_REQUEST, ASC_OUT_OF_RANGE);
		return;
	}
	if (count && !(reads ? data->to_memory : data->to_device)) {
		result->bad_direction = true;
		return;
	}
	at = block * TARGET_BLOCK;
	left = min(count * TARGET_BLOCK, data->len);
	for (i = 0; i < data->pieces && left; i++) {
		const struct target_piece *piece = &data->piece[i];
		size_t part = min(left, (u64)piece->len);
		ssize_t done = reads ? pread(target->fd, piece->va, part, at) :
				       pwrite(target->fd, piece->va, part, at);

		if (done != (ssize_t)part) {
			target_fail(result, KEY_MEDIUM_ERROR, 0);
			return;
		}
		at += part;
		left -= part;
		result->moved += part;
	}
}

void target_command(struct target *target, const u8 *cdb, struct target_data *data,
		    struct target_result *result)
{
	static const u8 luns[16] = { 0, 0, 0, 8 };
	u8 sense[TARGET_SENSE];

	memset(result, 0, sizeof(*result));
	if (target->attention && cdb[0] != INQUIRY && cdb[0] != REPORT_LUNS &&
	    cdb[0] != REQUEST_SENSE) {
		target_fail(result, KEY_UNIT_ATTENTION, target->attention);
		target->attention = 0;
		return;
	}
	switch (cdb[0]) {
	case TEST_UNIT_READY:
	case START_STOP:
	case SYNCHRONIZE_CACHE:
	case ALLOW_MEDIUM_REMOVAL:
		break;
	case INQUIRY:
		target_inquiry(target, cdb, data, result);
		break;
	case REQUEST_SENSE:
		target_fail(result, KEY_NO_SENSE, 0);
		memcpy(sense, result->sense, sizeof(sense));
		result->status = SAM_STAT_GOOD;
		target_answer(data, result, sense, sizeof(sense), cdb[4]);
		break;
	case REPORT_LUNS:
		target_answer(data, result, luns, sizeof(luns), target_get(cdb + 6, 4));
		break;
	case MODE_SENSE:
	case MODE_SENSE_10:
		target_mode_sense(cdb, data, result);
		break;
	case READ_CAPACITY:
	case SERVICE_ACTION_IN_16:
		target_capacity(target, cdb, data, result);
		break;
	case READ_6:
	case READ_10:
	case READ_12:
	case READ_16:
		target_transfer(target, cdb, true, data, result);
		break;
	case WRITE_6:
	case WRITE_10:
	case WRITE_12:
	case WRITE_16:
		target_transfer(target, cdb, false, data, result);
		break;
	default:
		target_fail(result, KEY_ILLEGAL_REQUEST, ASC_INVALID_OPCODE);
	}
}
