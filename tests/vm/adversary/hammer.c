// SPDX-License-Identifier: GPL-2.0-only
/*
 * hammer DISK STATUS STOP [TIMEOUT] - read and write a disk that may fail, and verify the data.
 *
 * Each thread has its own part of the disk. It writes data that identify their place and time, and
 * reads them back, bypassing the page cache. I/O errors are allowed: after a failed write, each
 * sector may have the old or the new data. Any other data are wrong. Ten times a second, a line of
 * numbers is written to the file STATUS. When the file STOP appears, the threads end and the line
 * is printed. A command that never completes shows by its age, and does not keep this program from
 * ending.
 *
 * If DISK is target:N, it is the disk of that SCSI target, whatever its name. If the disk
 * disappears, the program looks for it until it is back, and then its data must still be right.
 * Its command timeout is set to TIMEOUT seconds. Commands are asynchronous in this mode, so that a
 * system suspend does not wait for outstanding ones, and the program runs at the lowest priority.
 */

#define _GNU_SOURCE
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#define THREADS		12
#define SECTOR		512
#define BLOCK		4096
#define SECTORS		(BLOCK / SECTOR)
/* For each thread. */
#define BLOCKS		256
#define MAX_RUN		64	/* blocks in one command */
/* How long to wait for the threads after they were told to end. */
#define PATIENCE_MS	30000

/* The beginning of each sector; the rest repeats it. */
struct stamp {
	uint64_t place;		/* sector of the disk */
	uint64_t generation;
};

struct hammer {
	pthread_t thread;
	unsigned int number;
	unsigned int seed;
	unsigned char *buffer;
	aio_context_t aio;
	/* What each block may contain: after a failed write, there are two possibilities. */
	uint64_t old[BLOCKS], new[BLOCKS];
	uint64_t generation;
	volatile uint64_t since;	/* ms when the current command was issued; 0: none */
	volatile uint64_t good, failed, wrong;
	volatile int over;
};

static struct hammer hammers[THREADS];
static volatile int stop;
static int disk;
static int target = -1;		/* -1: DISK is a name */
static const char *timeout;	/* or NULL: do not set it */
static pthread_mutex_t reopen_lock = PTHREAD_MUTEX_INITIALIZER;

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000ull + t.tv_nsec / 1000000;
}

/* Is this block device the disk of that target? A removed disk is not. */
static int is_disk_of(unsigned int wanted, int fd)
{
	char path[64], link[256], *name;
	unsigned int host, channel, id, lun;
	struct stat st;
	ssize_t len;

	if (fstat(fd, &st))
		return 0;
	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/device", major(st.st_rdev),
		 minor(st.st_rdev));
	len = readlink(path, link, sizeof(link) - 1);
	if (len < 0)
		return 0;
	link[len] = 0;
	name = strrchr(link, '/');
	return name && sscanf(name, "/%u:%u:%u:%u", &host, &channel, &id, &lun) == 4 &&
	       id == wanted;
}

static void set_timeout(const char *name)
{
	char path[320];
	int fd;

	snprintf(path, sizeof(path), "/sys/block/%s/device/timeout", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (write(fd, timeout, strlen(timeout)) < 0)
		warn("%s", path);
	close(fd);
}

static int open_target(unsigned int wanted)
{
	DIR *dir = opendir("/sys/block");
	struct dirent *entry;
	char path[300];
	int fd = -1;

	while (dir && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, "sd", 2))
			continue;
		snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
		fd = open(path, O_RDWR | O_DIRECT | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (is_disk_of(wanted, fd)) {
			if (timeout)
				set_timeout(entry->d_name);
			break;
		}
		close(fd);
		fd = -1;
	}
	if (dir)
		closedir(dir);
	return fd;
}

/* After an error: if the disk was removed, open the one that replaced it. */
static void reopen(void)
{
	int fd;

	pthread_mutex_lock(&reopen_lock);
	if (!is_disk_of(target, disk)) {
		fd = open_target(target);
		if (fd >= 0) {
			/* Outstanding I/O keeps the old disk open until it completes. */
			dup2(fd, disk);
			close(fd);
		} else {
			usleep(20000);
		}
	}
	pthread_mutex_unlock(&reopen_lock);
}

