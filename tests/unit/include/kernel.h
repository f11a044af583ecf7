/* SPDX-License-Identifier: GPL-2.0-only */
/* As much of the kernel as the pure files of src/ need in user space. */
#ifndef UNIT_KERNEL_H
#define UNIT_KERNEL_H

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef uint16_t __le16;
typedef uint32_t __le32;
typedef uint64_t __le64;

#define U32_MAX			UINT32_MAX
#define BIT(n)			(1ul << (n))
#define min(a, b)		((a) < (b) ? (a) : (b))

#define cpu_to_le16(x)		htole16(x)
#define cpu_to_le32(x)		htole32(x)
#define cpu_to_le64(x)		htole64(x)
#define le16_to_cpu(x)		le16toh(x)
#define le32_to_cpu(x)		le32toh(x)
#define le64_to_cpu(x)		le64toh(x)

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
