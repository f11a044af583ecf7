/* SPDX-License-Identifier: GPL-2.0-only */
/* A tracepoint is a function that assigns its fields and checks its format. */
#ifndef PROFILE_TRACEPOINT_H
#define PROFILE_TRACEPOINT_H
#include "interfaces.h"

#define TP_PROTO(...)		__VA_ARGS__
#define TP_ARGS(...)		__VA_ARGS__
#define TP_STRUCT__entry(...)	__VA_ARGS__
#define TP_fast_assign(...)	__VA_ARGS__
#define TP_printk(...)		__VA_ARGS__
#define __field(type, name)	type name;
const char *profile_symbol(unsigned long value);
#define __print_symbolic(value, ...)	profile_symbol(value)
#define TRACE_EVENT(name, proto, args, fields, assign, print) \
	static inline void trace_##name(proto) \
	{ \
		struct { fields } entry, *__entry = &entry; \
		assign \
		printk(print); \
	}
#endif
