/* SPDX-License-Identifier: GPL-2.0-only */
/* The parts of the kernel that the pure files of src/ need in user space. */
#ifndef UNIT_KERNEL_H
#define UNIT_KERNEL_H

#include <assert.h>
#include <ctype.h>
#include <endian.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef uint16_t __le16;
typedef uint32_t __le32;
typedef uint64_t __le64;

#define U32_MAX			UINT32_MAX
#define BIT(n)			(1ul << (n))
#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#define min(a, b)		((a) < (b) ? (a) : (b))
#define max(a, b)		((a) > (b) ? (a) : (b))
#define round_down(x, unit)	((x) / (unit) * (unit))

#define cpu_to_le16(x)		htole16(x)
#define cpu_to_le32(x)		htole32(x)
#define cpu_to_le64(x)		htole64(x)
#define le16_to_cpu(x)		le16toh(x)
#define le32_to_cpu(x)		le32toh(x)
#define le64_to_cpu(x)		le64toh(x)

static inline bool is_power_of_2(unsigned long n)
{
	return n && !(n & (n - 1));
}

/* Stricter than strtoul(): no spaces, no minus, and nothing but a newline after the number. */
static inline int kstrtou32(const char *text, unsigned int base, u32 *value)
{
	unsigned long long number;
	char *end;

	if (!isdigit((unsigned char)text[*text == '+']))
		return -EINVAL;
	errno = 0;
	number = strtoull(text, &end, base);
	if (*end == '\n')
		end++;
	if (*end)
		return -EINVAL;
	if (errno || number > UINT32_MAX)
		return -ERANGE;
	*value = number;
	return 0;
}

__attribute__((format(printf, 3, 4)))
static inline int scnprintf(char *buffer, size_t size, const char *format, ...)
{
	va_list arguments;
	int len;

	va_start(arguments, format);
	len = vsnprintf(buffer, size, format, arguments);
	va_end(arguments);
	return !size ? 0 : (size_t)len < size ? len : (int)size - 1;
}

/* The values are part of the kernel's interface to user space (sg). */
enum {
	DID_OK			= 0x00,
	DID_NO_CONNECT		= 0x01,
	DID_PARITY		= 0x06,
	DID_ERROR		= 0x07,
	DID_RESET		= 0x08,
	DID_SOFT_ERROR		= 0x0b,
};

enum {
	SAM_STAT_GOOD			= 0x00,
	SAM_STAT_CHECK_CONDITION	= 0x02,
	SAM_STAT_CONDITION_MET		= 0x04,
	SAM_STAT_BUSY			= 0x08,
	SAM_STAT_INTERMEDIATE		= 0x10,
	SAM_STAT_INTERMEDIATE_CONDITION_MET = 0x14,
	SAM_STAT_RESERVATION_CONFLICT	= 0x18,
	SAM_STAT_COMMAND_TERMINATED	= 0x22,
	SAM_STAT_TASK_SET_FULL		= 0x28,
	SAM_STAT_ACA_ACTIVE		= 0x30,
	SAM_STAT_TASK_ABORTED		= 0x40,
};

#endif
