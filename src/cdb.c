// SPDX-License-Identifier: GPL-2.0-only
/*
 * How QEMU's device interprets a CDB, as tables: where the length field is, what it
 * counts, and which commands send data. Pure: numbers only, so that it also runs in user
 * space. tests/vm/io/cdb-is-qemus compares the tables with QEMU's trace output.
 */

#include <linux/kernel.h>
#include <scsi/scsi.h>
#include "cdb.h"

/* The smallest block size, and the unit of QEMU's transfers. */
#define PVS_CDB_SECTOR		512u

/* The device types that QEMU distinguishes. It treats all others like disks. */
#define PVS_CDB_TAPE		0x01
#define PVS_CDB_ROM		0x05
#define PVS_CDB_SCANNER		0x06
#define PVS_CDB_CHANGER		0x08
#define PVS_CDB_ANY		0xff

/* What the length field counts, or what determines the length instead. */
enum pvs_cdb_unit {
	PVS_CDB_IN_BYTES,
	PVS_CDB_IN_BLOCKS,
	PVS_CDB_MEDIUM,			/* blocks, and QEMU uses only the request's buffer */
	PVS_CDB_IN_BLOCKS_IF_FIXED,	/* blocks if bit 0 of byte 1 is set, else bytes (tape) */
	PVS_CDB_CONSTANT,		/* the number of bytes is in the table */
	PVS_CDB_ONE_BLOCK,		/* one block; no data if bit 0 of byte 1 is set */
	PVS_CDB_VERIFY,			/* BYTCHK, bits 1 and 2 of byte 1: none, all, one block */
	PVS_CDB_FORMAT,			/* FMTDATA and LONGLIST, bits 4 and 5 of byte 1 */
	PVS_CDB_PERFORMANCE,		/* descriptors; their size depends on their type */
	PVS_CDB_POSITION,		/* depends on the service action (tape) */
	PVS_CDB_ATA,			/* depends on the bits of byte 2 */
};

struct pvs_cdb_row {
	u8 type;
	u8 opcode;
	u8 unit;
	u8 at;		/* offset of the length field, or the constant */
	u8 size;	/* size of the field; 0: use the field of the opcode's group */
};

