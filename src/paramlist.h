/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A number parameter: a comma-separated list. A plain NUMBER applies to all adapters,
 * ADDRESS=NUMBER to one. Pure: text and numbers. Called in any context.
 */
#ifndef PVS_PARAMLIST_H
#define PVS_PARAMLIST_H

#include <linux/types.h>

#define PVS_PARAMLIST_ADDRESSES		16

struct pvs_paramlist_rule {
	u32 min;
	u32 max;
	bool power_of_2;	/* 0 is allowed as well if min is 0 */
};

/* The values in use. All of them obey the rule. */
struct pvs_paramlist {
	u32 value;		/* for adapters that are not in the list */
	u32 count;
	struct {
		u64 address;	/* domain << 16 | bus << 8 | device << 3 | function */
		u32 value;
	} one[PVS_PARAMLIST_ADDRESSES];
};

enum pvs_paramlist_verdict {
	PVS_PARAMLIST_GOOD,
	PVS_PARAMLIST_BAD_ADDRESS,
	PVS_PARAMLIST_BAD_VALUE,
	PVS_PARAMLIST_TOO_MANY,	/* too many addresses */
};

/* One part of the list. Its text is not NUL-terminated. */
struct pvs_paramlist_part {
	const char *text;
	size_t len;
	enum pvs_paramlist_verdict verdict;
	bool has_address;
	u64 address;
	u32 value;
};

typedef void (*pvs_paramlist_complain_t)(void *context, const struct pvs_paramlist_part *part,
					 u32 used);

/*
 * Store the valid parts of text in list. If several are for the same adapter, the last
 * one is used. Then call complain for each invalid part, in order, with the value that
 * is used instead.
 */
void pvs_paramlist_parse(struct pvs_paramlist *list, const struct pvs_paramlist_rule *rule,
			 const char *text, pvs_paramlist_complain_t complain, void *context);

/* The value for the adapter at a PCI address, such as 0000:03:00.0. */
u32 pvs_paramlist_value(const struct pvs_paramlist *list, const char *address);

/* Print the list as text, the plain number first. Returns its length, always below size. */
int pvs_paramlist_print(const struct pvs_paramlist *list, char *buffer, size_t size);

#endif
