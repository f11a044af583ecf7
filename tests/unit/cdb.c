// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"
#include "cdb.h"

#define DISK	0x00
#define TAPE	0x01
#define ROM	0x05
#define SCANNER	0x06
#define CHANGER	0x08

#define NONE	PVS_CDB_NONE
#define IN	PVS_CDB_IN
#define OUT	PVS_CDB_OUT

#define BLOCK	4096u

#define FOR_EACH(row, rows) \
	for (size_t row = 0; row < ARRAY_SIZE(rows); row++)

struct expected {
	u8 type;
	u8 cdb[PVS_CDB_BYTES];
	enum pvs_cdb_direction direction;
	u64 bytes;
};

static struct pvs_cdb_moves parse(u8 type, const u8 *cdb, u32 block_size)
{
	struct pvs_cdb_in in = { .cdb = cdb, .type = type, .block_size = block_size };
	struct pvs_cdb_moves moves;

	memset(&moves, 0xa5, sizeof(moves));
	pvs_cdb_parse(&in, &moves);
	return moves;
}

static void expect(const struct expected *rows, size_t count)
{
	while (count--) {
		struct pvs_cdb_moves moves = parse(rows->type, rows->cdb, BLOCK);

		if (moves.direction != rows->direction || moves.bytes != rows->bytes)
			printf("type %u, opcode %02x:\n", rows->type, rows->cdb[0]);
		UNIT_EQUAL(moves.direction, rows->direction);
		UNIT_EQUAL(moves.bytes, rows->bytes);
		UNIT_TRUE(!moves.refused);
		rows++;
	}
}

static void lengths_in_bytes_are_where_the_group_has_them(void)
{
	static const struct expected rows[] = {
		{ DISK, { 0x03, 9, 9, 9, 18 }, IN, 18 },			/* REQUEST SENSE */
		{ DISK, { 0x1a, 9, 9, 9, 0xff }, IN, 255 },			/* MODE SENSE(6) */
		{ DISK, { 0x15, 9, 9, 9, 24 }, OUT, 24 },			/* MODE SELECT(6) */
		{ DISK, { 0x42, 0, 0, 0, 0, 0, 0, 0, 24 }, OUT, 24 },		/* UNMAP */
		{ DISK, { 0x4d, 0, 0, 0, 0, 0, 0, 1, 2 }, IN, 258 },		/* LOG SENSE */
		{ DISK, { 0x55, 0, 0, 0, 0, 0, 0, 1, 2 }, OUT, 258 },		/* MODE SELECT(10) */
		{ DISK, { 0x9e, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32 }, IN, 32 },
		{ DISK, { 0xa0, 0, 0, 0, 0, 0, 1, 2, 3, 4 }, IN, 0x01020304 },	/* REPORT LUNS */
		{ DISK, { 0xa4, 0, 0, 0, 0, 0, 0, 0, 0, 8 }, OUT, 8 },		/* SET TARGET PORT GROUPS */
		{ DISK, { 0xa3, 0, 0, 0, 0, 0, 0, 0, 0, 8 }, IN, 8 },
		/* Data-out according to their standards, but not to QEMU. */
		{ DISK, { 0x89, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 }, IN, 1 }, /* COMPARE AND WRITE */
		{ DISK, { 0x83, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 }, IN, 1 }, /* EXTENDED COPY */
		{ DISK, { 0x9c, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 }, IN, 1 }, /* WRITE ATOMIC(16) */
		{ DISK, { 0xb5, 0, 0, 0, 0, 0, 0, 0, 0, 1 }, IN, 1 },		/* SECURITY PROTOCOL OUT */
	};

	expect(rows, ARRAY_SIZE(rows));
}

