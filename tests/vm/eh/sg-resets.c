// SPDX-License-Identifier: GPL-2.0-only
/*
 * sg-resets STOP - request device and bus resets, and now and then host resets, through each
 * generic SCSI device in turn, until the file STOP appears. A device is kept open and used as long
 * as it responds, so that it is removed while in use. The program runs at idle priority, so that a
 * waiting reset may sleep for long while the device is removed.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <scsi/sg.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define THREADS		3
#define DEVICES		64
/* As in <scsi/sg.h> of newer kernels: do not try another kind if this one fails. */
#define NO_ESCALATE	0x100

static const struct {
	int kind;
	unsigned int pause_us;
} resets[THREADS] = {
	{ SG_SCSI_RESET_DEVICE, 30000 },
	{ SG_SCSI_RESET_BUS, 30000 },
	{ SG_SCSI_RESET_HOST, 900000 },
};
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
			kind = resets[number].kind | NO_ESCALATE;
			asked[number]++;
			usleep(resets[number].pause_us);
		} while (!stop && (!ioctl(fd, SG_SCSI_RESET, &kind) || errno == EIO));
		close(fd);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	const struct sched_param none = { 0 };
	pthread_t thread[THREADS];
	unsigned long i;

	if (argc != 2)
		return 2;
	sched_setscheduler(0, SCHED_IDLE, &none);
	for (i = 0; i < THREADS; i++)
		pthread_create(&thread[i], NULL, run, (void *)i);
	while (access(argv[1], F_OK))
		usleep(10000);
	stop = 1;
	for (i = 0; i < THREADS; i++) {
		pthread_join(thread[i], NULL);
		printf("sg-resets: %lu of kind %d\n", asked[i], resets[i].kind);
	}
	return 0;
}
