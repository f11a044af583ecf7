// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"
#include "paramlist.h"

static const struct pvs_paramlist_rule power_of_2_to_32 = { 0, 32, true };
static const struct pvs_paramlist_rule number_to_1023 = { 1, 1023, false };

static struct pvs_paramlist list;
static char complaints[128 * 1024];

static void complain(void *context, const struct pvs_paramlist_part *part, u32 used)
{
	static const char *const verdicts[] = { "good", "address", "value", "many" };
	size_t len = strlen(context);

	snprintf((char *)context + len, sizeof(complaints) - len, "%s[%.*s] %s %u",
		 len ? "; " : "", (int)part->len, part->text, verdicts[part->verdict], used);
}

/* Parse a copy of exact size, so that the sanitizer detects a read beyond its end. */
static void parse(const struct pvs_paramlist_rule *rule, const char *text)
{
	char *copy = strdup(text);

	complaints[0] = '\0';
	pvs_paramlist_parse(&list, rule, copy, complain, complaints);
	free(copy);
}

/* Check the resulting list and the complaints. */
static bool gives(const char *text, const char *used, const char *complained)
{
	char printed[1024];

	memset(&list, 0, sizeof(list));
	parse(&power_of_2_to_32, text);
	pvs_paramlist_print(&list, printed, sizeof(printed));
	if (!strcmp(printed, used) && !strcmp(complaints, complained))
		return true;
	printf("'%s' is used as '%s' with '%s'\n", text, printed, complaints);
	return false;
}

static void good_lists_hold(void)
{
	UNIT_TRUE(gives("8", "8", ""));
	UNIT_TRUE(gives("0x10", "16", ""));
	UNIT_TRUE(gives("8\n", "8", ""));
	UNIT_TRUE(gives("8,0000:03:00.0=32", "8,0000:03:00.0=32", ""));
	UNIT_TRUE(gives("0000:03:00.0=32,8", "8,0000:03:00.0=32", ""));
	UNIT_TRUE(gives("03:00.0=1,0b:1f.7=2", "0,0000:03:00.0=1,0000:0b:1f.7=2", ""));
	UNIT_TRUE(gives("10000:E1:00.0=4", "0,10000:e1:00.0=4", ""));
	UNIT_TRUE(gives("ffffffff:ff:1f.7=4", "0,ffffffff:ff:1f.7=4", ""));
	UNIT_TRUE(gives("00:00.0=0", "0,0000:00:00.0=0", ""));
}

static void the_last_of_several_counts(void)
{
	UNIT_TRUE(gives("8,16", "16", ""));
	UNIT_TRUE(gives("03:00.0=1,4,0000:03:00.0=2", "4,0000:03:00.0=2", ""));
}

static void bad_parts_are_named_and_good_ones_hold(void)
{
	UNIT_TRUE(gives("", "0", "[] value 0"));
	UNIT_TRUE(gives("=", "0", "[=] address 0"));
	UNIT_TRUE(gives("=8", "0", "[=8] address 0"));
	UNIT_TRUE(gives(",,,", "0", "[] value 0; [] value 0; [] value 0; [] value 0"));
	UNIT_TRUE(gives("8,", "8", "[] value 8"));
	UNIT_TRUE(gives("3,8,64", "8", "[3] value 8; [64] value 8"));
	UNIT_TRUE(gives("-1", "0", "[-1] value 0"));
	UNIT_TRUE(gives("4294967296", "0", "[4294967296] value 0"));
	UNIT_TRUE(gives("99999999999999999999999999", "0", "[99999999999999999999999999] value 0"));
	UNIT_TRUE(gives("0000:03:00.0=", "0", "[0000:03:00.0=] value 0"));
	UNIT_TRUE(gives("0000:03:00.0=3,8", "8", "[0000:03:00.0=3] value 8"));
	UNIT_TRUE(gives("03:00.0=32,03:00.0=3,8", "8,0000:03:00.0=32", "[03:00.0=3] value 32"));
	UNIT_TRUE(gives("0000:03:00.0=-1", "0", "[0000:03:00.0=-1] value 0"));
	UNIT_TRUE(gives("0000:03:00.0==8", "0", "[0000:03:00.0==8] value 0"));
	UNIT_TRUE(gives("0000:03:00.0", "0", "[0000:03:00.0] value 0"));
}