static uint64_t place_of(const struct hammer *h, unsigned int block)
{
	return ((uint64_t)h->number * BLOCKS + block) * SECTORS;
}

static void fill(const struct hammer *h, unsigned int block, unsigned int count)
{
	struct stamp *stamp = (struct stamp *)h->buffer;
	uint64_t sector;
	unsigned int i;

	for (sector = 0; sector < count * SECTORS; sector++) {
		for (i = 0; i < SECTOR / sizeof(*stamp); i++, stamp++) {
			stamp->place = place_of(h, block) + sector;
			stamp->generation = h->generation;
		}
	}
}

static int sector_is_right(const struct hammer *h, unsigned int block, const unsigned char *data,
			   uint64_t place)
{
	const struct stamp *stamp = (const struct stamp *)data;
	unsigned int i;

	if (stamp->place != place ||
	    (stamp->generation != h->old[block] && stamp->generation != h->new[block]))
		return 0;
	for (i = 1; i < SECTOR / sizeof(*stamp); i++) {
		if (memcmp(stamp, stamp + i, sizeof(*stamp)))
			return 0;
	}
	return 1;
}

static void check(struct hammer *h, unsigned int block, unsigned int count)
{
	unsigned int i, s;

	for (i = 0; i < count; i++) {
		for (s = 0; s < SECTORS; s++) {
			const unsigned char *data = h->buffer + i * BLOCK + s * SECTOR;
			const struct stamp *stamp = (const struct stamp *)data;
			uint64_t place = place_of(h, block + i) + s;

			/* Skip blocks that have not certainly been written. */
			if (!h->old[block + i])
				continue;
			if (sector_is_right(h, block + i, data, place))
				continue;
			if (h->wrong++ < 3)
				printf("hammer: sector %llu holds %llu of %llu, not %llu or %llu\n",
				       (unsigned long long)place,
				       (unsigned long long)stamp->place,
				       (unsigned long long)stamp->generation,
				       (unsigned long long)h->old[block + i],
				       (unsigned long long)h->new[block + i]);
		}
	}
}

/* Like pread() and pwrite(). */
static ssize_t transfer_async(struct hammer *h, int writes, size_t len, off_t at)
{
	struct iocb iocb = {
		.aio_lio_opcode = writes ? IOCB_CMD_PWRITE : IOCB_CMD_PREAD,
		.aio_fildes = disk,
		.aio_buf = (uint64_t)(uintptr_t)h->buffer,
		.aio_nbytes = len,
		.aio_offset = at,
	}, *list = &iocb;
	struct io_event event;

	if (syscall(SYS_io_submit, h->aio, 1, &list) != 1)
		return -1;
	while (syscall(SYS_io_getevents, h->aio, 1, 1, &event, NULL) != 1)
		;
	return event.res;
}

static int transfer(struct hammer *h, int writes, unsigned int block, unsigned int count)
{
	off_t at = (off_t)place_of(h, block) * SECTOR;
	size_t len = (size_t)count * BLOCK;
	ssize_t done;

	h->since = now_ms();
	if (h->aio)
		done = transfer_async(h, writes, len, at);
	else
		done = writes ? pwrite(disk, h->buffer, len, at) : pread(disk, h->buffer, len, at);
	h->since = 0;
	if (done != (ssize_t)len) {
		h->failed++;
		return -1;
	}
	h->good++;
	return 0;
}

static void write_some(struct hammer *h, unsigned int block, unsigned int count)
{
	unsigned int i;

	h->generation++;
	fill(h, block, count);
	/* Do not write to a block in doubt: another failure would leave three possible contents. */
	for (i = 0; i < count; i++) {
		if (h->old[block + i] != h->new[block + i])
			return;
	}
	for (i = 0; i < count; i++)
		h->new[block + i] = h->generation;
	if (transfer(h, 1, block, count))
		return;
	for (i = 0; i < count; i++)
		h->old[block + i] = h->generation;
}

