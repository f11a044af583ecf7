// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "unit.h"
#include "sg.h"

#define TABLE_ADDR 0x123456000ull

/* Exactly one page from the heap, so that the sanitizer detects a write beyond its end. */
static struct pvscsi_segment *table_new(void)
{
	return calloc(PVSCSI_MAX_SEGMENTS, sizeof(struct pvscsi_segment));
}

static void one_segment_is_referred_to_directly(void)
{
	struct pvs_sg_ref ref = { .flags = PVSCSI_REQ_FLAG_TO_DEVICE };

	pvs_sg_refer_direct(&ref, 0x8765432100ull, 512);
	UNIT_EQUAL(ref.len, 512);
	UNIT_EQUAL(ref.addr, 0x8765432100ull);
	UNIT_EQUAL(ref.flags, PVSCSI_REQ_FLAG_TO_DEVICE);
}

static void leftovers_are_overwritten(void)
{
	struct pvs_sg_ref ref = { .len = 77, .addr = 78 };

	pvs_sg_refer_direct(&ref, 0, 0);
	UNIT_EQUAL(ref.len, 0);
	UNIT_EQUAL(ref.addr, 0);
}

static void several_segments_go_through_the_table(void)
{
	struct pvscsi_segment *table = table_new();
	struct pvs_sg_ref ref = { .flags = PVSCSI_REQ_FLAG_TO_MEMORY };
	struct pvs_sg sg;

	pvs_sg_init(&sg, table, PVSCSI_MAX_SEGMENTS);
	UNIT_EQUAL(pvs_sg_add(&sg, 0x1000, 4096), 0);
	UNIT_EQUAL(pvs_sg_add(&sg, 0xfffffffff000ull, 512), 0);
	pvs_sg_refer_table(&ref, &sg, TABLE_ADDR);
	UNIT_EQUAL(ref.len, 4608);
	UNIT_EQUAL(ref.addr, TABLE_ADDR);
	UNIT_EQUAL(ref.flags, PVSCSI_REQ_FLAG_TO_MEMORY | PVSCSI_REQ_FLAG_SG_LIST);
	UNIT_EQUAL(le64_to_cpu(table[0].addr), 0x1000);
	UNIT_EQUAL(le32_to_cpu(table[0].len), 4096);
	UNIT_EQUAL(le64_to_cpu(table[1].addr), 0xfffffffff000ull);
	UNIT_EQUAL(le32_to_cpu(table[1].len), 512);
	UNIT_EQUAL(table[1].flags, 0);
	free(table);
}

static void empty_segment_is_refused(void)
{
	struct pvscsi_segment *table = table_new();
	struct pvs_sg sg;

	pvs_sg_init(&sg, table, PVSCSI_MAX_SEGMENTS);
	UNIT_EQUAL(pvs_sg_add(&sg, 0x1000, 0), -EINVAL);
	UNIT_EQUAL(sg.count, 0);
	free(table);
}

static void table_takes_a_page_of_segments_and_no_more(void)
{
	struct pvscsi_segment *table = table_new();
	struct pvs_sg sg;
	u32 i;

	pvs_sg_init(&sg, table, PVSCSI_MAX_SEGMENTS);
	for (i = 0; i < PVSCSI_MAX_SEGMENTS; i++)
		UNIT_EQUAL(pvs_sg_add(&sg, i * 8192ull, 4096), 0);
	UNIT_EQUAL(pvs_sg_add(&sg, i * 8192ull, 4096), -E2BIG);
	UNIT_EQUAL(sg.count, PVSCSI_MAX_SEGMENTS);
	UNIT_EQUAL(sg.bytes, 1 << 20);
	free(table);
}

static void small_table_takes_what_it_has_room_for(void)
{
	struct pvscsi_segment *table = calloc(2, sizeof(*table));
	struct pvs_sg sg;

	pvs_sg_init(&sg, table, 2);
	UNIT_EQUAL(pvs_sg_add(&sg, 0x1000, 4096), 0);
	UNIT_EQUAL(pvs_sg_add(&sg, 0x3000, 4096), 0);
	UNIT_EQUAL(pvs_sg_add(&sg, 0x5000, 4096), -E2BIG);
	UNIT_EQUAL(sg.count, 2);
	UNIT_EQUAL(sg.bytes, 8192);
	free(table);
}

static void stale_flags_are_overwritten(void)
{
	struct pvscsi_segment *table = table_new();
	struct pvs_sg sg;

	table[0].flags = 1;
	pvs_sg_init(&sg, table, PVSCSI_MAX_SEGMENTS);
	UNIT_EQUAL(pvs_sg_add(&sg, 0x1000, 4096), 0);
	UNIT_EQUAL(table[0].flags, 0);
	free(table);
}

static void total_of_the_largest_segments_does_not_overflow(void)
{
	struct pvscsi_segment *table = table_new();
	struct pvs_sg_ref ref = { 0 };
	struct pvs_sg sg;
	u32 i;

	pvs_sg_init(&sg, table, PVSCSI_MAX_SEGMENTS);
	for (i = 0; i < PVSCSI_MAX_SEGMENTS; i++)
		UNIT_EQUAL(pvs_sg_add(&sg, 0, U32_MAX), 0);
	pvs_sg_refer_table(&ref, &sg, TABLE_ADDR);
	UNIT_EQUAL(ref.len, 256ull * U32_MAX);
	free(table);
}

UNIT_MAIN(
	UNIT_CASE(one_segment_is_referred_to_directly),
	UNIT_CASE(leftovers_are_overwritten),
	UNIT_CASE(several_segments_go_through_the_table),
	UNIT_CASE(empty_segment_is_refused),
	UNIT_CASE(table_takes_a_page_of_segments_and_no_more),
	UNIT_CASE(small_table_takes_what_it_has_room_for),
	UNIT_CASE(stale_flags_are_overwritten),
	UNIT_CASE(total_of_the_largest_segments_does_not_overflow),
)
