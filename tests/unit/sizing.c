// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"
#include "sizing.h"

#define KIB(n)		((n) * 1024ull)
#define LOTS		(1ull << 40)
#define PAGES_FIT(n)	(KIB(72) * 128 * (n))

/* The limits in the table of docs/architecture.md. */
static const struct row {
	struct pvs_sizing_in in;
	u32 pages;
	const char *why;
} rows[] = {
	/* targets, commands per disk, memory, kdump, bounce, asked */
	{ { 0, 0, LOTS, false, false, 0 }, 1, NULL },
	{ { 1, 1, LOTS, false, false, 0 }, 1, NULL },
	{ { 1, 31, LOTS, false, false, 0 }, 1, NULL },
	{ { 1, 32, LOTS, false, false, 0 }, 2, NULL },
	{ { 9, 7, LOTS, false, false, 0 }, 2, NULL },		/* 63 */
	{ { 64, 1, LOTS, false, false, 0 }, 4, NULL },
	{ { 1, 254, LOTS, false, false, 0 }, 8, NULL },
	{ { 1, 255, LOTS, false, false, 0 }, 8, NULL },
	{ { 2, 128, LOTS, false, false, 0 }, 16, NULL },
	{ { 7, 73, LOTS, false, false, 0 }, 16, NULL },		/* 511 */
	{ { 2, 256, LOTS, false, false, 0 }, 32, NULL },
	{ { 1, 1023, LOTS, false, false, 0 }, 32, NULL },
	{ { 65, 254, LOTS, false, false, 0 }, 32, NULL },
	{ { 256, 1023, LOTS, false, false, 0 }, 32, NULL },
	{ { U32_MAX, U32_MAX, U32_MAX * 4096ull, false, false, 0 }, 32, NULL },
	/* Little memory. */
	{ { 65, 254, PAGES_FIT(32), false, false, 0 }, 32, NULL },
	{ { 65, 254, PAGES_FIT(32) - 1, false, false, 0 }, 16, "little memory" },
	{ { 65, 254, PAGES_FIT(16), false, false, 0 }, 16, "little memory" },
	{ { 65, 254, PAGES_FIT(16) - 1, false, false, 0 }, 8, "little memory" },
	{ { 65, 254, PAGES_FIT(2), false, false, 0 }, 2, "little memory" },
	{ { 65, 254, PAGES_FIT(2) - 1, false, false, 0 }, 1, "little memory" },
	{ { 65, 254, 0, false, false, 0 }, 1, "little memory" },
	{ { 1, 31, 0, false, false, 0 }, 1, NULL },
	{ { 1, 254, PAGES_FIT(8), false, false, 0 }, 8, NULL },
	/* Bounce buffers. */
	{ { 65, 254, LOTS, false, true, 0 }, 8, "bounce buffers" },
	{ { 1, 254, LOTS, false, true, 0 }, 8, NULL },
	{ { 2, 128, LOTS, false, true, 0 }, 8, "bounce buffers" },
	{ { 1, 31, LOTS, false, true, 0 }, 1, NULL },
	{ { 65, 254, PAGES_FIT(16), false, true, 0 }, 8, "bounce buffers" },
	{ { 65, 254, PAGES_FIT(4), false, true, 0 }, 4, "little memory" },
	/* The parameter is set. */
	{ { 65, 254, LOTS, false, false, 1 }, 1, NULL },
	{ { 1, 1, LOTS, false, false, 32 }, 32, NULL },
	{ { 65, 254, 0, false, true, 32 }, 32, NULL },
	/* kdump kernel. */
	{ { 65, 254, LOTS, true, false, 0 }, 1, "kdump kernel" },
	{ { 65, 254, LOTS, true, true, 32 }, 1, "kdump kernel" },
};

static void every_row_of_the_table(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct row *row = &rows[i];
		const char *why = "untouched";
		int before = unit_failures;

		UNIT_EQUAL(pvs_sizing_ring_pages(&row->in, &why), row->pages);
		UNIT_TRUE(why == row->why || (why && row->why && !strcmp(why, row->why)));
		if (unit_failures != before)
			printf("in row %zu: %s\n", i, why ? why : "-");
	}
}

static void a_kdump_kernel_has_one_page_for_messages(void)
{
	UNIT_EQUAL(pvs_sizing_msg_ring_pages(true, 16), 1);
	UNIT_EQUAL(pvs_sizing_msg_ring_pages(false, 16), 16);
	UNIT_EQUAL(pvs_sizing_msg_ring_pages(false, 1), 1);
}

UNIT_MAIN(
	UNIT_CASE(every_row_of_the_table),
	UNIT_CASE(a_kdump_kernel_has_one_page_for_messages),
)
