// SPDX-License-Identifier: GPL-2.0-only
/*
 * Configuration pages. Pure: works on a private copy of the page, so that it also runs in user
 * space. Called in any context.
 */

#include <linux/bug.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include "confpage.h"

/* Stands for what is no character, or is not for a line of text. */
#define PVS_CONFPAGE_REPLACEMENT	0xfffd

#define PVS_CONFPAGE_HIGH_SURROGATE	0xd800
#define PVS_CONFPAGE_LOW_SURROGATE	0xdc00
#define PVS_CONFPAGE_SURROGATES		0x400	/* of each kind */
#define PVS_CONFPAGE_SUPPLEMENTARY	0x10000	/* first character that is a pair */

/*
 * Characters that are replaced: lone surrogates, noncharacters, and those that change how a
 * terminal shows the text (controls, separators of lines, marks of direction, invisible ones).
 */
static const struct {
	u32 first;
	u32 last;
} pvs_confpage_replaced[] = {
	{ 0x00, 0x1f }, { 0x7f, 0x9f }, { 0xad, 0xad }, { 0x61c, 0x61c }, { 0x180e, 0x180e },
	{ 0x200b, 0x200f }, { 0x2028, 0x202e }, { 0x2060, 0x206f }, { 0xd800, 0xdfff },
	{ 0xfdd0, 0xfdef }, { 0xfeff, 0xfeff }, { 0xfff0, 0xffff }, { 0xe0000, 0xe0fff },
};

static u32 pvs_confpage_clean(u32 character)
{
	u32 i;

	/* The last two of each plane are noncharacters. */
	if ((character & 0xfffe) == 0xfffe)
		return PVS_CONFPAGE_REPLACEMENT;
	for (i = 0; i < ARRAY_SIZE(pvs_confpage_replaced); i++) {
		if (character >= pvs_confpage_replaced[i].first &&
		    character <= pvs_confpage_replaced[i].last)
			return PVS_CONFPAGE_REPLACEMENT;
	}
	return character;
}

static bool pvs_confpage_is_surrogate(u32 unit, u32 kind)
{
	return unit >= kind && unit < kind + PVS_CONFPAGE_SURROGATES;
}

/* The character at *text, cleaned. Advances *text: a pair of surrogates is one character. */
static u32 pvs_confpage_next(const __le16 **text, const __le16 *end)
{
	u32 unit = le16_to_cpu(*(*text)++), low;

	if (pvs_confpage_is_surrogate(unit, PVS_CONFPAGE_HIGH_SURROGATE) && *text < end) {
		low = le16_to_cpu(**text);
		if (pvs_confpage_is_surrogate(low, PVS_CONFPAGE_LOW_SURROGATE)) {
			(*text)++;
			unit = PVS_CONFPAGE_SUPPLEMENTARY +
			       (unit - PVS_CONFPAGE_HIGH_SURROGATE) * PVS_CONFPAGE_SURROGATES +
			       (low - PVS_CONFPAGE_LOW_SURROGATE);
		}
	}
	return pvs_confpage_clean(unit);
}

/* Write the character as UTF-8. Returns the next position. */
static char *pvs_confpage_put(char *out, u32 character)
{
	u32 shift = character < 0x80 ? 0 : character < 0x800 ? 6 :
		    character < PVS_CONFPAGE_SUPPLEMENTARY ? 12 : 18;
	static const u8 lead[] = { 0x00, 0xc0, 0xe0, 0xf0 };

	*out++ = lead[shift / 6] | character >> shift;
	while (shift) {
		shift -= 6;
		*out++ = 0x80 | (character >> shift & 0x3f);
	}
	return out;
}

/* out has room for PVS_CONFPAGE_TEXT(units). The text may lack its NUL. */
static void pvs_confpage_text(const __le16 *text, u32 units, char *out)
{
	const __le16 *end = text + units;
	char *last = out, *start = out;
	u32 character;

	while (text < end && *text) {
		character = pvs_confpage_next(&text, end);
		if (character == ' ' && out == start)
			continue;
		out = pvs_confpage_put(out, character);
		if (character != ' ')
			last = out;
	}
	*last = '\0';
}

u32 pvs_confpage_size(const struct pvscsi_config_header *header, u32 page_number)
{
	u32 size = le16_to_cpu(header->dwords) * sizeof(u32);

	if (header->host_status || header->scsi_status ||
	    le32_to_cpu(header->page_number) != page_number ||
	    size < sizeof(*header) || size > PVSCSI_PAGE_SIZE)
		return 0;
	return size;
}

#define PVS_CONFPAGE_GET(page, from, identity, to) do {						\
	_Static_assert(sizeof((identity)->to) == PVS_CONFPAGE_TEXT(ARRAY_SIZE((page)->from)),	\
		       #to);									\
	pvs_confpage_text((page)->from, ARRAY_SIZE((page)->from), (identity)->to);		\
} while (0)

bool pvs_confpage_identify(const struct pvscsi_config_controller *page,
			   struct pvs_identity *identity)
{
	memset(identity, 0, sizeof(*identity));
	if (pvs_confpage_size(&page->header, PVSCSI_CONFIG_PAGE_CONTROLLER) <
	    offsetof(struct pvscsi_config_controller, pad))
		return false;
	identity->node_wwn = le64_to_cpu(page->node_wwn);
	identity->targets = le32_to_cpu(page->phys);
	PVS_CONFPAGE_GET(page, manufacturer, identity, manufacturer);
	PVS_CONFPAGE_GET(page, serial, identity, serial_number);
	PVS_CONFPAGE_GET(page, hw_version, identity, hardware_version);
	PVS_CONFPAGE_GET(page, fw_version, identity, firmware_version);
	PVS_CONFPAGE_GET(page, option_rom_version, identity, option_rom_version);
	return true;
}
