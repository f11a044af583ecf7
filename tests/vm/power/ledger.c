// SPDX-License-Identifier: GPL-2.0-only
/*
 * ledger DISK SECONDS [NOTES] - check what an earlier run left on the disk, then continue to write
 * for SECONDS (0: check only) or until SIGTERM, and check again.
 *
 * Each thread writes entries, numbered from 1, to its part of the disk, bypassing the page cache.
 * At the end of the part it continues at the start. An entry is written only after the one before
 * it was acknowledged. So however the machine stops, all entries but the highest must be there
 * completely, and each sector of the highest one contains either that entry or the one that it was
 * to replace. Anything else is wrong. A thread ends at its first failed write, because a machine
 * that shuts down acknowledges nothing more.
 *
 * The disk alone cannot show which entry was the last acknowledged one. If the file NOTES survives,
 * it carries this number from one run to the next.
 */

#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define THREADS		8
#define SECTOR		512
#define ENTRY		16384
#define SECTORS		(ENTRY / SECTOR)
/* For each thread: 2 MiB. */
#define ENTRIES		128

/* The beginning of each sector; the rest repeats it. */
struct stamp {
	uint64_t place;		/* sector of the disk, plus 1 */
	uint64_t number;
};

struct ledger {
	pthread_t thread;
	unsigned int index;
	unsigned char *entry;	/* buffer for one entry */
	unsigned char *all;	/* buffer for all entries */
	uint64_t first;		/* number of the first entry to write */
	volatile uint64_t done;	/* number of the last acknowledged entry */
	volatile int failed;
	unsigned int wrong;
};

static struct ledger ledgers[THREADS];
static volatile int stop;
static int disk;

static uint64_t place_of(const struct ledger *l, uint64_t number)
{
	return (l->index * (uint64_t)ENTRIES + number % ENTRIES) * SECTORS;
}

static void fill(const struct ledger *l, uint64_t number)
{
	struct stamp *stamp = (struct stamp *)l->entry;
	unsigned int s, i;

	for (s = 0; s < SECTORS; s++) {
		for (i = 0; i < SECTOR / sizeof(*stamp); i++, stamp++) {
			stamp->place = place_of(l, number) + s + 1;
			stamp->number = number;
		}
	}
}

/* The number of the entry in a sector, 0 if it was never written, or ~0 for anything else. */
static uint64_t number_in(const unsigned char *sector, uint64_t place)
{
	const struct stamp *stamp = (const struct stamp *)sector;
	unsigned int i;

	for (i = 1; i < SECTOR / sizeof(*stamp); i++) {
		if (memcmp(stamp, stamp + i, sizeof(*stamp)))
			return ~0ull;
	}
	if (!stamp->number && !stamp->place)
		return 0;
	return stamp->place == place + 1 ? stamp->number : ~0ull;
}

static void complain(struct ledger *l, uint64_t place, uint64_t is, uint64_t wanted)
{
	if (l->wrong++ < 3)
		printf("ledger: sector %llu holds %lld, not %llu\n", (unsigned long long)place,
		       (long long)is, (unsigned long long)wanted);
}

static uint64_t highest_in(const struct ledger *l)
{
	uint64_t highest = 0;
	unsigned int s;

	for (s = 0; s < ENTRIES * SECTORS; s++) {
		uint64_t number = number_in(l->all + s * SECTOR, place_of(l, 0) + s);

		if (number != ~0ull && number > highest)
			highest = number;
	}
	return highest;
}

/* Check all of the part. Unless whole is set, the highest entry may be incomplete. */
static void check(struct ledger *l, int whole)
{
	uint64_t highest;
	unsigned int e, s;

	if (pread(disk, l->all, (size_t)ENTRIES * ENTRY, (off_t)place_of(l, 0) * SECTOR) !=
	    (ssize_t)ENTRIES * ENTRY)
		err(1, "read of part %u", l->index);
	highest = highest_in(l);
	if (highest < l->done)
		complain(l, place_of(l, l->done), highest, l->done);
	for (e = 0; e < ENTRIES; e++) {
		/* The highest number at this place; 0: none yet. */
		uint64_t wanted = highest - (highest + ENTRIES - e) % ENTRIES;
		uint64_t before = wanted > ENTRIES ? wanted - ENTRIES : 0;

		if (wanted > highest)
			wanted = 0;
		for (s = 0; s < SECTORS; s++) {
			uint64_t place = place_of(l, e) + s;
			uint64_t is = number_in(l->all + (place - place_of(l, 0)) * SECTOR, place);

			if (is != wanted && (whole || wanted != highest || is != before))
				complain(l, place, is, wanted);
		}
	}
	/* Start with the highest one again, because it may be incomplete. */
	l->first = highest ? highest : 1;
}

