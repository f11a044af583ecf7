// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any CDB with any buffer, for a disk of any kind. The oracle has, in a switch by opcode, what
 * cdb.c has in tables. It also checks conditions for every command that is sent.
 */
#include "fuzz.h"
#include "cdb.h"

enum { NO, IN, OUT };

struct oracle {
	int direction;
	unsigned __int128 bytes;
	bool refused, blocks, medium;
};

static u32 be(const u8 *at, u32 bytes)
{
	u32 number = 0;

	for (u32 i = 0; i < bytes; i++)
		number += (u32)at[i] << 8 * (bytes - 1 - i);
	return number;
}

static u32 by_group(const u8 *c)
{
	if (c[0] < 0x20)
		return c[4];
	if (c[0] < 0x60)
		return be(c + 7, 2);
	return c[0] < 0xa0 ? be(c + 10, 4) : be(c + 6, 4);
}

static u32 ata(const u8 *c, bool *blocks, u32 low1, u32 low2, bool has_high)
{
	u32 low = (c[2] & 3) == 1 ? low1 : low2, length;

	if ((c[2] & 3) == 0 || (c[2] & 3) == 3)
		return 0;
	length = c[low] + (has_high && c[1] % 2 ? 256 * c[low - 1] : 0);
	*blocks = (c[2] & 0x14) == 0x14;
	return (c[2] & 0x14) == 0x04 ? 512 * length : length;
}

static u32 performance(const u8 *c)
{
	static const u32 sizes[] = { 0, 8, 2048, 16, 8, 8 };

	if (c[10] > 5)
		return 8;
	return 8 + be(c + 8, 2) * (c[10] ? sizes[c[10]] : c[1] % 4 ? 6 : 16);
}

/* Commands of tapes, changers, scanners and CDs; false for commands that all devices have. */
static bool by_type(u8 type, const u8 *c, struct oracle *o)
{
	o->direction = IN;
	switch (type << 8 | c[0]) {
	case 0x11b: case 0x193: case 0x1ac:
	case 0x807: case 0x82b: case 0x837: case 0x8a5: case 0x8a6:
	case 0x631: case 0x5a1:
		return true;
	case 0x104:
		o->direction = OUT;
		o->bytes = be(c + 3, 2);
		return true;
	case 0x10a:
		o->direction = OUT;
		/* fallthrough */
	case 0x108: case 0x10f: case 0x114:
		o->bytes = be(c + 2, 3);
		o->blocks = c[1] % 2;
		return true;
	case 0x18a: case 0x18f:
		o->direction = OUT;
		/* fallthrough */
	case 0x181: case 0x188:
		o->bytes = be(c + 12, 3);
		o->blocks = c[1] % 2;
		return true;
	case 0x191:
		o->bytes = be(c + 12, 2);
		return true;
	case 0x134:
		switch (c[1] % 32) {
		case 0: case 1: o->bytes = 20; return true;
		case 6: o->bytes = 32; return true;
		case 8: o->bytes = be(c + 7, 2); return true;
		default: o->refused = true; return true;
		}
	case 0x8b8:
		o->bytes = be(c + 7, 3);
		return true;
	case 0x61b:
		o->direction = OUT;
		o->bytes = c[4];
		return true;
	case 0x624: case 0x62a:
		o->direction = OUT;
		/* fallthrough */
	case 0x625: case 0x628:
		o->bytes = be(c + 6, 3);
		return true;
	case 0x504:
		o->direction = OUT;
		o->bytes = c[1] / 16 % 2 ? 12 : 0;
		return true;
	case 0x5a4: case 0x5bf:
		o->direction = OUT;
		/* fallthrough */
	case 0x5a3: case 0x5ad: case 0x5bd:
		o->bytes = be(c + 8, 2);
		return true;
	case 0x5b6:
		o->direction = OUT;
		o->bytes = be(c + 9, 2);
		return true;
	case 0x5ac:
		o->bytes = performance(c);
		return true;
	default:
		return false;
	}
}

