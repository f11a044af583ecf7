// SPDX-License-Identifier: GPL-2.0-only
/*
 * sgio-sweep [-f FIRST] [-l LAST] [-r SEED] [-t MS] DEVICE SIZE... - send the device every opcode
 * from FIRST to LAST by SG_IO, without data and with buffers of each SIZE in each direction. Prints
 * one line for each: opcode, direction, size, and the result. If DEVICE is "-", prints the CDBs
 * instead.
 *
 *   28 in 512: 00 00 00 0/00/00 0    SCSI status, host byte, driver byte, sense key/ASC/ASCQ,
 *                                    residual; "slow" is appended if it took 2 s or more
 *
 * The CDB is zero except for the opcode and a transfer length of 8, at the place that its group
 * has for it. With a SEED the other bytes are random, and small if the seed is odd. Data sent to
 * the device are zeroes. The contents of the disk are overwritten.
 */
#include <errno.h>
#include <fcntl.h>
#include <scsi/sg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define LENGTH 8

static unsigned int timeout_ms = 20000;
static uint32_t seed;

static unsigned char next_random(void)
{
	seed = seed * 1664525u + 1013904223u;
	return seed >> 24;
}

static int cdb_size(int opcode)
{
	static const int sizes[8] = { 6, 10, 10, 16, 16, 12, 16, 16 };

	return sizes[opcode >> 5];
}

static void make_cdb(unsigned char *cdb, int opcode, uint32_t with_seed)
{
	/* The position of the last byte of the length in a CDB of each group. */
	static const int length_at[8] = { 4, 8, 8, 8, 13, 9, 8, 8 };

	memset(cdb, 0, 16);
	cdb[0] = opcode;
	cdb[length_at[opcode >> 5]] = LENGTH;
	if (!with_seed)
		return;
	/* The same CDB for all sizes and directions. */
	seed = with_seed + opcode;
	for (int i = 1; i < cdb_size(opcode); i++)
		cdb[i] = next_random() & (with_seed & 1 ? 0x1f : 0xff);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void one(int fd, unsigned char *cdb, int direction, const char *name, unsigned int size)
{
	unsigned char sense[64] = { 0 };
	unsigned char *data = calloc(1, size ? size : 1);
	struct sg_io_hdr hdr = {
		.interface_id = 'S',
		.cmdp = cdb,
		.cmd_len = cdb_size(cdb[0]),
		.dxfer_direction = direction,
		.dxfer_len = size,
		.dxferp = data,
		.sbp = sense,
		.mx_sb_len = sizeof(sense),
		.timeout = timeout_ms,
	};
	double begin = now();

	printf("%02x %s %u: ", cdb[0], name, size);
	if (ioctl(fd, SG_IO, &hdr))
		printf("error %d", errno);
	else
		printf("%02x %02x %02x %x/%02x/%02x %d", hdr.status, hdr.host_status,
		       hdr.driver_status, sense[2] & 0xf, sense[12], sense[13], hdr.resid);
	printf("%s\n", now() - begin >= 10 ? " slow" : "");
	fflush(stdout);
	free(data);
}

int main(int argc, char **argv)
{
	int first = 0, last = 255, option, fd;
	uint32_t with_seed = 0;
	unsigned char cdb[16];

	while ((option = getopt(argc, argv, "f:l:r:t:")) != -1) {
		switch (option) {
		case 'f': first = strtol(optarg, NULL, 0); break;
		case 'l': last = strtol(optarg, NULL, 0); break;
		case 'r': with_seed = strtoul(optarg, NULL, 0); break;
		case 't': timeout_ms = strtoul(optarg, NULL, 0); break;
		default: return 2;
		}
	}
	if (optind >= argc)
		return 2;
	if (!strcmp(argv[optind], "-")) {
		for (int opcode = first; opcode <= last; opcode++) {
			make_cdb(cdb, opcode, with_seed);
			for (int i = 0; i < 16; i++)
				printf("%02x%c", cdb[i], i < 15 ? ' ' : '\n');
		}
		return 0;
	}
	fd = open(argv[optind], O_RDWR | O_NONBLOCK);
	if (fd < 0) {
		perror(argv[optind]);
		return 1;
	}
	for (int opcode = first; opcode <= last; opcode++) {
		make_cdb(cdb, opcode, with_seed);
		one(fd, cdb, SG_DXFER_NONE, "none", 0);
		for (int i = optind + 1; i < argc; i++) {
			one(fd, cdb, SG_DXFER_FROM_DEV, "in", atoi(argv[i]));
			one(fd, cdb, SG_DXFER_TO_DEV, "out", atoi(argv[i]));
		}
	}
	return 0;
}
