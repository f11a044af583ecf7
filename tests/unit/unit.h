/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Unit tests: a file has functions, and a list of them as UNIT_CASE()s in UNIT_MAIN(). A failed
 * check prints its place, and the test continues.
 */
#ifndef UNIT_H
#define UNIT_H

#include <stdio.h>
#include <string.h>

#include "kernel.h"

static int unit_failures;

#define UNIT_EQUAL(got, want)							\
	do {									\
		unsigned long long g_ = (got), w_ = (want);			\
		if (g_ != w_) {							\
			printf("%s:%d: %s is 0x%llx, not 0x%llx\n", __FILE__,	\
			       __LINE__, #got, g_, w_);				\
			unit_failures++;					\
		}								\
	} while (0)

#define UNIT_TRUE(condition) UNIT_EQUAL(!!(condition), 1)

struct unit_test {
	const char *name;
	void (*run)(void);
};

static inline int unit_run(const struct unit_test *tests, size_t count)
{
	int before, failed = 0;

	for (size_t i = 0; i < count; i++) {
		before = unit_failures;
		tests[i].run();
		failed += unit_failures != before;
		printf("%s - %s\n", unit_failures == before ? "ok" : "not ok", tests[i].name);
	}
	printf("%zu cases, %d failed\n", count, failed);
	return failed || !count;
}

#define UNIT_CASE(name) { #name, name }
#define UNIT_MAIN(...)								\
	int main(void)								\
	{									\
		static const struct unit_test tests[] = { __VA_ARGS__ };	\
		return unit_run(tests, sizeof(tests) / sizeof(tests[0]));	\
	}

#endif