static void lengths_elsewhere_are_found(void)
{
	static const struct expected rows[] = {
		{ DISK, { 0x12, 0, 0, 1, 2 }, IN, 258 },			/* INQUIRY */
		{ DISK, { 0x1c, 0, 0, 1, 2 }, IN, 258 },			/* RECEIVE DIAGNOSTIC */
		{ DISK, { 0x1d, 0, 0, 1, 2 }, OUT, 258 },			/* SEND DIAGNOSTIC */
		{ DISK, { 0x3b, 0, 0, 0, 0, 0, 1, 2, 3 }, OUT, 0x010203 },	/* WRITE BUFFER */
		{ DISK, { 0x3c, 0, 0, 0, 0, 0, 1, 2, 3 }, IN, 0x010203 },	/* READ BUFFER */
		{ ROM, { 0x5d, 0, 0, 0, 0, 0, 1, 2, 3 }, OUT, 0x010203 },	/* SEND CUE SHEET */
		{ ROM, { 0xbe, 0, 0, 0, 0, 0, 1, 2, 3 }, IN, 0x010203 },	/* READ CD */
		{ DISK, { 0x5f, 0, 0, 0, 0, 1, 2, 3, 4 }, OUT, 0x01020304 },	/* PERSISTENT RESERVE OUT */
		{ DISK, { 0x25, 0, 0, 0, 0, 0, 0, 9, 9 }, IN, 8 },		/* READ CAPACITY(10) */
		{ TAPE, { 0x05, 0, 0, 0, 9 }, IN, 6 },				/* READ BLOCK LIMITS */
		{ CHANGER, { 0xb6, 0, 0, 0, 0, 0, 0, 0, 1, 2 }, OUT, 258 },	/* SEND VOLUME TAG */
	};

	expect(rows, ARRAY_SIZE(rows));
}

static void blocks_count_with_their_size(void)
{
	static const struct expected rows[] = {
		{ DISK, { 0x08, 0, 0, 0, 1 }, IN, BLOCK },
		{ DISK, { 0x08, 0, 0, 0, 0 }, IN, 256 * BLOCK },
		{ DISK, { 0x0a, 0, 0, 0, 2 }, OUT, 2 * BLOCK },
		{ DISK, { 0x0a, 0, 0, 0, 0 }, OUT, 256 * BLOCK },
		{ TAPE, { 0x28, 0, 0, 0, 0, 0, 0, 1, 0 }, IN, 256 * BLOCK },
		{ DISK, { 0x28, 0, 0, 0, 0, 0, 0, 1, 1 }, IN, 257 * BLOCK },
		{ DISK, { 0x28 }, NONE, 0 },
		{ DISK, { 0x2a, 0, 0, 0, 0, 0, 0, 0, 1 }, OUT, BLOCK },
		{ DISK, { 0x2e, 0, 0, 0, 0, 0, 0, 0, 1 }, OUT, BLOCK },
		{ DISK, { 0x88, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff }, IN,
		  0xffffffffull * BLOCK },
		{ DISK, { 0x8a, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 }, OUT, BLOCK },
		{ DISK, { 0x8e, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 }, OUT, BLOCK },
		{ DISK, { 0xa8, 0, 0, 0, 0, 0, 0, 0, 0, 1 }, IN, BLOCK },
		{ DISK, { 0xaa, 0, 0, 0, 0, 0, 0, 0, 0, 1 }, OUT, BLOCK },
		{ DISK, { 0xae, 0, 0, 0, 0, 0, 0, 0, 0, 1 }, OUT, BLOCK },
		{ DISK, { 0x0f, 0, 0, 0, 0 }, IN, 256 * BLOCK },
	};

	expect(rows, ARRAY_SIZE(rows));
}

