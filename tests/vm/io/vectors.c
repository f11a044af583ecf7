// SPDX-License-Identifier: GPL-2.0-only
/*
 * vectors DEVICE - write and read DEVICE with direct I/O from vectors of many shapes. No two pages
 * of memory are adjacent, so that each page becomes a separate segment. The read data must equal
 * the written data, and the neighboring sectors must be unchanged. Prints the shape that fails.
 *
 * vectors DEVICE TIMES - only write 256 such pages, 1 MiB, TIMES times.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#define PAGE	4096u
#define SECTOR	512u
#define PAGES	1024u	/* of the pool that the vectors are drawn from */
#define LENGTH	(4u << 20)

static uint8_t *pool, *flat;
static unsigned int order[PAGES];

/* At most every second page, in shuffled order: no two are adjacent. */
static void shuffle(void)
{
	unsigned int i, j, t;

	for (i = 0; i < PAGES; i++)
		order[i] = i * 2;
	for (i = PAGES - 1; i > 0; i--) {
		j = (unsigned int)rand() % (i + 1);
		t = order[i];
		order[i] = order[j];
		order[j] = t;
	}
}

static void fail(const char *what, unsigned int segments, unsigned int bytes, unsigned int offset,
		 unsigned int sector)
{
	printf("%s: %u segments of %u bytes at byte %u of a page, sector %u: %s\n", what, segments,
	       bytes, offset, sector, errno ? strerror(errno) : "data differ");
	exit(1);
}

static void fill(uint8_t *p, size_t len)
{
	uint32_t x = (uint32_t)rand() | 1, *w = (uint32_t *)p;
	size_t i;

	for (i = 0; i < len / 4; i++) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		w[i] = x;
	}
}

static void gather(uint8_t *to, const struct iovec *v, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		memcpy(to, v[i].iov_base, v[i].iov_len);
		to += v[i].iov_len;
	}
}

/* Test one shape: write it from and read it into a vector, and read it flat with its neighbors. */
static void try(int fd, unsigned int segments, unsigned int bytes, unsigned int offset,
		unsigned int sector)
{
	struct iovec v[1024];
	size_t len = (size_t)segments * bytes;
	off_t at = (off_t)sector * SECTOR;
	uint8_t *want = flat, *got = flat + LENGTH;
	unsigned int i;

	errno = 0;
	shuffle();
	for (i = 0; i < segments; i++) {
		v[i].iov_base = pool + (size_t)order[i] * PAGE + offset;
		v[i].iov_len = bytes;
		fill(v[i].iov_base, bytes);
	}
	/* the neighbors: one sector before, one after */
	memset(want, 0xa5, len + 2 * SECTOR);
	if (pwrite(fd, want, len + 2 * SECTOR, at - SECTOR) != (ssize_t)(len + 2 * SECTOR))
		fail("write of the ground", segments, bytes, offset, sector);
	gather(want + SECTOR, v, segments);
	if (pwritev(fd, v, segments, at) != (ssize_t)len)
		fail("write", segments, bytes, offset, sector);
	if (pread(fd, got, len + 2 * SECTOR, at - SECTOR) != (ssize_t)(len + 2 * SECTOR))
		fail("flat read", segments, bytes, offset, sector);
	if (memcmp(want, got, len + 2 * SECTOR))
		fail("flat read", segments, bytes, offset, sector);
	for (i = 0; i < segments; i++)
		memset(v[i].iov_base, 0x5a, bytes);
	if (preadv(fd, v, segments, at) != (ssize_t)len)
		fail("read", segments, bytes, offset, sector);
	gather(got, v, segments);
	if (memcmp(want + SECTOR, got, len))
		fail("read", segments, bytes, offset, sector);
}

static int write_only(int fd, int times)
{
	struct iovec v[256];
	unsigned int i;

	for (; times > 0; times--) {
		shuffle();
		for (i = 0; i < 256; i++) {
			v[i].iov_base = pool + (size_t)order[i] * PAGE;
			v[i].iov_len = PAGE;
			fill(v[i].iov_base, PAGE);
		}
		errno = 0;
		if (pwritev(fd, v, 256, (off_t)times << 20) != 256 * PAGE)
			fail("write", 256, PAGE, 0, (unsigned int)times << 11);
	}
	return 0;
}

int main(int argc, char **argv)
{
	static const unsigned int counts[] = { 1, 2, 3, 7, 8, 31, 32, 63, 64, 127, 128, 129, 254,
					       255, 256, 257, 512, 1000 };
	static const struct { unsigned int bytes, offset; } shapes[] = {
		{ PAGE, 0 },		/* whole pages */
		{ SECTOR, 0 },		/* the head of each page */
		{ SECTOR, PAGE - SECTOR }, /* its tail */
		{ 1536, SECTOR },	/* from its middle */
	};
	unsigned int i, j, cases = 0;
	int fd = open(argc > 1 ? argv[1] : "", O_RDWR | O_DIRECT);

	if (fd < 0) {
		perror("open");
		return 1;
	}
	pool = mmap(NULL, (size_t)PAGES * 2 * PAGE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (pool == MAP_FAILED || posix_memalign((void **)&flat, PAGE, 2 * LENGTH + 2 * PAGE)) {
		perror("memory");
		return 1;
	}
	madvise(pool, (size_t)PAGES * 2 * PAGE, MADV_NOHUGEPAGE);
	if (argc > 2)
		return write_only(fd, atoi(argv[2]));
	for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		for (j = 0; j < sizeof(counts) / sizeof(counts[0]); j++, cases++)
			try(fd, counts[j], shapes[i].bytes, shapes[i].offset,
			    1 + (unsigned int)rand() % 9000);
	}
	printf("%u shapes\n", cases);
	return 0;
}
