// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"
#include "confpage.h"

#define FFFD	"\xef\xbf\xbd"

static struct pvscsi_config_controller page;
static struct pvs_identity identity;

static void good_page(void)
{
	memset(&page, 0, sizeof(page));
	page.header.page_number = cpu_to_le32(PVSCSI_CONFIG_PAGE_CONTROLLER);
	page.header.dwords = cpu_to_le16(sizeof(page) / 4);
	page.node_wwn = cpu_to_le64(0x5000c29012345678);
	page.phys = cpu_to_le32(65);
}

static void put(__le16 *field, const u16 *units, size_t count)
{
	good_page();
	for (size_t i = 0; i < count; i++)
		field[i] = cpu_to_le16(units[i]);
}

/* Units, how many, and the text that they become. */
static const struct row {
	u16 units[12];
	const char *text;
} rows[] = {
	{ { 0 }, "" },
	{ { 'V', 'M', 'w', 'a', 'r', 'e', 0, 'x' }, "VMware" },
	{ { ' ', ' ', 'a', ' ', 'b', ' ', ' ', 0, 'x' }, "a b" },
	{ { ' ', ' ', ' ' }, "" },
	{ { '~' }, "~" },
	/* the limits of each length of UTF-8 */
	{ { 0xa0 }, "\xc2\xa0" },
	{ { 0x7ff }, "\xdf\xbf" },
	{ { 0x800 }, "\xe0\xa0\x80" },
	{ { 0xd7ff }, "\xed\x9f\xbf" },
	{ { 0xe000 }, "\xee\x80\x80" },
	{ { 0xffef }, "\xef\xbf\xaf" },
	{ { 0xd800, 0xdc00 }, "\xf0\x90\x80\x80" },
	{ { 0xd83d, 0xdca9, 'x' }, "\xf0\x9f\x92\xa9x" },
	{ { 0xdbff, 0xdffd }, "\xf4\x8f\xbf\xbd" },
	/* surrogates that are no pair */
	{ { 0xd800 }, FFFD },
	{ { 0xdc00 }, FFFD },
	{ { 0xd800, 'x' }, FFFD "x" },
	{ { 0xdc00, 0xd800, 'x' }, FFFD FFFD "x" },
	{ { 0xd800, 0xd83d, 0xdca9 }, FFFD "\xf0\x9f\x92\xa9" },
	{ { 0xdbff, 0xe000 }, FFFD "\xee\x80\x80" },
	/* what changes a line or a terminal */
	{ { 'a', '\n', 'b', '\r', '\t', 0x1b, 0x01 }, "a" FFFD "b" FFFD FFFD FFFD FFFD },
	{ { 0x1f, 0x20, 0x7e, 0x7f, 0x80, 0x9f, 0xa1 }, FFFD " ~" FFFD FFFD FFFD "\xc2\xa1" },
	{ { 0xad, 0x61c, 0x180e, 0x200b, 0x200f, 0x2010 },
	  FFFD FFFD FFFD FFFD FFFD "\xe2\x80\x90" },
	{ { 0x2027, 0x2028, 0x202e, 0x202f }, "\xe2\x80\xa7" FFFD FFFD "\xe2\x80\xaf" },
	{ { 0x205f, 0x2060, 0x206f, 0x2070 }, "\xe2\x81\x9f" FFFD FFFD "\xe2\x81\xb0" },
	{ { 0xfeff, 0xfff0, 0xfffd, 0xfffe, 0xffff }, FFFD FFFD FFFD FFFD FFFD },
	{ { 0xfdcf, 0xfdd0, 0xfdef, 0xfdf0 }, "\xef\xb7\x8f" FFFD FFFD "\xef\xb7\xb0" },
	{ { 0xd83f, 0xdffe, 0xd83f, 0xdfff, 0xdb40, 0xdc01 }, FFFD FFFD FFFD },
};

