// SPDX-License-Identifier: GPL-2.0-only
/*
 * A number parameter with values for single adapters. Pure: text and numbers, so
 * that it also runs in user space. Called in any context.
 */

#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/string.h>
#include "paramlist.h"

/* At least as many digits as any u32 needs in decimal, octal or hexadecimal. */
#define PVS_PARAMLIST_DIGITS		12

/* Read a hexadecimal number up to max at *text, and advance *text. */
static bool pvs_paramlist_hex(const char **text, const char *end, u32 max, u32 *value)
{
	const char *start = *text;
	unsigned char c;
	u64 number = 0;

	while (*text < end && isxdigit((unsigned char)**text)) {
		c = **text;
		number = number << 4 | (isdigit(c) ? c - '0' : tolower(c) - 'a' + 10);
		if (number > max)
			return false;
		(*text)++;
	}
	*value = number;
	return *text > start;
}

static bool pvs_paramlist_skip(const char **text, const char *end, char c)
{
	if (*text == end || **text != c)
		return false;
	(*text)++;
	return true;
}

/* [DOMAIN:]BUS:DEVICE.FUNCTION */
static bool pvs_paramlist_address(const char *text, size_t len, u64 *address)
{
	const char *end = text + len, *colon = memchr(text, ':', len);
	u32 domain = 0, bus, device, function;

	if (colon && memchr(colon + 1, ':', end - colon - 1) &&
	    (!pvs_paramlist_hex(&text, end, U32_MAX, &domain) ||
	     !pvs_paramlist_skip(&text, end, ':')))
		return false;
	if (!pvs_paramlist_hex(&text, end, 0xff, &bus) || !pvs_paramlist_skip(&text, end, ':') ||
	    !pvs_paramlist_hex(&text, end, 0x1f, &device) ||
	    !pvs_paramlist_skip(&text, end, '.') ||
	    !pvs_paramlist_hex(&text, end, 0x7, &function) || text != end)
		return false;
	*address = (u64)domain << 16 | bus << 8 | device << 3 | function;
	return true;
}

static bool pvs_paramlist_number(const char *text, size_t len,
				 const struct pvs_paramlist_rule *rule, u32 *value)
{
	char digits[PVS_PARAMLIST_DIGITS + 1];

	if (len > PVS_PARAMLIST_DIGITS)
		return false;
	memcpy(digits, text, len);
	digits[len] = '\0';
	return !kstrtou32(digits, 0, value) && *value >= rule->min && *value <= rule->max &&
	       (!rule->power_of_2 || !*value || is_power_of_2(*value));
}

/* Parse the part at text. Returns the start of the next part, or NULL. */
static const char *pvs_paramlist_next(const char *text, const struct pvs_paramlist_rule *rule,
				      struct pvs_paramlist_part *part)
{
	const char *end = text + strcspn(text, ","), *equals = memchr(text, '=', end - text);
	const char *number = equals ? equals + 1 : text;

	part->text = text;
	part->len = end - text;
	part->verdict = PVS_PARAMLIST_GOOD;
	part->has_address = equals;
	if (equals && !pvs_paramlist_address(text, equals - text, &part->address))
		part->verdict = PVS_PARAMLIST_BAD_ADDRESS;
	else if (!pvs_paramlist_number(number, end - number, rule, &part->value))
		part->verdict = PVS_PARAMLIST_BAD_VALUE;
	return *end ? end + 1 : NULL;
}

/* The address's position in the list; list->count if it is not there. */
static u32 pvs_paramlist_find(const struct pvs_paramlist *list, u64 address)
{
	u32 i;

	for (i = 0; i < list->count && list->one[i].address != address; i++)
		;
	return i;
}

static void pvs_paramlist_take(struct pvs_paramlist *list, const struct pvs_paramlist_part *part)
{
	u32 i;

	if (!part->has_address) {
		list->value = part->value;
		return;
	}
	i = pvs_paramlist_find(list, part->address);
	if (i == PVS_PARAMLIST_ADDRESSES)
		return;
	if (i == list->count)
		list->count++;
	list->one[i].address = part->address;
	list->one[i].value = part->value;
}

static void pvs_paramlist_judge(const struct pvs_paramlist *list, struct pvs_paramlist_part *part,
				pvs_paramlist_complain_t complain, void *context)
{
	u32 i = list->count;

	if (part->has_address && part->verdict != PVS_PARAMLIST_BAD_ADDRESS) {
		i = pvs_paramlist_find(list, part->address);
		if (i == list->count && part->verdict == PVS_PARAMLIST_GOOD)
			part->verdict = PVS_PARAMLIST_TOO_MANY;
	}
	if (part->verdict != PVS_PARAMLIST_GOOD)
		complain(context, part, i < list->count ? list->one[i].value : list->value);
}

void pvs_paramlist_parse(struct pvs_paramlist *list, const struct pvs_paramlist_rule *rule,
			 const char *text, pvs_paramlist_complain_t complain, void *context)
{
	struct pvs_paramlist_part part;
	const char *rest;

	for (rest = text; rest; ) {
		rest = pvs_paramlist_next(rest, rule, &part);
		if (part.verdict == PVS_PARAMLIST_GOOD)
			pvs_paramlist_take(list, &part);
	}
	/* A second pass: only now are the values known that are used instead. */
	for (rest = text; rest; ) {
		rest = pvs_paramlist_next(rest, rule, &part);
		pvs_paramlist_judge(list, &part, complain, context);
	}
}

u32 pvs_paramlist_value(const struct pvs_paramlist *list, const char *address)
{
	u32 i = list->count;
	u64 key;

	if (pvs_paramlist_address(address, strlen(address), &key))
		i = pvs_paramlist_find(list, key);
	return i < list->count ? list->one[i].value : list->value;
}

int pvs_paramlist_print(const struct pvs_paramlist *list, char *buffer, size_t size)
{
	int len = scnprintf(buffer, size, "%u", list->value);
	u32 i, address;

	for (i = 0; i < list->count; i++) {
		address = list->one[i].address;
		len += scnprintf(buffer + len, size - len, ",%04x:%02x:%02x.%x=%u",
				 (u32)(list->one[i].address >> 16), address >> 8 & 0xff,
				 address >> 3 & 0x1f, address & 0x7, list->one[i].value);
	}
	return len;
}