static void what_is_no_address_is_refused(void)
{
	static const char *const bad[] = {
		"x", ":", ".", "::.", ":03:00.0", "0000::00.0", "0000:03:.0", "0000:03:00.",
		"0000:03:00", "0000:03:00.8", "0000:03:20.0", "0000:100:00.0", "03", "03:00",
		"100000000:03:00.0", "0000:03:00.0 ", " 0000:03:00.0", "0000:03:00.0.0",
		"0:0000:03:00.0", "0000:03:00:0", "0x0000:03:00.0", "-1:03:00.0", "\xff:\xff.\xff",
	};
	char text[64], complained[128];

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		snprintf(text, sizeof(text), "%s=8,4", bad[i]);
		snprintf(complained, sizeof(complained), "[%s=8] address 4", bad[i]);
		UNIT_TRUE(gives(text, "4", complained));
	}
}

static void addresses_beyond_16_are_refused(void)
{
	char text[1024] = "8";
	size_t len = 1;

	for (u32 i = 0; i < 18; i++)
		len += scnprintf(text + len, sizeof(text) - len, ",%02x:00.0=16", i);
	/* An address that is already in the list needs no additional entry. */
	scnprintf(text + len, sizeof(text) - len, ",05:00.0=32");
	memset(&list, 0, sizeof(list));
	parse(&power_of_2_to_32, text);
	UNIT_EQUAL(list.count, 16);
	UNIT_TRUE(!strcmp(complaints, "[10:00.0=16] many 8; [11:00.0=16] many 8"));
	UNIT_EQUAL(pvs_paramlist_value(&list, "0000:0f:00.0"), 16);
	UNIT_EQUAL(pvs_paramlist_value(&list, "0000:10:00.0"), 8);
	UNIT_EQUAL(pvs_paramlist_value(&list, "0000:05:00.0"), 32);
}

static void long_texts_do_no_harm(void)
{
	static const char *const pieces[] = { ",", "=", ":", ".", "8", "f", "x", "00:00.0=1,", "-" };
	char *text = malloc(4097);

	for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
		for (size_t at = 0; at < 4096; at++)
			text[at] = pieces[i][at % strlen(pieces[i])];
		text[4096] = '\0';
		memset(&list, 0, sizeof(list));
		parse(&power_of_2_to_32, text);
		UNIT_EQUAL(list.value, 0);
		UNIT_TRUE(list.count <= 1);
		UNIT_TRUE(complaints[0]);
	}
	free(text);
}

static void a_second_list_adds_to_the_first(void)
{
	memset(&list, 0, sizeof(list));
	list.value = 254;
	parse(&number_to_1023, "03:00.0=7");
	parse(&number_to_1023, "04:00.0=1023,03:00.0=0,1024");
	UNIT_TRUE(!strcmp(complaints, "[03:00.0=0] value 7; [1024] value 254"));
	UNIT_EQUAL(pvs_paramlist_value(&list, "0000:03:00.0"), 7);
	UNIT_EQUAL(pvs_paramlist_value(&list, "0000:04:00.0"), 1023);
}

static void an_adapter_without_a_value_has_the_plain_one(void)
{
	memset(&list, 0, sizeof(list));
	parse(&power_of_2_to_32, "8,0001:03:00.0=32,0:3:0.1=16");
	UNIT_EQUAL(pvs_paramlist_value(&list, "0001:03:00.0"), 32);
	UNIT_EQUAL(pvs_paramlist_value(&list, "0000:03:00.1"), 16);
	UNIT_EQUAL(pvs_paramlist_value(&list, "0000:03:00.0"), 8);
	UNIT_EQUAL(pvs_paramlist_value(&list, "no address"), 8);
	UNIT_EQUAL(pvs_paramlist_value(&list, ""), 8);
}

static void printing_keeps_to_the_buffer(void)
{
	memset(&list, 0, sizeof(list));
	parse(&power_of_2_to_32, "8,0001:03:00.0=32,04:00.0=32");
	for (size_t size = 1; size < 64; size++) {
		char *buffer = malloc(size);

		UNIT_EQUAL(pvs_paramlist_print(&list, buffer, size), strlen(buffer));
		UNIT_TRUE(strlen(buffer) < size);
		free(buffer);
	}
}

UNIT_MAIN(
	UNIT_CASE(good_lists_hold),
	UNIT_CASE(the_last_of_several_counts),
	UNIT_CASE(bad_parts_are_named_and_good_ones_hold),
	UNIT_CASE(what_is_no_address_is_refused),
	UNIT_CASE(addresses_beyond_16_are_refused),
	UNIT_CASE(long_texts_do_no_harm),
	UNIT_CASE(a_second_list_adds_to_the_first),
	UNIT_CASE(an_adapter_without_a_value_has_the_plain_one),
	UNIT_CASE(printing_keeps_to_the_buffer),
)