static void by_opcode(const u8 *c, struct oracle *o)
{
	o->direction = IN;
	o->bytes = by_group(c);
	switch (c[0]) {
	case 0x00: case 0x01: case 0x0b: case 0x10: case 0x11: case 0x16: case 0x17: case 0x19:
	case 0x1b: case 0x1e: case 0x2b: case 0x33: case 0x34: case 0x35: case 0x36: case 0x3d:
	case 0x3f: case 0x53: case 0x80: case 0x82: case 0x90: case 0x91: case 0x92: case 0xa7:
	case 0xbb:
		o->bytes = 0;
		break;
	case 0x05:
		o->bytes = 6;
		break;
	case 0x25:
		o->bytes = 8;
		break;
	case 0x04:
		o->direction = OUT;
		o->bytes = (c[1] / 16 % 4)[(const u8[]){ 0, 4, 0, 8 }];
		break;
	case 0x0a: case 0x2a: case 0x2e: case 0x8a: case 0x8e: case 0xaa: case 0xae:
		o->direction = OUT;
		/* fallthrough */
	case 0x08: case 0x28: case 0x88: case 0xa8:
		o->medium = true;
		/* fallthrough */
	case 0x0f:
		o->blocks = true;
		if (c[0] < 0x20 && !c[4])
			o->bytes = 256;
		break;
	case 0x2f: case 0x8f: case 0xaf:
		o->direction = OUT;
		o->blocks = true;
		if (c[1] / 2 % 2 == 0)
			o->bytes = 0;
		else if (c[1] / 4 % 2)
			o->bytes = 1;
		break;
	case 0x41: case 0x93:
		o->direction = OUT;
		o->blocks = true;
		o->bytes = 1 - c[1] % 2;
		break;
	case 0x1d:
		o->direction = OUT;
		/* fallthrough */
	case 0x12: case 0x1c:
		o->bytes = be(c + 3, 2);
		break;
	case 0x3b: case 0x5d:
		o->direction = OUT;
		/* fallthrough */
	case 0x3c: case 0xbe:
		o->bytes = be(c + 6, 3);
		break;
	case 0x5f:
		o->direction = OUT;
		o->bytes = be(c + 5, 4);
		break;
	case 0xb6:
		o->direction = OUT;
		o->bytes = be(c + 8, 2);
		break;
	case 0x85:
		o->direction = c[2] / 8 % 2 ? IN : OUT;
		o->bytes = ata(c, &o->blocks, 4, 6, true);
		break;
	case 0xa1:
		o->direction = c[2] / 8 % 2 ? IN : OUT;
		o->bytes = ata(c, &o->blocks, 3, 4, false);
		break;
	case 0x07: case 0x15: case 0x18: case 0x24: case 0x30: case 0x31: case 0x32: case 0x38:
	case 0x39: case 0x3a: case 0x40: case 0x42: case 0x4c: case 0x55: case 0xa4: case 0xb0:
	case 0xb1: case 0xb2: case 0xbf:
		o->direction = OUT;
		break;
	}
}

static struct oracle ask(const struct pvs_cdb_in *in)
{
	struct oracle o = { 0 };

	if (in->cdb[0] / 32 == 3 || in->cdb[0] / 32 > 5)
		o.refused = true;
	else if (!by_type(in->type, in->cdb, &o))
		by_opcode(in->cdb, &o);
	if (o.blocks)
		o.bytes *= in->block_size > 512 ? in->block_size : 512;
	if (o.refused)
		o.bytes = 0;
	if (!o.bytes)
		o.direction = NO;
	return o;
}

static void check(const struct pvs_cdb_in *in)
{
	struct oracle o = ask(in);
	struct pvs_cdb_moves moves;
	bool safe, exact;
	u32 given;

	memset(&moves, 0xa5, sizeof(moves));
	pvs_cdb_parse(in, &moves);
	FUZZ_CHECK((int)moves.direction == o.direction);
	FUZZ_CHECK(moves.bytes == o.bytes);
	FUZZ_CHECK(*(u8 *)&moves.refused == o.refused);
	FUZZ_CHECK(o.refused || (*(u8 *)&moves.medium == o.medium && moves.in_blocks == o.blocks));

	safe = pvs_cdb_is_safe(in, &moves, &given);
	exact = !o.blocks || in->block_size;
	FUZZ_CHECK(given <= in->bufflen);
	/* Data are transferred in the direction that the device uses. */
	FUZZ_CHECK(!safe || o.direction == NO || in->direction == PVS_CDB_NONE ||
		   (int)in->direction == o.direction);
	/* All data to be written are in the buffer, and no more are given. */
	FUZZ_CHECK(!safe || o.direction != OUT || o.bytes <= in->bufflen);
	FUZZ_CHECK(!safe || o.direction != OUT || !exact || given == o.bytes);
	FUZZ_CHECK(!safe || o.refused || !exact || given <= o.bytes);
	/* If QEMU accesses the medium, the data are whole sectors, at least one. */
	FUZZ_CHECK(!safe || !o.medium || o.direction == NO || in->block_size % 512 ||
		   (given && given % 512 == 0));
	/* Commands that QEMU handles correctly are not refused. */
	FUZZ_CHECK(safe || (o.direction != NO && !o.refused));
	FUZZ_CHECK(safe || o.medium || o.direction != IN || in->direction == PVS_CDB_OUT);
	FUZZ_CHECK(safe || (int)in->direction != o.direction || o.bytes != in->bufflen);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static const u8 types[] = { 0x00, 0x01, 0x05, 0x06, 0x08, 0x04, 0x07, 0x0e };
	static const u32 sizes[] = { 0, 512, 1024, 2048, 4096, 65536, 520, 1 };
	struct fuzz bytes = { data, size };
	struct pvs_cdb_in in = { 0 };
	u8 cdb[PVS_CDB_BYTES];
	u8 form = fuzz_u8(&bytes);
	struct oracle o;

	for (u32 i = 0; i < sizeof(cdb); i++)
		cdb[i] = fuzz_u8(&bytes);
	in.cdb = cdb;
	in.type = types[form % 8];
	in.block_size = sizes[form / 8 % 8];
	o = ask(&in);
	/* A length near that of the command, or any length. */
	in.bufflen = form & 64 ? fuzz_number(&bytes, 32) : (u32)o.bytes + (int8_t)fuzz_u8(&bytes);
	if (in.bufflen)
		in.direction = form & 128 ? (int)(1 + fuzz_u8(&bytes) % 2) :
			       o.direction != NO ? o.direction : (int)PVS_CDB_IN;
	check(&in);
	return 0;
}
