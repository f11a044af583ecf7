// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any page. The oracle decodes the text that came out, strictly, and compares its characters with
 * those that it finds in the page by a table of Unicode's classes, one bit for each unit.
 */
#include "fuzz.h"
#include "confpage.h"

#define UNITS_MAX	64
#define REPLACEMENT	0xfffd

/* May this character be shown? Unicode's classes Cc, Cf, Cs, Cn (noncharacters), Zl, Zp. */
static bool is_shown(u32 c)
{
	u32 plane = c / 65536, low = c % 65536;

	if (low >= 65534)
		return false;
	if (plane)
		return c < 0xe0000 || c > 0xe0fff;
	if (low < 0x100)
		return low != 0xad && !(low < 32 || (low >= 127 && low < 160));
	switch (low / 16) {
	case 0x061:
		return low != 0x061c;
	case 0x180:
		return low != 0x180e;
	case 0x200:
		return low < 0x200b;
	case 0x202:
		return low < 0x2028 || low > 0x202e;
	case 0x206:
		return false;
	case 0xfdd: case 0xfde:
		return false;
	case 0xfef:
		return low != 0xfeff;
	case 0xfff:
		return low == REPLACEMENT;
	default:
		return low / 2048 != 27; /* surrogates */
	}
}

/* The characters of the field, from its end: a low surrogate looks for its high one. */
static u32 expected(const __le16 *field, u32 units, u32 *out)
{
	u32 count = 0, first, from = 0, reversed[UNITS_MAX];

	for (u32 i = 0; i < units; i++)
		if (!field[i])
			units = i;
	while (units) {
		u32 unit = le16_to_cpu(field[--units]);

		if (unit / 1024 == 55 && units && le16_to_cpu(field[units - 1]) / 1024 == 54)
			unit = 65536 + le16_to_cpu(field[--units]) % 1024 * 1024 + unit % 1024;
		reversed[count++] = is_shown(unit) ? unit : REPLACEMENT;
	}
	while (from < count && reversed[from] == ' ')
		from++;
	while (count > from && reversed[count - 1] == ' ')
		count--;
	first = count;
	while (first > from)
		*out++ = reversed[--first];
	return count - from;
}

/* Decode one character of strict UTF-8: no overlong form, no surrogate. */
static u32 decode(const char **text)
{
	static const u32 least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const u8 *at = (const u8 *)*text;
	u32 length = __builtin_clz(~((u32)*at << 24)), c;

	length = length ? length : 1;
	FUZZ_CHECK(length <= 4 && (*at < 0x80 || length > 1));
	c = length == 1 ? *at : *at & (0x7f >> length);
	for (u32 i = 1; i < length; i++) {
		FUZZ_CHECK(at[i] >= 0x80 && at[i] < 0xc0);
		c = c * 64 + at[i] % 64;
	}
	FUZZ_CHECK(c >= least[length] && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff));
	*text += length;
	return c;
}

static void check_text(const __le16 *field, u32 units, const char *text, size_t size)
{
	u32 want[UNITS_MAX], count = expected(field, units, want);

	FUZZ_CHECK(strnlen(text, size) < size);
	for (u32 i = 0; i < count; i++) {
		FUZZ_CHECK(*text);
		FUZZ_CHECK(decode(&text) == want[i]);
	}
	FUZZ_CHECK(!*text);
}

/* A unit of text, mostly near the limit of a class. */
static u16 any_unit(struct fuzz *in)
{
	static const u16 limits[] = {
		0x00, 0x20, 0x7f, 0x9f, 0xad, 0x61c, 0x800, 0x180e, 0x200b, 0x2010, 0x2028, 0x202f,
		0x2060, 0x2070, 0xd800, 0xd83f, 0xdb40, 0xdc00, 0xdfff, 0xfdd0, 0xfdf0, 0xfeff,
		0xfff0, 0xffff,
	};
	u8 form = fuzz_u8(in);

	if (form < 3 * ARRAY_SIZE(limits))
		return limits[form / 3] + form % 3 - 1;
	return form < 200 ? form - 100 : fuzz_number(in, 16);
}

static void fill(struct fuzz *in, struct pvscsi_config_controller *page)
{
	__le16 *units = page->manufacturer;
	u32 count = offsetof(struct pvscsi_config_controller, phys) / 2 -
		    offsetof(struct pvscsi_config_controller, manufacturer) / 2;
	u32 period = fuzz_u8(in) % 48 + 1;

	/* The input is short: repeat it, so that texts without an end occur. */
	for (u32 i = 0; i < count; i++)
		units[i] = i < period ? cpu_to_le16(any_unit(in)) : units[i - period];
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz in = { data, size };
	struct pvscsi_config_controller *page = calloc(1, sizeof(*page));
	struct pvs_identity *identity = malloc(sizeof(*identity));
	u8 form = fuzz_u8(&in), *bytes = (u8 *)identity;
	u32 dwords = form & 1 ? fuzz_number(&in, 16) : 120;
	u32 number = form & 2 ? fuzz_number(&in, 32) : 0x1958;
	u32 host = form & 4 ? fuzz_number(&in, 16) : 0, scsi = form & 8 ? fuzz_number(&in, 16) : 0;
	u64 wwn = fuzz_number(&in, 64), phys = fuzz_number(&in, 32);
	bool good = number == 6488 && !(host | scsi) && dwords >= 119 && dwords < 1025;

	fuzz_put_le((u8 *)page, number, 4);
	fuzz_put_le((u8 *)page + 4, dwords, 2);
	fuzz_put_le((u8 *)page + 6, host, 2);
	fuzz_put_le((u8 *)page + 8, scsi, 2);
	fuzz_put_le((u8 *)page + 16, wwn, 8);
	fuzz_put_le((u8 *)page + 472, phys, 4);
	fill(&in, page);
	memset(identity, 0xa5, sizeof(*identity));
	FUZZ_CHECK(pvs_confpage_identify(page, identity) == good);
	for (size_t i = 0; !good && i < sizeof(*identity); i++)
		FUZZ_CHECK(!bytes[i]);
	if (good) {
		FUZZ_CHECK(identity->node_wwn == wwn && identity->targets == phys);
		check_text((void *)page + 24, 64, identity->manufacturer, 193);
		check_text((void *)page + 152, 64, identity->serial_number, 193);
		check_text((void *)page + 280, 32, identity->option_rom_version, 97);
		check_text((void *)page + 344, 32, identity->hardware_version, 97);
		check_text((void *)page + 408, 32, identity->firmware_version, 97);
	}
	free(identity);
	free(page);
	return 0;
}
