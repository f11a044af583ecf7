/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For fuzz targets: numbers from an input, and a check that ends the process. A target is one file
 * and judges its pure file by a separate oracle, which shares no arithmetic with the pure file.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include "kernel.h"

#define FUZZ_CHECK(condition)							\
	do {									\
		if (!(condition)) {						\
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__,	\
				__LINE__, #condition);				\
			abort();						\
		}								\
	} while (0)

/* The rest of the input. After its end, all bytes are 0. */
struct fuzz {
	const u8 *data;
	size_t size;
};

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static inline u8 fuzz_u8(struct fuzz *in)
{
	if (!in->size)
		return 0;
	in->size--;
	return *in->data++;
}

static inline u64 fuzz_bytes(struct fuzz *in, u32 bytes)
{
	u64 number = 0;

	while (bytes--)
		number = number << 8 | fuzz_u8(in);
	return number;
}

/*
 * A number of this many bits. Bugs are at limits, which random bytes rarely reach: so half of the
 * forms are small, large or near a power of two.
 */
static inline u64 fuzz_number(struct fuzz *in, u32 bits)
{
	u64 max = bits == 64 ? UINT64_MAX : (1ull << bits) - 1;
	u8 form = fuzz_u8(in);

	switch (form >> 6) {
	case 0:
		return form & 0x3f;
	case 1:
		return max - (form & 0x3f);
	case 2:
		return ((1ull << (form & 0x3f)) + (int8_t)fuzz_u8(in)) & max;
	default:
		return fuzz_bytes(in, bits / 8) & max;
	}
}

/* In the byte order of the device. */
static inline void fuzz_put_le(u8 *at, u64 number, u32 bytes)
{
	while (bytes--) {
		*at++ = number & 0xff;
		number >>= 8;
	}
}

#endif
