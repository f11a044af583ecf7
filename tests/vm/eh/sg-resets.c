// SPDX-License-Identifier: GPL-2.0-only
/*
 * sg-resets STOP - ask for resets of devices, buses and hosts, through each generic SCSI
 * device that there is, one after the other, until the file STOP appears. The device is
 * kept open and used for as long as it answers, so that it goes away in the middle. With
 * some time in between, so that there is more than resets.
 */

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <scsi/sg.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define THREADS		3
#define PAUSE_US	30000
#define DEVICES		64
/* As in newer kernels' <scsi/sg.h>: no other kind if this one fails. */
#define NO_ESCALATE	0x100

static const int kinds[] = { SG_SCSI_RESET_DEVICE, SG_SCSI_RESET_BUS, SG_SCSI_RESET_HOST };
static volatile unsigned long asked[THREADS];
static volatile int stop;

static void *run(void *data)
{
	unsigned long number = (unsigned long)data, device = number;
	char path[32];

	while (!stop) {
		int kind, fd;

		snprintf(path, sizeof(path), "/dev/sg%lu", device++ % DEVICES);
		fd = open(path, O_RDWR | O_NONBLOCK);
		if (fd < 0) {
			usleep(1000);
			continue;
		}
		do {
			kind = kinds[number] | NO_ESCALATE;
			asked[number]++;
			usleep(PAUSE_US);
		} while (!stop && (!ioctl(fd, SG_SCSI_RESET, &kind) || errno == EIO));
		close(fd);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t thread[THREADS];
	unsigned long i;

	if (argc != 2)
		return 2;
	for (i = 0; i < THREADS; i++)
		pthread_create(&thread[i], NULL, run, (void *)i);
	while (access(argv[1], F_OK))
		usleep(10000);
	stop = 1;
	for (i = 0; i < THREADS; i++) {
		pthread_join(thread[i], NULL);
		printf("sg-resets: %lu of kind %d\n", asked[i], kinds[i]);
	}
	return 0;
}
