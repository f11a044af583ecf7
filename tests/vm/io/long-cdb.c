// SPDX-License-Identifier: GPL-2.0-only
/*
 * long-cdb SG - queue a read and, behind it, a command whose CDB is longer than the host supports.
 * Prints how long the read took, in milliseconds; fails if the read failed.
 */

#include <err.h>
#include <fcntl.h>
#include <pthread.h>
#include <scsi/sg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

/* The C library does not define it. */
#define SG_FLAG_Q_AT_TAIL	0x10

static int fd;

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int command(unsigned char *cdb, int len, void *data, int bytes, sg_io_hdr_t *io)
{
	memset(io, 0, sizeof(*io));
	io->interface_id = 'S';
	io->cmdp = cdb;
	io->cmd_len = len;
	io->dxfer_direction = bytes ? SG_DXFER_FROM_DEV : SG_DXFER_NONE;
	io->dxferp = data;
	io->dxfer_len = bytes;
	io->timeout = 20000;
	io->flags = SG_FLAG_Q_AT_TAIL;
	return ioctl(fd, SG_IO, io);
}

static void *read_block(void *arg)
{
	static unsigned char cdb[10] = { 0x28, [8] = 1 }, data[512];
	sg_io_hdr_t io;
	long begin = now_ms();

	(void)arg;
	if (command(cdb, sizeof(cdb), data, sizeof(data), &io))
		err(1, "SG_IO of a read");
	printf("read took %ld ms, host status 0x%x\n", now_ms() - begin, io.host_status);
	/* (After a reset, the target may report a unit attention in its own status.) */
	return io.host_status ? (void *)1 : NULL;
}

int main(int argc, char **argv)
{
	static unsigned char cdb[32] = { 0x7f, [7] = 24 };
	pthread_t reader;
	sg_io_hdr_t io;
	void *failed;

	if (argc != 2)
		errx(2, "usage: long-cdb SG");
	fd = open(argv[1], O_RDWR);
	if (fd < 0)
		err(1, "%s", argv[1]);
	pthread_create(&reader, NULL, read_block, NULL);
	usleep(300000);
	if (command(cdb, sizeof(cdb), NULL, 0, &io))
		warn("SG_IO of a long CDB");
	else
		printf("long CDB: host status 0x%x\n", io.host_status);
	pthread_join(reader, &failed);
	return failed != NULL;
}
