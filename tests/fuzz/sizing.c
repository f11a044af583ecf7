// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sizes of the rings for any machine. The oracle tries all six sizes and takes the largest one that
 * every rule of docs/architecture.md allows, in 128 bits.
 */
#include "fuzz.h"
#include "sizing.h"

typedef unsigned __int128 u128;

#define SLOTS_PER_PAGE	32
#define PAGES_MAX	32
#define BOUNCE_PAGES	8
#define PAGE_COST	(72u << 10)

/* Would half of the pages be enough for all commands that the disks can have outstanding? */
static bool half_would_do(const struct pvs_sizing_in *in, u32 pages)
{
	return (u128)pages / 2 * SLOTS_PER_PAGE > (u128)in->targets * in->cmd_per_lun;
}

static bool fits_memory(const struct pvs_sizing_in *in, u32 pages)
{
	return (u128)pages * PAGE_COST * 128 <= in->memory;
}

static u32 oracle_pages(const struct pvs_sizing_in *in, const char **why)
{
	u32 pages, useful = 0, fits = 0, best;

	*why = NULL;
	for (pages = PAGES_MAX; pages; pages /= 2) {
		if (pages == 1 || !half_would_do(in, pages))
			useful = useful ? useful : pages;
		if (pages == 1 || fits_memory(in, pages))
			fits = fits ? fits : pages;
	}
	best = min(useful, fits);
	if (fits < useful)
		*why = "little memory";
	if (in->bounce && best > BOUNCE_PAGES) {
		*why = "bounce buffers";
		best = BOUNCE_PAGES;
	}
	return best;
}

static void check_chosen(const struct pvs_sizing_in *in)
{
	struct pvs_sizing_in more = *in;
	const char *why = "untouched", *expected, *ignored;
	u32 pages = pvs_sizing_ring_pages(in, &why);

	FUZZ_CHECK(pages == oracle_pages(in, &expected));
	FUZZ_CHECK(!why == !expected && (!why || !strcmp(why, expected)));
	FUZZ_CHECK(pages >= 1 && pages <= PAGES_MAX && PAGES_MAX % pages == 0);

	/* More memory or more commands never make a ring smaller. */
	more.memory |= more.memory >> 1;
	more.targets |= more.targets >> 1;
	FUZZ_CHECK(pvs_sizing_ring_pages(&more, &ignored) >= pages);
}

static void check_asked(struct pvs_sizing_in *in, u32 asked)
{
	const char *why = "untouched";

	in->ring_pages = asked;
	FUZZ_CHECK(!asked || pvs_sizing_ring_pages(in, &why) == asked);
	FUZZ_CHECK(!asked || !why);
	FUZZ_CHECK(pvs_sizing_msg_ring_pages(false, asked) == asked);

	in->kdump = true;
	FUZZ_CHECK(pvs_sizing_ring_pages(in, &why) == 1);
	FUZZ_CHECK(why && !strcmp(why, "kdump kernel"));
	FUZZ_CHECK(pvs_sizing_msg_ring_pages(true, asked) == 1);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz bytes = { data, size };
	struct pvs_sizing_in in = { 0 };
	u8 form = fuzz_u8(&bytes);

	in.bounce = form & 1;
	in.targets = fuzz_number(&bytes, 32);
	in.cmd_per_lun = fuzz_number(&bytes, 32);
	in.memory = fuzz_number(&bytes, 64);
	/* Also test the limits of each rule. */
	if (form & 2)
		in.memory = ((u64)PAGE_COST * 128 << (form >> 5)) + (int8_t)in.memory;
	if (form & 4)
		in.cmd_per_lun = (SLOTS_PER_PAGE << (form >> 5)) + (int8_t)in.cmd_per_lun;
	check_chosen(&in);
	check_asked(&in, fuzz_number(&bytes, 32));
	return 0;
}
