// SPDX-License-Identifier: GPL-2.0-only
/*
 * Segments in a table of any size, and references to them. The oracle is the image of the table that
 * the device should find, byte for byte, so that writes to other places are detected, too.
 */
#include "fuzz.h"
#include "sg.h"

#define SEGMENT_SIZE	16
#define CALLS_MAX	300
#define UNTOUCHED	0xa5
struct oracle {
	u8 table[PVSCSI_MAX_SEGMENTS * SEGMENT_SIZE];
	u32 room;
	u32 count;
	u64 bytes;
};

/* The driver's two sizes of tables, and any other. */
static u32 choose_room(u8 byte)
{
	return byte < 64 ? 32 : byte < 128 ? PVSCSI_MAX_SEGMENTS : byte - 127;
}

static int oracle_add(struct oracle *oracle, u64 addr, u32 len)
{
	u8 *segment = &oracle->table[oracle->count * SEGMENT_SIZE];

	if (len == 0)
		return -EINVAL;
	if (oracle->count >= oracle->room)
		return -E2BIG;
	fuzz_put_le(segment, addr, 8);
	fuzz_put_le(segment + 8, len, 4);
	fuzz_put_le(segment + 12, 0, 4);
	oracle->count++;
	oracle->bytes += len;
	return 0;
}

static void add(struct pvs_sg *sg, struct oracle *oracle, u64 addr, u32 len)
{
	FUZZ_CHECK(pvs_sg_add(sg, addr, len) == oracle_add(oracle, addr, len));
	FUZZ_CHECK(sg->count == oracle->count);
	FUZZ_CHECK(sg->bytes == oracle->bytes);
	FUZZ_CHECK(sg->count <= sg->room && sg->room == oracle->room);
}

/* A run of equal contiguous segments; most lists are like this. */
static void add_run(struct pvs_sg *sg, struct oracle *oracle, struct fuzz *in, u32 *calls)
{
	u8 form = fuzz_u8(in);
	u32 run = form & 0x80 ? (form & 0x7f) + 1 : 1;
	u64 addr = fuzz_number(in, 64);
	u32 len = form & 0x40 ? 4096 : fuzz_number(in, 32);

	for (; run && *calls < CALLS_MAX; run--, (*calls)++) {
		add(sg, oracle, addr, len);
		addr += len;
	}
}

static void refer(const struct pvs_sg *sg, const struct oracle *oracle, struct fuzz *in)
{
	u64 addr = fuzz_number(in, 64), len = fuzz_number(in, 32);
	u32 flags = fuzz_number(in, 32);
	struct pvs_sg_ref ref = { .addr = ~addr, .len = ~len, .flags = flags };

	pvs_sg_refer_direct(&ref, addr, len);
	FUZZ_CHECK(ref.addr == addr && ref.len == len && ref.flags == flags);

	pvs_sg_refer_table(&ref, sg, ~addr);
	FUZZ_CHECK(ref.addr == ~addr && ref.len == oracle->bytes && ref.flags == (flags | 1));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz in = { data, size };
	struct pvscsi_segment *table;
	struct oracle oracle;
	struct pvs_sg sg;
	u32 calls = 0;
	size_t bytes;

	oracle.room = choose_room(fuzz_u8(&in));
	oracle.count = 0;
	oracle.bytes = 0;
	bytes = oracle.room * SEGMENT_SIZE;
	memset(oracle.table, UNTOUCHED, bytes);
	/* A table of exact size, so that the sanitizer detects a write beyond its end. */
	table = malloc(bytes);
	memset(table, UNTOUCHED, bytes);

	pvs_sg_init(&sg, table, oracle.room);
	FUZZ_CHECK(sg.count == 0 && sg.bytes == 0);
	while (in.size && calls < CALLS_MAX)
		add_run(&sg, &oracle, &in, &calls);
	refer(&sg, &oracle, &in);
	FUZZ_CHECK(!memcmp(table, oracle.table, bytes));
	free(table);
	return 0;
}
