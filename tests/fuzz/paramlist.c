// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any text as a parameter, for any existing list. The oracle is a separate parser, which follows
 * the grammar and compares digits, not numbers. A printed list must be parsed as the same list.
 */
#include "fuzz.h"
#include "paramlist.h"

#define TEXT_MAX	256	/* longer than the inputs of tests/tools/fuzz */
#define PRINTED_MAX	1024

static const struct pvs_paramlist_rule rules[] = {
	{ 0, 32, true }, { 1, 16, true }, { 1, 1023, false }, { 0, U32_MAX, false },
};

struct part {
	const char *text;
	size_t len;
	enum pvs_paramlist_verdict verdict;
	bool has_address;
	u64 address;
	u32 value;
};

struct oracle {
	struct pvs_paramlist list;
	struct part bad[TEXT_MAX + 1];
	u32 bad_count;
	u32 complaints;
};

static int digit_value(char c)
{
	static const char digits[] = "00112233445566778899aAbBcCdDeEfF";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (at - digits) / 2 : -1;
}

/* Parse all of text as a number of that base, with at least one digit, at most max. */
static bool all_digits(const char *text, size_t len, int base, u64 max, u64 *number)
{
	*number = 0;
	for (size_t i = 0; i < len; i++) {
		int digit = digit_value(text[i]);

		if (digit < 0 || digit >= base)
			return false;
		/* Once it is above U32_MAX, it stays above any max. */
		if (*number <= U32_MAX)
			*number = *number * base + digit;
	}
	return len && *number <= max;
}

/* Parse the field after the last separator of text, and cut both off. */
static bool cut_field(const char *text, size_t *len, char separator, u64 max, u64 *number)
{
	size_t start = *len;

	while (start && text[start - 1] != separator)
		start--;
	if (!start || !all_digits(text + start, *len - start, 16, max, number))
		return false;
	*len = start - 1;
	return true;
}

/* Parse from the end: .FUNCTION, :DEVICE, then BUS or DOMAIN:BUS. */
static bool oracle_address(const char *text, size_t len, u64 *address)
{
	u64 domain = 0, bus, device, function;

	if (!cut_field(text, &len, '.', 7, &function) || !cut_field(text, &len, ':', 31, &device))
		return false;
	if (memchr(text, ':', len)) {
		if (!cut_field(text, &len, ':', 255, &bus) ||
		    !all_digits(text, len, 16, U32_MAX, &domain))
			return false;
	} else if (!all_digits(text, len, 16, 255, &bus)) {
		return false;
	}
	*address = domain * 65536 + bus * 256 + device * 8 + function;
	return true;
}

static bool oracle_number(const char *text, size_t len, const struct pvs_paramlist_rule *rule,
			  u32 *value)
{
	u32 base = 10, bits = 0;
	u64 number;

	if (len > 12)
		return false;
	if (len && *text == '+') {
		text++;
		len--;
	}
	if (len && text[len - 1] == '\n')
		len--;
	if (len > 2 && text[0] == '0' && (text[1] | 0x20) == 'x') {
		base = 16;
		text += 2;
		len -= 2;
	} else if (len > 1 && text[0] == '0') {
		base = 8;
	}
	if (!all_digits(text, len, base, U32_MAX, &number))
		return false;
	for (u32 bit = 0; bit < 32; bit++)
		bits += number >> bit & 1;
	*value = number;
	return number >= rule->min && number <= rule->max && (!rule->power_of_2 || bits <= 1);
}

/* Parse the part from text up to a comma or to the end. */
static struct part oracle_part(const char *text, const struct pvs_paramlist_rule *rule)
{
	struct part part = { .text = text };
	size_t equals = 0, number;

	while (text[part.len] && text[part.len] != ',')
		part.len++;
	while (equals < part.len && text[equals] != '=')
		equals++;
	part.has_address = equals < part.len;
	number = part.has_address ? equals + 1 : 0;
	if (part.has_address && !oracle_address(text, equals, &part.address))
		part.verdict = PVS_PARAMLIST_BAD_ADDRESS;
	else if (!oracle_number(text + number, part.len - number, rule, &part.value))
		part.verdict = PVS_PARAMLIST_BAD_VALUE;
	return part;
}

static u32 *oracle_entry(struct oracle *oracle, u64 address)
{
	for (u32 i = 0; i < oracle->list.count; i++)
		if (oracle->list.one[i].address == address)
			return &oracle->list.one[i].value;
	return NULL;
}

static void oracle_take(struct oracle *oracle, struct part *part)
{
	struct pvs_paramlist *list = &oracle->list;
	u32 *value = part->has_address ? oracle_entry(oracle, part->address) : &list->value;

	if (value) {
		*value = part->value;
	} else if (list->count < PVS_PARAMLIST_ADDRESSES) {
		list->one[list->count].address = part->address;
		list->one[list->count++].value = part->value;
	} else {
		part->verdict = PVS_PARAMLIST_TOO_MANY;
	}
}