/* Repeat the write of a block in doubt, until it succeeds. */
static void settle(struct hammer *h, unsigned int block)
{
	uint64_t generation = h->generation;

	if (h->old[block] == h->new[block])
		return;
	h->generation = h->new[block];
	fill(h, block, 1);
	if (!transfer(h, 1, block, 1))
		h->old[block] = h->new[block];
	h->generation = generation;
}

static void failed(void)
{
	usleep(1000);	/* a disk that is gone fails at once: do not spin */
	if (target >= 0)
		reopen();
}

static void *run(void *data)
{
	struct hammer *h = data;

	while (!stop) {
		unsigned int count = rand_r(&h->seed) % 8 ? 1 : 1 + rand_r(&h->seed) % MAX_RUN;
		unsigned int block = rand_r(&h->seed) % (BLOCKS - count + 1);

		settle(h, block);
		if (rand_r(&h->seed) % 2)
			write_some(h, block, count);
		if (!transfer(h, 0, block, count))
			check(h, block, count);
		else
			failed();
	}
	h->over = 1;
	return NULL;
}

static int all_are_over(void)
{
	unsigned int i;

	for (i = 0; i < THREADS; i++) {
		if (!hammers[i].over)
			return 0;
	}
	return 1;
}

static void status(FILE *out)
{
	uint64_t good = 0, failed = 0, wrong = 0, oldest = 0, now = now_ms();
	unsigned int i;

	for (i = 0; i < THREADS; i++) {
		uint64_t since = hammers[i].since;

		good += hammers[i].good;
		failed += hammers[i].failed;
		wrong += hammers[i].wrong;
		if (since && now > since && now - since > oldest)
			oldest = now - since;
	}
	fprintf(out, "good=%llu failed=%llu wrong=%llu oldest_ms=%llu\n", (unsigned long long)good,
		(unsigned long long)failed, (unsigned long long)wrong, (unsigned long long)oldest);
	fflush(out);
}

static void publish(const char *path)
{
	char part[256];
	FILE *out;

	snprintf(part, sizeof(part), "%s.part", path);
	out = fopen(part, "w");
	if (!out)
		err(1, "%s", part);
	status(out);
	fclose(out);
	rename(part, path);
}

int main(int argc, char **argv)
{
	uint64_t end;
	unsigned int i;

	if (argc != 4 && argc != 5)
		errx(2, "usage: hammer DISK|target:N STATUS STOP [TIMEOUT]");
	timeout = argv[4];
	if (sscanf(argv[1], "target:%d", &target) == 1) {
		if (nice(19) < 0)
			warn("nice");
		disk = open_target(target);
	} else {
		disk = open(argv[1], O_RDWR | O_DIRECT);
	}
	if (disk < 0)
		err(1, "%s", argv[1]);
	for (i = 0; i < THREADS; i++) {
		struct hammer *h = &hammers[i];

		h->number = i;
		h->seed = i + 1;
		/* Data of an earlier run must not look like data of this one. */
		h->generation = now_ms() << 20;
		if (posix_memalign((void **)&h->buffer, BLOCK, MAX_RUN * BLOCK))
			errx(1, "no memory");
		if (target >= 0 && syscall(SYS_io_setup, 1, &h->aio))
			err(1, "io_setup");
		if (pthread_create(&h->thread, NULL, run, h))
			errx(1, "no thread");
	}
	while (access(argv[3], F_OK)) {
		publish(argv[2]);
		usleep(100000);
	}
	stop = 1;
	end = now_ms() + PATIENCE_MS;
	while (!all_are_over() && now_ms() < end)
		usleep(10000);
	publish(argv[2]);
	printf("hammer: ");
	fflush(stdout);
	status(stdout);
	for (i = 0; i < THREADS && !hammers[i].wrong; i++)
		;
	/* Exit at once, even if a thread hangs. */
	_exit(i < THREADS || !all_are_over());
}