static void flags_decide_where_they_do(void)
{
	static const struct expected rows[] = {
		/* VERIFY: no data, all blocks, one block to compare with all. */
		{ DISK, { 0x2f, 0, 0, 0, 0, 0, 0, 0, 8 }, NONE, 0 },
		{ DISK, { 0x2f, 4, 0, 0, 0, 0, 0, 0, 8 }, NONE, 0 },
		{ DISK, { 0x2f, 2, 0, 0, 0, 0, 0, 0, 8 }, OUT, 8 * BLOCK },
		{ DISK, { 0x2f, 6, 0, 0, 0, 0, 0, 0, 8 }, OUT, BLOCK },
		{ DISK, { 0x8f, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8 }, OUT, 8 * BLOCK },
		{ DISK, { 0xaf, 2, 0, 0, 0, 0, 0, 0, 0, 8 }, OUT, 8 * BLOCK },
		/* WRITE SAME: one block, except with the bit for no data. */
		{ DISK, { 0x41, 0, 0, 0, 0, 0, 0, 0, 8 }, OUT, BLOCK },
		{ DISK, { 0x93, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, OUT, BLOCK },
		{ DISK, { 0x93, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8 }, NONE, 0 },
		/* FORMAT UNIT: no list, a short header, a long one; that of a CD. */
		{ DISK, { 0x04, 0x20, 0, 0, 9 }, NONE, 0 },
		{ DISK, { 0x04, 0x10, 0, 0, 9 }, OUT, 4 },
		{ DISK, { 0x04, 0x30, 0, 0, 9 }, OUT, 8 },
		{ ROM, { 0x04, 0x30, 0, 0, 9 }, OUT, 12 },
		{ ROM, { 0x04, 0x20, 0, 0, 9 }, NONE, 0 },
	};

	expect(rows, ARRAY_SIZE(rows));
}

static void ata_commands_say_it_themselves(void)
{
	static const struct expected rows[] = {
		/* No length, or a length in a field of the transport. */
		{ DISK, { 0xa1, 0, 0x08, 1, 2 }, NONE, 0 },
		{ DISK, { 0xa1, 0, 0x0b, 1, 2 }, NONE, 0 },
		/* Lengths in FEATURES and COUNT; in bytes, sectors, blocks; in and out. */
		{ DISK, { 0xa1, 0, 0x09, 3, 5 }, IN, 3 },
		{ DISK, { 0xa1, 0, 0x0a, 3, 5 }, IN, 5 },
		{ DISK, { 0xa1, 0, 0x0e, 3, 5 }, IN, 5 * 512 },
		{ DISK, { 0xa1, 0, 0x1e, 3, 5 }, IN, 5 * BLOCK },
		{ DISK, { 0xa1, 0, 0x16, 3, 5 }, OUT, 5 * BLOCK },
		{ DISK, { 0xa1, 0, 0x1a, 3, 5 }, IN, 5 },
		/* The upper half is used only with EXTEND. */
		{ DISK, { 0x85, 0, 0x09, 1, 3, 2, 5 }, IN, 3 },
		{ DISK, { 0x85, 1, 0x09, 1, 3, 2, 5 }, IN, 0x103 },
		{ DISK, { 0x85, 0, 0x0a, 1, 3, 2, 5 }, IN, 5 },
		{ DISK, { 0x85, 1, 0x0a, 1, 3, 2, 5 }, IN, 0x205 },
		{ DISK, { 0x85, 1, 0x06, 1, 3, 2, 5 }, OUT, 0x205 * 512 },
		/* The opcode of the 12-byte command is BLANK on a CD. */
		{ ROM, { 0xa1, 0, 0x0a, 3, 5 }, NONE, 0 },
		{ ROM, { 0x85, 0, 0x0a, 1, 3, 2, 5 }, IN, 5 },
	};

	expect(rows, ARRAY_SIZE(rows));
}

static void cds_have_commands_of_their_own(void)
{
	static const struct expected rows[] = {
		/* REPORT KEY and SEND KEY, whose directions are wrong in QEMU. */
		{ ROM, { 0xa4, 0, 0, 0, 0, 0, 9, 9, 1, 2 }, OUT, 258 },
		{ ROM, { 0xa3, 0, 0, 0, 0, 0, 9, 9, 1, 2 }, IN, 258 },
		{ ROM, { 0xad, 0, 0, 0, 0, 0, 9, 9, 1, 2 }, IN, 258 },
		{ ROM, { 0xb6, 0, 0, 0, 0, 0, 0, 0, 9, 1, 2 }, OUT, 258 },
		{ ROM, { 0xbd, 0, 0, 0, 0, 0, 9, 9, 1, 2 }, IN, 258 },
		{ ROM, { 0xbf, 0, 0, 0, 0, 0, 9, 9, 1, 2 }, OUT, 258 },
		/* GET PERFORMANCE of three descriptors, of each type. */
		{ ROM, { 0xac, 0x10, 0, 0, 0, 0, 0, 0, 0, 3, 0 }, IN, 8 + 3 * 16 },
		{ ROM, { 0xac, 0x11, 0, 0, 0, 0, 0, 0, 0, 3, 0 }, IN, 8 + 3 * 6 },
		{ ROM, { 0xac, 0x02, 0, 0, 0, 0, 0, 0, 0, 3, 0 }, IN, 8 + 3 * 6 },
		{ ROM, { 0xac, 0, 0, 0, 0, 0, 0, 0, 0, 3, 1 }, IN, 8 + 3 * 8 },
		{ ROM, { 0xac, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2 }, IN, 8 + 256 * 2048 },
		{ ROM, { 0xac, 0, 0, 0, 0, 0, 0, 0, 0, 3, 3 }, IN, 8 + 3 * 16 },
		{ ROM, { 0xac, 0, 0, 0, 0, 0, 0, 0, 0, 3, 4 }, IN, 8 + 3 * 8 },
		{ ROM, { 0xac, 0, 0, 0, 0, 0, 0, 0, 0, 3, 5 }, IN, 8 + 3 * 8 },
		{ ROM, { 0xac, 0, 0, 0, 0, 0, 0, 0, 0, 3, 6 }, IN, 8 },
		{ DISK, { 0xac, 0, 0, 0, 0, 0, 0, 0, 0, 3, 1 }, IN, 3 },
	};

	expect(rows, ARRAY_SIZE(rows));
}

static void tapes_changers_and_scanners_have_them_too(void)
{
	static const struct expected rows[] = {
		{ TAPE, { 0x08, 0, 1, 2, 3 }, IN, 0x010203 },
		{ TAPE, { 0x08, 1, 0, 0, 3 }, IN, 3 * BLOCK },
		{ TAPE, { 0x08, 0, 0, 0, 0 }, NONE, 0 },
		{ TAPE, { 0x0a, 0, 1, 2, 3 }, OUT, 0x010203 },
		{ TAPE, { 0x0f, 0, 1, 2, 3 }, IN, 0x010203 },
		{ TAPE, { 0x14, 0, 1, 2, 3 }, IN, 0x010203 },
		{ TAPE, { 0x88, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 3 }, IN, 3 * BLOCK },
		{ TAPE, { 0x81, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 3 }, IN, 3 },
		{ TAPE, { 0x8a, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 3 }, OUT, 3 },
		{ TAPE, { 0x8f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 3 }, OUT, 3 },
		{ TAPE, { 0x91, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2 }, IN, 258 },
		{ TAPE, { 0x1b, 0, 0, 0, 9 }, NONE, 0 },
		{ TAPE, { 0x93, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9 }, NONE, 0 },
		{ TAPE, { 0xac, 0, 0, 0, 0, 0, 0, 0, 0, 9 }, NONE, 0 },
		{ TAPE, { 0x04, 0, 0, 1, 2 }, OUT, 258 },
		{ TAPE, { 0x34, 0x00 }, IN, 20 },
		{ TAPE, { 0x34, 0x01 }, IN, 20 },
		{ TAPE, { 0x34, 0x06 }, IN, 32 },
		{ TAPE, { 0x34, 0x08, 0, 0, 0, 0, 0, 1, 2 }, IN, 258 },
		{ CHANGER, { 0x07, 0, 0, 0, 9 }, NONE, 0 },
		{ DISK, { 0x07, 0, 0, 0, 9 }, OUT, 9 },			/* REASSIGN BLOCKS */
		{ CHANGER, { 0x37, 0, 0, 0, 0, 0, 0, 0, 9 }, NONE, 0 },
		{ DISK, { 0x37, 0, 0, 0, 0, 0, 0, 0, 9 }, IN, 9 },	/* READ DEFECT DATA(10) */
		{ CHANGER, { 0xa5, 0, 0, 0, 0, 0, 0, 0, 0, 9 }, NONE, 0 },
		{ CHANGER, { 0xa6, 0, 0, 0, 0, 0, 0, 0, 0, 9 }, NONE, 0 },
		{ CHANGER, { 0xb8, 0, 0, 0, 0, 0, 0, 1, 2, 3 }, IN, 0x010203 },
		{ SCANNER, { 0x1b, 0, 0, 0, 9 }, OUT, 9 },
		{ DISK, { 0x1b, 0, 0, 0, 9 }, NONE, 0 },		/* START STOP UNIT */
		{ SCANNER, { 0x24, 0, 0, 0, 0, 0, 1, 2, 3 }, OUT, 0x010203 },
		{ SCANNER, { 0x25, 0, 0, 0, 0, 0, 1, 2, 3 }, IN, 0x010203 },
		{ SCANNER, { 0x28, 0, 0, 0, 0, 0, 1, 2, 3 }, IN, 0x010203 },
		{ SCANNER, { 0x2a, 0, 0, 0, 0, 0, 1, 2, 3 }, OUT, 0x010203 },
		{ SCANNER, { 0x31, 0, 0, 0, 0, 0, 1, 2, 3 }, NONE, 0 },
	};

	expect(rows, ARRAY_SIZE(rows));
}

static void commands_without_data_have_none_whatever_is_in_them(void)
{
	static const u8 opcodes[] = {
		0x00, 0x01, 0x0b, 0x10, 0x11, 0x16, 0x17, 0x19, 0x1b, 0x1e, 0x2b, 0x33, 0x34, 0x35,
		0x36, 0x3d, 0x3f, 0x53, 0x80, 0x82, 0x90, 0x91, 0x92, 0xa7, 0xbb,
	};
	u8 cdb[PVS_CDB_BYTES];

	FOR_EACH(i, opcodes) {
		memset(cdb, 0xff, sizeof(cdb));
		cdb[0] = opcodes[i];
		UNIT_EQUAL(parse(DISK, cdb, BLOCK).direction, NONE);
		UNIT_EQUAL(parse(DISK, cdb, BLOCK).bytes, 0);
	}
}

static void what_qemu_refuses_itself_is_known(void)
{
	static const u8 opcodes[] = { 0x60, 0x7f, 0xc0, 0xdf, 0xe0, 0xff };
	static const u8 position[PVS_CDB_BYTES] = { 0x34, 2 };
	u8 cdb[PVS_CDB_BYTES];

	FOR_EACH(i, opcodes) {
		memset(cdb, 0xff, sizeof(cdb));
		cdb[0] = opcodes[i];
		UNIT_TRUE(parse(DISK, cdb, BLOCK).refused);
		UNIT_EQUAL(parse(DISK, cdb, BLOCK).direction, NONE);
	}
	UNIT_TRUE(parse(TAPE, position, BLOCK).refused);
	UNIT_EQUAL(parse(TAPE, position, BLOCK).direction, NONE);
}

/* --- what is sent ---------------------------------------------------------------- */

static const u8 read_1[PVS_CDB_BYTES] = { 0x28, 0, 0, 0, 0, 0, 0, 0, 1 };
static const u8 write_1[PVS_CDB_BYTES] = { 0x2a, 0, 0, 0, 0, 0, 0, 0, 1 };
static const u8 inquiry_96[PVS_CDB_BYTES] = { 0x12, 0, 0, 0, 96 };
static const u8 mode_select_24[PVS_CDB_BYTES] = { 0x15, 0x10, 0, 0, 24 };
static const u8 test_unit_ready[PVS_CDB_BYTES] = { 0 };
static const u8 vendor[PVS_CDB_BYTES] = { 0xc1, 0xff, 0xff, 0xff, 0xff, 0xff };
static const u8 write_same[PVS_CDB_BYTES] = { 0x41, 0, 0, 0, 0, 0, 0, 0, 8 };

struct sent {
	const u8 *cdb;
	enum pvs_cdb_direction direction;
	u32 bufflen;
	bool safe;
	u32 given;
};

static void expect_sent(const struct sent *rows, size_t count, u32 block_size)
{
	while (count--) {
		struct pvs_cdb_in in = {
			.cdb = rows->cdb, .direction = rows->direction, .bufflen = rows->bufflen,
			.block_size = block_size,
		};
		struct pvs_cdb_moves moves;
		u32 given;
		bool safe;

		pvs_cdb_parse(&in, &moves);
		safe = pvs_cdb_is_safe(&in, &moves, &given);
		if (safe != rows->safe || (safe && given != rows->given))
			printf("opcode %02x, %u bytes:\n", rows->cdb[0], rows->bufflen);
		UNIT_EQUAL(safe, rows->safe);
		if (safe)
			UNIT_EQUAL(given, rows->given);
		rows++;
	}
}

static void opposite_directions_are_not_sent(void)
{
	static const struct sent rows[] = {
		{ read_1, OUT, BLOCK, false, 0 },
		{ write_1, IN, BLOCK, false, 0 },
		{ inquiry_96, OUT, 96, false, 0 },
		{ mode_select_24, IN, 24, false, 0 },
	};

	expect_sent(rows, ARRAY_SIZE(rows), BLOCK);
}

static void what_fits_is_sent_as_it_is(void)
{
	static const struct sent rows[] = {
		{ read_1, IN, BLOCK, true, BLOCK },
		{ write_1, OUT, BLOCK, true, BLOCK },
		{ inquiry_96, IN, 96, true, 96 },
		{ mode_select_24, OUT, 24, true, 24 },
		{ write_same, OUT, BLOCK, true, BLOCK },
		{ test_unit_ready, NONE, 0, true, 0 },
	};

	expect_sent(rows, ARRAY_SIZE(rows), BLOCK);
}

static void data_that_nobody_sent_is_not_written(void)
{
	static const struct sent rows[] = {
		{ write_1, OUT, BLOCK - 1, false, 0 },
		{ write_1, NONE, 0, false, 0 },
		{ mode_select_24, OUT, 23, false, 0 },
		{ mode_select_24, NONE, 0, false, 0 },
		{ write_same, OUT, 512, false, 0 },
		/* More than the block that is to be written. */
		{ write_1, OUT, BLOCK + 1, false, 0 },
		{ write_1, OUT, 2 * BLOCK, false, 0 },
	};

	expect_sent(rows, ARRAY_SIZE(rows), BLOCK);
}

static void answers_may_be_cut_off_but_not_blocks(void)
{
	static const struct sent rows[] = {
		{ inquiry_96, IN, 36, true, 36 },
		{ inquiry_96, NONE, 0, true, 0 },
		{ read_1, IN, 512, false, 0 },
		{ read_1, NONE, 0, false, 0 },
	};

	expect_sent(rows, ARRAY_SIZE(rows), BLOCK);
}

static void more_room_than_needed_stays_with_us(void)
{
	static const struct sent rows[] = {
		{ read_1, IN, 3 * BLOCK + 1, true, BLOCK },
		{ inquiry_96, IN, 252, true, 96 },
		{ mode_select_24, OUT, 255, true, 24 },
		{ write_same, OUT, 2 * BLOCK, true, BLOCK },
		{ test_unit_ready, IN, 512, true, 0 },
		{ test_unit_ready, OUT, 512, true, 0 },
	};

	expect_sent(rows, ARRAY_SIZE(rows), BLOCK);
}

static void qemu_answers_what_it_refuses(void)
{
	static const struct sent rows[] = {
		{ vendor, NONE, 0, true, 0 },
		{ vendor, IN, 512, true, 512 },
		{ vendor, OUT, 512, true, 512 },
	};

	expect_sent(rows, ARRAY_SIZE(rows), BLOCK);
}

static void unknown_blocks_are_sectors_at_least(void)
{
	static const struct sent rows[] = {
		{ read_1, IN, 511, false, 0 },
		{ read_1, NONE, 0, false, 0 },
		{ read_1, IN, 512, true, 512 },
		{ read_1, IN, 4096, true, 4096 },
		{ read_1, IN, 5000, true, 4608 },
		{ read_1, OUT, 512, false, 0 },
		{ write_1, OUT, 511, false, 0 },
		{ write_1, OUT, 512, true, 512 },
		{ write_1, OUT, 4096, true, 4096 },
		{ write_1, OUT, 4097, true, 4096 },
		{ write_same, OUT, 511, false, 0 },
		{ write_same, OUT, 4097, true, 4097 },
		{ inquiry_96, IN, 252, true, 96 },
	};

	expect_sent(rows, ARRAY_SIZE(rows), 0);
}

UNIT_MAIN(
	UNIT_CASE(lengths_in_bytes_are_where_the_group_has_them),
	UNIT_CASE(lengths_elsewhere_are_found),
	UNIT_CASE(blocks_count_with_their_size),
	UNIT_CASE(flags_decide_where_they_do),
	UNIT_CASE(ata_commands_say_it_themselves),
	UNIT_CASE(cds_have_commands_of_their_own),
	UNIT_CASE(tapes_changers_and_scanners_have_them_too),
	UNIT_CASE(commands_without_data_have_none_whatever_is_in_them),
	UNIT_CASE(what_qemu_refuses_itself_is_known),
	UNIT_CASE(opposite_directions_are_not_sent),
	UNIT_CASE(what_fits_is_sent_as_it_is),
	UNIT_CASE(data_that_nobody_sent_is_not_written),
	UNIT_CASE(answers_may_be_cut_off_but_not_blocks),
	UNIT_CASE(more_room_than_needed_stays_with_us),
	UNIT_CASE(qemu_answers_what_it_refuses),
	UNIT_CASE(unknown_blocks_are_sectors_at_least),
)