static void oracle_parse(struct oracle *oracle, const struct pvs_paramlist_rule *rule,
			 const char *text)
{
	struct part part;

	for (;; text++) {
		part = oracle_part(text, rule);
		if (part.verdict == PVS_PARAMLIST_GOOD)
			oracle_take(oracle, &part);
		if (part.verdict != PVS_PARAMLIST_GOOD)
			oracle->bad[oracle->bad_count++] = part;
		text += part.len;
		if (!*text)
			return;
	}
}

/* Expect each bad part, in order, with the value that is used instead. */
static void complain(void *context, const struct pvs_paramlist_part *part, u32 used)
{
	struct oracle *oracle = context;
	const struct part *bad = &oracle->bad[oracle->complaints++];
	u32 *value = NULL;

	FUZZ_CHECK(oracle->complaints <= oracle->bad_count);
	FUZZ_CHECK(part->text == bad->text && part->len == bad->len);
	FUZZ_CHECK(part->verdict == bad->verdict && part->has_address == bad->has_address);
	if (bad->has_address && bad->verdict != PVS_PARAMLIST_BAD_ADDRESS) {
		FUZZ_CHECK(part->address == bad->address);
		value = oracle_entry(oracle, bad->address);
	}
	FUZZ_CHECK(used == (value ? *value : oracle->list.value));
}

static void check_same(const struct pvs_paramlist *a, const struct pvs_paramlist *b)
{
	FUZZ_CHECK(a->value == b->value && a->count == b->count);
	FUZZ_CHECK(a->count <= PVS_PARAMLIST_ADDRESSES);
	for (u32 i = 0; i < a->count; i++)
		FUZZ_CHECK(a->one[i].address == b->one[i].address &&
			   a->one[i].value == b->one[i].value);
}

/* A copy of exact size, so that the sanitizer detects a read beyond its end. */
static char *exact(const char *text, size_t len)
{
	char *copy = malloc(len + 1);

	memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

static void check_printing(const struct pvs_paramlist *list, const struct pvs_paramlist_rule *rule,
			   size_t size)
{
	static struct oracle none;	/* no complaint is expected */
	static char printed[PRINTED_MAX];
	size_t len = pvs_paramlist_print(list, printed, sizeof(printed)), commas = 0;
	struct pvs_paramlist again = { 0 };
	char *small = malloc(size);

	FUZZ_CHECK(len < sizeof(printed) - 1 && strlen(printed) == len);
	for (size_t i = 0; i < len; i++)
		commas += printed[i] == ',';
	FUZZ_CHECK(commas == list->count);
	pvs_paramlist_parse(&again, rule, printed, complain, &none);
	check_same(&again, list);

	len = min(len, size - 1);
	FUZZ_CHECK(pvs_paramlist_print(list, small, size) == len);
	FUZZ_CHECK(!memcmp(small, printed, len) && !small[len]);
	free(small);
}

static void check_values(struct oracle *oracle, const struct pvs_paramlist *list, const char *text)
{
	char address[32];
	u32 *value = NULL;
	u64 key;

	if (oracle_address(text, strlen(text), &key))
		value = oracle_entry(oracle, key);
	FUZZ_CHECK(pvs_paramlist_value(list, text) == (value ? *value : list->value));
	if (!list->count)
		return;
	key = list->one[list->count - 1].address;
	snprintf(address, sizeof(address), "%x:%X:%x.%x", (u32)(key / 65536),
		 (u32)(key / 256 % 256), (u32)(key / 8 % 32), (u32)(key % 8));
	FUZZ_CHECK(pvs_paramlist_value(list, address) == list->one[list->count - 1].value);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct oracle oracle;
	struct fuzz in = { data, size };
	const struct pvs_paramlist_rule *rule = &rules[fuzz_u8(&in) % ARRAY_SIZE(rules)];
	struct pvs_paramlist list = { .value = rule->max };
	u8 form = fuzz_u8(&in);
	char *text;

	/* Addresses from an earlier list; most inputs have none. */
	if (form < 2 * PVS_PARAMLIST_ADDRESSES)
		list.count = form / 2 + 1;
	for (u32 i = 0; i < list.count; i++) {
		list.one[i].address = i;
		list.one[i].value = rule->max;
	}
	oracle.list = list;
	oracle.bad_count = oracle.complaints = 0;

	text = exact((const char *)in.data, strnlen((const char *)in.data, min(in.size, TEXT_MAX)));
	oracle_parse(&oracle, rule, text);
	pvs_paramlist_parse(&list, rule, text, complain, &oracle);
	FUZZ_CHECK(oracle.complaints == oracle.bad_count);
	check_same(&list, &oracle.list);
	/* Run the slower one of the two checks for some inputs only. */
	if (form % 4 == 0)
		check_printing(&list, rule, form + 1);
	else
		check_values(&oracle, &list, text);
	free(text);
	return 0;
}