static void text_becomes_clean_utf8(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int before = unit_failures;

		put(page.serial, rows[i].units, ARRAY_SIZE(rows[i].units));
		UNIT_TRUE(pvs_confpage_identify(&page, &identity));
		UNIT_TRUE(!strcmp(identity.serial_number, rows[i].text));
		if (unit_failures != before)
			printf("in row %zu: '%s'\n", i, identity.serial_number);
	}
}

static void text_without_an_end_stays_in_its_field(void)
{
	good_page();
	for (size_t i = 0; i < 64; i++)
		page.manufacturer[i] = cpu_to_le16(0x20ac);
	for (size_t i = 0; i < 32; i++)
		page.fw_version[i] = cpu_to_le16(i == 31 ? 0xd83d : 'f');
	page.phys = cpu_to_le32(0xdca9dca9); /* must not complete the pair */
	UNIT_TRUE(pvs_confpage_identify(&page, &identity));
	UNIT_EQUAL(strlen(identity.manufacturer), 64 * 3);
	UNIT_EQUAL(strlen(identity.firmware_version), 31 + 3);
	UNIT_TRUE(!strcmp(identity.serial_number, ""));
}

static void each_field_is_where_the_contract_says(void)
{
	u8 *bytes = (u8 *)&page;

	good_page();
	memcpy(bytes + 24, "m", 1);
	memcpy(bytes + 24 + 128, "s", 1);
	memcpy(bytes + 24 + 256, "o", 1);
	memcpy(bytes + 24 + 320, "h", 1);
	memcpy(bytes + 24 + 384, "f", 1);
	UNIT_TRUE(pvs_confpage_identify(&page, &identity));
	UNIT_EQUAL(identity.node_wwn, 0x5000c29012345678);
	UNIT_EQUAL(identity.targets, 65);
	UNIT_TRUE(!strcmp(identity.manufacturer, "m"));
	UNIT_TRUE(!strcmp(identity.serial_number, "s"));
	UNIT_TRUE(!strcmp(identity.option_rom_version, "o"));
	UNIT_TRUE(!strcmp(identity.hardware_version, "h"));
	UNIT_TRUE(!strcmp(identity.firmware_version, "f"));
}

static void refused(void)
{
	static const struct pvs_identity none;

	memset(&identity, 0xff, sizeof(identity));
	UNIT_TRUE(!pvs_confpage_identify(&page, &identity));
	UNIT_TRUE(!memcmp(&identity, &none, sizeof(none)));
}

static void a_page_that_is_not_right_is_not_believed(void)
{
	good_page();
	page.header.host_status = cpu_to_le16(PVSCSI_HOST_INVALID_PARAM);
	refused();
	good_page();
	page.header.scsi_status = cpu_to_le16(SAM_STAT_CHECK_CONDITION);
	refused();
	good_page();
	page.header.page_number = cpu_to_le32(PVSCSI_CONFIG_PAGE_PHY);
	refused();
	good_page();
	page.header.dwords = cpu_to_le16(118);
	refused();
}

static void a_page_has_at_least_a_header_and_at_most_a_device_page(void)
{
	static const struct { u16 dwords; u32 size; } sizes[] = {
		{ 0, 0 }, { 3, 0 }, { 4, 16 }, { 119, 476 }, { 1024, 4096 }, { 1025, 0 },
		{ 0xffff, 0 },
	};

	good_page();
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		page.header.dwords = cpu_to_le16(sizes[i].dwords);
		UNIT_EQUAL(pvs_confpage_size(&page.header, PVSCSI_CONFIG_PAGE_CONTROLLER),
			   sizes[i].size);
		UNIT_EQUAL(pvs_confpage_size(&page.header, PVSCSI_CONFIG_PAGE_TARGET), 0);
		UNIT_EQUAL(pvs_confpage_identify(&page, &identity), sizes[i].size >= 476);
	}
}

UNIT_MAIN(
	UNIT_CASE(text_becomes_clean_utf8),
	UNIT_CASE(text_without_an_end_stays_in_its_field),
	UNIT_CASE(each_field_is_where_the_contract_says),
	UNIT_CASE(a_page_that_is_not_right_is_not_believed),
	UNIT_CASE(a_page_has_at_least_a_header_and_at_most_a_device_page),
)
