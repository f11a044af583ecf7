/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A number parameter: a comma list of a plain number, for all adapters, and of
 * ADDRESS=NUMBER, each for one. Pure: text and numbers. Called in any context.
 */
#ifndef PVS_PARAMLIST_H
#define PVS_PARAMLIST_H

#include <linux/types.h>

#define PVS_PARAMLIST_ADDRESSES		16

struct pvs_paramlist_rule {
	u32 min;
	u32 max;
	bool power_of_2;	/* 0 apart, if min allows it */
};

/* As it is in use: what is in here obeys the rule. */
struct pvs_paramlist {
	u32 value;		/* of the adapters that are not in the list */
	u32 count;
	struct {
		u64 address;	/* domain, bus, device and function, as PCI packs them */
		u32 value;
	} one[PVS_PARAMLIST_ADDRESSES];
};

enum pvs_paramlist_verdict {
	PVS_PARAMLIST_GOOD,
	PVS_PARAMLIST_BAD_ADDRESS,
	PVS_PARAMLIST_BAD_VALUE,
	PVS_PARAMLIST_TOO_MANY,	/* addresses */
};

/* A part that is refused; its text is not terminated. */
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
 * Take the good parts of text into list; the last of several for the same adapter
 * counts. Then call complain for each of the others, in order, with the value that
 * is used instead.
 */
void pvs_paramlist_parse(struct pvs_paramlist *list, const struct pvs_paramlist_rule *rule,
			 const char *text, pvs_paramlist_complain_t complain, void *context);

/* The value for the adapter at a PCI address, such as 0000:03:00.0. */
u32 pvs_paramlist_value(const struct pvs_paramlist *list, const char *address);

/* The list as text, the plain number first. Returns its length, always below size. */
int pvs_paramlist_print(const struct pvs_paramlist *list, char *buffer, size_t size);

#endif