static void *run(void *data)
{
	struct ledger *l = data;
	uint64_t number;

	for (number = l->first; !stop; number++) {
		fill(l, number);
		if (pwrite(disk, l->entry, ENTRY, (off_t)place_of(l, number) * SECTOR) != ENTRY) {
			l->failed = 1;
			break;
		}
		l->done = number;
	}
	return NULL;
}

static uint64_t total(void)
{
	uint64_t done = 0;
	unsigned int i;

	for (i = 0; i < THREADS; i++)
		done += ledgers[i].done;
	return done;
}

static void on_term(int signal)
{
	(void)signal;
	stop = 1;
}

/* Wait until the time is over, or all threads have failed. */
static void wait_for(unsigned int seconds)
{
	unsigned int tenths, failed, i;

	for (tenths = 0; tenths < seconds * 10 && !stop; tenths++) {
		for (failed = i = 0; i < THREADS; i++)
			failed += ledgers[i].failed;
		if (failed == THREADS)
			break;
		usleep(100000);
	}
	stop = 1;
}

static void read_notes(const char *path)
{
	FILE *notes = fopen(path, "r");
	unsigned long long done;
	unsigned int i;

	for (i = 0; notes && i < THREADS && fscanf(notes, "%llu", &done) == 1; i++)
		ledgers[i].done = done;
	if (notes)
		fclose(notes);
}

static void write_notes(const char *path)
{
	FILE *notes = fopen(path, "w");
	unsigned int i;

	if (!notes)
		err(1, "%s", path);
	for (i = 0; i < THREADS; i++)
		fprintf(notes, "%llu\n", (unsigned long long)ledgers[i].done);
	fclose(notes);
}

static unsigned int check_all(int whole)
{
	unsigned int i, wrong = 0;

	for (i = 0; i < THREADS; i++) {
		check(&ledgers[i], whole);
		wrong += ledgers[i].wrong;
	}
	return wrong;
}

int main(int argc, char **argv)
{
	unsigned int i, wrong, failed = 0, seconds;
	uint64_t before = 0;

	if (argc != 3 && argc != 4)
		errx(2, "usage: ledger DISK SECONDS [NOTES]");
	seconds = atoi(argv[2]);
	disk = open(argv[1], O_RDWR | O_DIRECT);
	if (disk < 0)
		err(1, "%s", argv[1]);
	signal(SIGTERM, on_term);
	for (i = 0; i < THREADS; i++) {
		struct ledger *l = &ledgers[i];

		l->index = i;
		if (posix_memalign((void **)&l->entry, 4096, ENTRY) ||
		    posix_memalign((void **)&l->all, 4096, ENTRIES * ENTRY))
			errx(1, "no memory");
	}
	if (argc == 4)
		read_notes(argv[3]);
	wrong = check_all(0);
	for (i = 0; i < THREADS; i++)
		before += ledgers[i].first - 1;
	if (seconds && !wrong) {
		for (i = 0; i < THREADS; i++) {
			if (pthread_create(&ledgers[i].thread, NULL, run, &ledgers[i]))
				errx(1, "no thread");
		}
		wait_for(seconds);
		for (i = 0; i < THREADS; i++) {
			pthread_join(ledgers[i].thread, NULL);
			failed += ledgers[i].failed;
		}
		if (!failed)
			wrong = check_all(1);
	}
	if (argc == 4 && seconds)
		write_notes(argv[3]);
	printf("ledger: %llu entries found, %lld written, %u threads failed, %u sectors wrong\n",
	       (unsigned long long)before, seconds ? (long long)(total() - before) : 0, failed,
	       wrong);
	return failed || wrong;
}