#define ROW(type, opcode, unit, at, size) \
	{ PVS_CDB_##type, opcode, PVS_CDB_##unit, at, size }
#define NO_DATA(type, opcode)	ROW(type, opcode, CONSTANT, 0, 0)

/*
 * Opcodes that are not listed have the length field of their group, in bytes. The first
 * matching row applies.
 */
static const struct pvs_cdb_row pvs_cdb_rows[] = {
	NO_DATA(TAPE, 0x1b),				/* LOAD UNLOAD */
	NO_DATA(TAPE, 0x93),				/* ERASE(16) */
	NO_DATA(TAPE, 0xac),				/* ERASE(12) */
	ROW(TAPE, 0x04, IN_BYTES, 3, 2),		/* FORMAT MEDIUM */
	ROW(TAPE, 0x08, IN_BLOCKS_IF_FIXED, 2, 3),	/* READ(6) */
	ROW(TAPE, 0x0a, IN_BLOCKS_IF_FIXED, 2, 3),	/* WRITE(6) */
	ROW(TAPE, 0x0f, IN_BLOCKS_IF_FIXED, 2, 3),	/* READ REVERSE(6) */
	ROW(TAPE, 0x14, IN_BLOCKS_IF_FIXED, 2, 3),	/* RECOVER BUFFERED DATA */
	ROW(TAPE, 0x34, POSITION, 7, 2),		/* READ POSITION */
	ROW(TAPE, 0x81, IN_BLOCKS_IF_FIXED, 12, 3),	/* READ REVERSE(16) */
	ROW(TAPE, 0x88, IN_BLOCKS_IF_FIXED, 12, 3),	/* READ(16) */
	ROW(TAPE, 0x8a, IN_BLOCKS_IF_FIXED, 12, 3),	/* WRITE(16) */
	ROW(TAPE, 0x8f, IN_BLOCKS_IF_FIXED, 12, 3),	/* VERIFY(16) */
	ROW(TAPE, 0x91, IN_BYTES, 12, 2),		/* SPACE(16) */

	NO_DATA(CHANGER, 0x07),				/* INITIALIZE ELEMENT STATUS */
	NO_DATA(CHANGER, 0x2b),				/* POSITION TO ELEMENT */
	NO_DATA(CHANGER, 0x37),				/* ... STATUS WITH RANGE */
	NO_DATA(CHANGER, 0xa5),				/* MOVE MEDIUM */
	NO_DATA(CHANGER, 0xa6),				/* EXCHANGE MEDIUM */
	ROW(CHANGER, 0xb8, IN_BYTES, 7, 3),		/* READ ELEMENT STATUS */

	NO_DATA(SCANNER, 0x31),				/* OBJECT POSITION */
	ROW(SCANNER, 0x1b, IN_BYTES, 4, 1),		/* SCAN */
	ROW(SCANNER, 0x24, IN_BYTES, 6, 3),		/* SET WINDOW */
	ROW(SCANNER, 0x25, IN_BYTES, 6, 3),		/* GET WINDOW */
	ROW(SCANNER, 0x28, IN_BYTES, 6, 3),		/* READ(10) */
	ROW(SCANNER, 0x2a, IN_BYTES, 6, 3),		/* SEND(10) */

	ROW(ROM, 0x04, FORMAT, 12, 0),			/* FORMAT UNIT */
	NO_DATA(ROM, 0xa1),				/* BLANK */
	ROW(ROM, 0xa3, IN_BYTES, 8, 2),			/* SEND KEY */
	ROW(ROM, 0xa4, IN_BYTES, 8, 2),			/* REPORT KEY */
	ROW(ROM, 0xac, PERFORMANCE, 8, 2),		/* GET PERFORMANCE */
	ROW(ROM, 0xad, IN_BYTES, 8, 2),			/* READ DVD STRUCTURE */
	ROW(ROM, 0xb6, IN_BYTES, 9, 2),			/* SET STREAMING */
	ROW(ROM, 0xbd, IN_BYTES, 8, 2),			/* MECHANISM STATUS */
	ROW(ROM, 0xbf, IN_BYTES, 8, 2),			/* SEND DVD STRUCTURE */

	NO_DATA(ANY, 0x00),				/* TEST UNIT READY */
	NO_DATA(ANY, 0x01),				/* REWIND */
	NO_DATA(ANY, 0x0b),				/* SET CAPACITY */
	NO_DATA(ANY, 0x10),				/* WRITE FILEMARKS(6) */
	NO_DATA(ANY, 0x11),				/* SPACE(6) */
	NO_DATA(ANY, 0x16),				/* RESERVE(6) */
	NO_DATA(ANY, 0x17),				/* RELEASE(6) */
	NO_DATA(ANY, 0x19),				/* ERASE(6) */
	NO_DATA(ANY, 0x1b),				/* START STOP UNIT */
	NO_DATA(ANY, 0x1e),				/* PREVENT ALLOW MEDIUM REMOVAL */
	NO_DATA(ANY, 0x2b),				/* SEEK(10) */
	NO_DATA(ANY, 0x33),				/* SET LIMITS(10) */
	NO_DATA(ANY, 0x34),				/* PRE-FETCH(10) */
	NO_DATA(ANY, 0x35),				/* SYNCHRONIZE CACHE(10) */
	NO_DATA(ANY, 0x36),				/* LOCK UNLOCK CACHE(10) */
	NO_DATA(ANY, 0x3d),				/* UPDATE BLOCK */
	NO_DATA(ANY, 0x3f),				/* WRITE LONG(10) */
	NO_DATA(ANY, 0x53),				/* RESERVE TRACK */
	NO_DATA(ANY, 0x80),				/* WRITE FILEMARKS(16) */
	NO_DATA(ANY, 0x82),				/* ALLOW OVERWRITE */
	NO_DATA(ANY, 0x90),				/* PRE-FETCH(16) */
	NO_DATA(ANY, 0x91),				/* SYNCHRONIZE CACHE(16) */
	NO_DATA(ANY, 0x92),				/* LOCATE(16) */
	NO_DATA(ANY, 0xa7),				/* SET READ AHEAD */
	NO_DATA(ANY, 0xbb),				/* SET CD SPEED */
	ROW(ANY, 0x05, CONSTANT, 6, 0),			/* READ BLOCK LIMITS */
	ROW(ANY, 0x25, CONSTANT, 8, 0),			/* READ CAPACITY(10) */
	ROW(ANY, 0x04, FORMAT, 4, 0),			/* FORMAT UNIT */
	ROW(ANY, 0x08, MEDIUM, 0, 0),			/* READ(6) */
	ROW(ANY, 0x0a, MEDIUM, 0, 0),			/* WRITE(6) */
	ROW(ANY, 0x0f, IN_BLOCKS, 0, 0),		/* READ REVERSE(6) */
	ROW(ANY, 0x28, MEDIUM, 0, 0),			/* READ(10) */
	ROW(ANY, 0x2a, MEDIUM, 0, 0),			/* WRITE(10) */
	ROW(ANY, 0x2e, MEDIUM, 0, 0),			/* WRITE AND VERIFY(10) */
	ROW(ANY, 0x88, MEDIUM, 0, 0),			/* READ(16) */
	ROW(ANY, 0x8a, MEDIUM, 0, 0),			/* WRITE(16) */
	ROW(ANY, 0x8e, MEDIUM, 0, 0),			/* WRITE AND VERIFY(16) */
	ROW(ANY, 0xa8, MEDIUM, 0, 0),			/* READ(12) */
	ROW(ANY, 0xaa, MEDIUM, 0, 0),			/* WRITE(12) */
	ROW(ANY, 0xae, MEDIUM, 0, 0),			/* WRITE AND VERIFY(12) */
	ROW(ANY, 0x2f, VERIFY, 0, 0),			/* VERIFY(10) */
	ROW(ANY, 0x8f, VERIFY, 0, 0),			/* VERIFY(16) */
	ROW(ANY, 0xaf, VERIFY, 0, 0),			/* VERIFY(12) */
	ROW(ANY, 0x41, ONE_BLOCK, 0, 0),		/* WRITE SAME(10) */
	ROW(ANY, 0x93, ONE_BLOCK, 0, 0),		/* WRITE SAME(16) */
	ROW(ANY, 0x12, IN_BYTES, 3, 2),			/* INQUIRY */
	ROW(ANY, 0x1c, IN_BYTES, 3, 2),			/* RECEIVE DIAGNOSTIC RESULTS */
	ROW(ANY, 0x1d, IN_BYTES, 3, 2),			/* SEND DIAGNOSTIC */
	ROW(ANY, 0x3b, IN_BYTES, 6, 3),			/* WRITE BUFFER */
	ROW(ANY, 0x3c, IN_BYTES, 6, 3),			/* READ BUFFER(10) */
	ROW(ANY, 0x5d, IN_BYTES, 6, 3),			/* SEND CUE SHEET */
	ROW(ANY, 0xbe, IN_BYTES, 6, 3),			/* READ CD */
	ROW(ANY, 0x5f, IN_BYTES, 5, 4),			/* PERSISTENT RESERVE OUT */
	ROW(ANY, 0xb6, IN_BYTES, 8, 2),			/* SEND VOLUME TAG */
	ROW(ANY, 0x85, ATA, 3, 2),			/* ATA PASS-THROUGH(16) */
	ROW(ANY, 0xa1, ATA, 3, 1),			/* ATA PASS-THROUGH(12) */
};

/*
 * A bitmap of the opcodes whose data, for QEMU, goes to the device. For all other opcodes
 * it comes from the device. ATA commands are not listed: their CDB has the direction.
 */
static const u8 pvs_cdb_out[256 / 8] = {
	[0x00 / 8] = BIT(4) | BIT(7),			/* FORMAT UNIT, REASSIGN BLOCKS */
	[0x08 / 8] = BIT(2),				/* WRITE(6) */
	[0x10 / 8] = BIT(5),				/* MODE SELECT(6) */
	[0x18 / 8] = BIT(0) | BIT(3) | BIT(5),		/* COPY, SCAN, SEND DIAGNOSTIC */
	[0x20 / 8] = BIT(4),				/* SET WINDOW */
	[0x28 / 8] = BIT(2) | BIT(6) | BIT(7),		/* WRITE, WRITE AND VERIFY, VERIFY */
	[0x30 / 8] = BIT(0) | BIT(1) | BIT(2),		/* SEARCH */
	[0x38 / 8] = BIT(0) | BIT(1) | BIT(2) | BIT(3) | BIT(5) | BIT(7),
	/* MEDIUM SCAN, COMPARE, COPY AND VERIFY, WRITE BUFFER, UPDATE BLOCK, WRITE LONG */
	[0x40 / 8] = BIT(0) | BIT(1) | BIT(2),		/* CHANGE DEFINITION, WRITE SAME, UNMAP */
	[0x48 / 8] = BIT(4),				/* LOG SELECT */
	[0x50 / 8] = BIT(5),				/* MODE SELECT(10) */
	[0x58 / 8] = BIT(5) | BIT(7),			/* SEND CUE SHEET, PERSISTENT RESERVE OUT */
	[0x88 / 8] = BIT(2) | BIT(6) | BIT(7),		/* as 0x28 */
	[0x90 / 8] = BIT(3),				/* WRITE SAME(16) */
	[0xa0 / 8] = BIT(4),				/* MAINTENANCE OUT */
	[0xa8 / 8] = BIT(2) | BIT(6) | BIT(7),		/* as 0x28 */
	[0xb0 / 8] = BIT(0) | BIT(1) | BIT(2) | BIT(6),	/* SEARCH, SEND VOLUME TAG */
	[0xb8 / 8] = BIT(7),				/* SEND DVD STRUCTURE */
};

/* Read a big-endian number of size bytes. */
static u32 pvs_cdb_number(const u8 *cdb, u8 at, u8 size)
{
	u32 number = 0;

	while (size--)
		number = number << 8 | cdb[at++];
	return number;
}

/* Read the length field of the opcode's group. Returns false if QEMU does not know the group. */
static bool pvs_cdb_group_length(const u8 *cdb, u32 *length)
{
	static const struct { u8 at, size; } fields[8] = {
		{ 4, 1 }, { 7, 2 }, { 7, 2 }, { 0, 0 }, { 10, 4 }, { 6, 4 }, { 0, 0 }, { 0, 0 },
	};
	u8 group = cdb[0] >> 5;

	*length = pvs_cdb_number(cdb, fields[group].at, fields[group].size);
	return fields[group].size;
}

static const struct pvs_cdb_row *pvs_cdb_find(u8 type, u8 opcode)
{
	static const struct pvs_cdb_row other = { PVS_CDB_ANY, 0, PVS_CDB_IN_BYTES, 0, 0 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(pvs_cdb_rows); i++) {
		const struct pvs_cdb_row *row = &pvs_cdb_rows[i];

		if (row->opcode == opcode && (row->type == type || row->type == PVS_CDB_ANY))
			return row;
	}
	return &other;
}

/* GET PERFORMANCE: size of the header and the descriptors, which depends on their type. */
static u32 pvs_cdb_performance(const u8 *cdb, u32 descriptors)
{
	switch (cdb[10]) {
	case 0:
		return 8 + descriptors * (cdb[1] & 3 ? 6 : 16);
	case 1:
	case 4:
	case 5:
		return 8 + descriptors * 8;
	case 2:
		return 8 + descriptors * 2048;
	case 3:
		return 8 + descriptors * 16;
	default:
		return 8;
	}
}

/*
 * READ POSITION of a tape: short form (0, 1), long form (6), extended form (8, which uses
 * the length field). QEMU fails a command with another service action.
 */
static bool pvs_cdb_position(const u8 *cdb, u64 *bytes)
{
	switch (cdb[1] & 0x1f) {
	case 0:
	case 1:
		*bytes = 20;
		return true;
	case 6:
		*bytes = 32;
		return true;
	case 8:
		return true;
	default:
		return false;
	}
}

/*
 * ATA PASS-THROUGH: T_LENGTH selects the field that holds the length, FEATURES or COUNT.
 * BYTE_BLOCK and T_TYPE select the unit. In the 16-byte form the upper byte of the field
 * is used only if EXTEND is set.
 */
static void pvs_cdb_ata(const u8 *cdb, const struct pvs_cdb_row *row, struct pvs_cdb_moves *out)
{
	u8 field = cdb[2] & 3;
	u8 at = row->at + (field - 1) * row->size;

	out->direction = cdb[2] & 8 ? PVS_CDB_IN : PVS_CDB_OUT;
	out->bytes = 0;
	if (field != 1 && field != 2)
		return;
	if (row->size == 1 || cdb[1] & 1)
		out->bytes = pvs_cdb_number(cdb, at, row->size);
	else
		out->bytes = cdb[at + 1];
	if (!(cdb[2] & 4))
		return;
	if (cdb[2] & 0x10)
		out->in_blocks = true;
	else
		out->bytes *= PVS_CDB_SECTOR;
}

/* Interpret the length field, which is in out->bytes, by the unit of the row. */
static void pvs_cdb_measure(const struct pvs_cdb_in *in, const struct pvs_cdb_row *row,
			    struct pvs_cdb_moves *out)
{
	u8 flags = in->cdb[1];

	switch (row->unit) {
	case PVS_CDB_MEDIUM:
	case PVS_CDB_IN_BLOCKS:
		out->medium = row->unit == PVS_CDB_MEDIUM;
		/* In 6-byte CDBs a length of 0 means 256 blocks. */
		if (!out->bytes && in->cdb[0] < 0x20)
			out->bytes = 256;
		out->in_blocks = true;
		break;
	case PVS_CDB_IN_BLOCKS_IF_FIXED:
		out->in_blocks = flags & 1;
		break;
	case PVS_CDB_CONSTANT:
		out->bytes = row->at;
		break;
	case PVS_CDB_ONE_BLOCK:
		out->bytes = !(flags & 1);
		out->in_blocks = true;
		break;
	case PVS_CDB_VERIFY:
		if (!(flags & 2))
			out->bytes = 0;
		else if (flags & 4)
			out->bytes = 1;
		out->in_blocks = true;
		break;
	case PVS_CDB_FORMAT:
		out->bytes = !(flags & 0x10) ? 0 : row->at == 4 && flags & 0x20 ? 8 : row->at;
		break;
	case PVS_CDB_PERFORMANCE:
		out->bytes = pvs_cdb_performance(in->cdb, out->bytes);
		break;
	case PVS_CDB_POSITION:
		out->refused = !pvs_cdb_position(in->cdb, &out->bytes);
		break;
	case PVS_CDB_ATA:
		pvs_cdb_ata(in->cdb, row, out);
		break;
	}
}

void pvs_cdb_parse(const struct pvs_cdb_in *in, struct pvs_cdb_moves *out)
{
	const struct pvs_cdb_row *row = pvs_cdb_find(in->type, in->cdb[0]);
	u8 opcode = in->cdb[0];
	u32 length;

	out->refused = !pvs_cdb_group_length(in->cdb, &length);
	out->in_blocks = false;
	out->medium = false;
	out->direction = pvs_cdb_out[opcode / 8] & BIT(opcode % 8) ? PVS_CDB_OUT : PVS_CDB_IN;
	out->bytes = row->size ? pvs_cdb_number(in->cdb, row->at, row->size) : length;
	if (!out->refused)
		pvs_cdb_measure(in, row, out);
	if (out->in_blocks)
		out->bytes *= max(in->block_size, PVS_CDB_SECTOR);
	if (out->refused)
		out->bytes = 0;
	if (!out->bytes)
		out->direction = PVS_CDB_NONE;
}

bool pvs_cdb_is_safe(const struct pvs_cdb_in *in, const struct pvs_cdb_moves *moves, u32 *given)
{
	*given = in->bufflen;
	if (moves->refused)
		return true;
	if (moves->direction == PVS_CDB_NONE) {
		*given = 0;
		return true;
	}
	if (in->direction != PVS_CDB_NONE && in->direction != moves->direction)
		return false;
	if (moves->bytes > in->bufflen)
		/*
		 * QEMU truncates data that it returns. For data that it receives, it would use
		 * bytes that the caller never sent.
		 */
		return moves->direction == PVS_CDB_IN && !moves->medium;
	if (moves->in_blocks && !in->block_size) {
		/* The length is unknown. Give whole sectors only: QEMU waits for the rest of one. */
		if (moves->medium)
			*given = round_down(in->bufflen, PVS_CDB_SECTOR);
		return true;
	}
	*given = moves->bytes;
	/*
	 * Refuse a block write with a buffer that is too long: the caller assumes a wrong block
	 * size, and the rest of its data would be lost.
	 */
	return !moves->medium || moves->direction == PVS_CDB_IN || moves->bytes == in->bufflen;
}
