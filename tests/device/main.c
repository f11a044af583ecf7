// SPDX-License-Identifier: GPL-2.0-only
/* The program: options, the control channel, the loop. */

#include <err.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>
#include "pvscsi.h"

#define TARGET_MB(mb)	((mb) * 1048576ull / TARGET_BLOCK)

static const char usage[] =
	"usage: device --socket PATH [OPTION...]\n"
	"A PVSCSI adapter for a hypervisor that speaks vfio-user.\n"
	"  --socket PATH        UNIX socket on which the hypervisor is waited for\n"
	"  --control PATH       FIFOs PATH.in and PATH.out, which are made: a command a line, see below\n"
	"  --disk N:MB:FILE     target N is a disk of MB mebibytes in FILE; may be given again\n"
	"  --revision N         1: no message ring, no threshold; 2 (default)\n"
	"  --targets N          how many it says it has (default 65)\n"
	"  --no-msix, --no-msi  without these kinds of interrupts\n"
	"  --express            a card for the slot of a root port, with the capabilities that has\n"
	"  --threshold N        request call threshold while it polls (default 0: it has none)\n"
	"  --start-index N      where the indices of its rings begin (default 0)\n"
	"  --latency MS         of each command (default 0)\n"
	"  --seed N             of all that is random (default 1)\n"
	"  --list               print the catalogue of faults: name, tab, what it does\n"
	"Control commands; each is answered by a line that begins with ok or error:\n"
	"  fault NAME [after=N] [times=N] [seconds=N] [least=BYTES]    off    counters\n"
	"                       (least: what completes with less data is as it should be)\n"
	"  add N    remove N    resize N MB    attention N CODE    start-index N\n"
	"  message TYPE BUS TARGET LUN    seed N    vanish N (remove without a message)\n"
	"  text TEXT            manufacturer on its configuration page\n"
	"  slow-reset SECONDS   after a reset of the function it is not there for so long (0: no longer)\n";

struct program {
	struct pvscsi pvscsi;
	const char *disk[PVSCSI_TARGETS];	/* file of each target */
	u64 blocks[PVSCSI_TARGETS];
	FILE *in, *out;
};

static struct program program;

static u64 number(const char *text)
{
	char *end;
	u64 value = strtoull(text, &end, 0);

	if (end == text || *end)
		errx(2, "'%s' is not a number\n%s", text, usage);
	return value;
}

static void add_disk(struct program *p, char *text)
{
	char *mb = strchr(text, ':'), *file = mb ? strchr(mb + 1, ':') : NULL;
	u64 target;

	if (!file)
		errx(2, "'%s' is not TARGET:MB:FILE", text);
	*mb++ = *file++ = 0;
	target = number(text);
	if (target >= PVSCSI_TARGETS)
		errx(2, "targets are 0 to %d", PVSCSI_TARGETS - 1);
	p->disk[target] = file;
	p->blocks[target] = TARGET_MB(number(mb));
	target_open(&p->pvscsi.target[target], target, file, p->blocks[target]);
}

/* The control channel */

static const char *control_target(struct program *p, const char *line)
{
	struct pvscsi *pvscsi = &p->pvscsi;
	struct target *target;
	char verb[32];
	u32 n, value;
	int words = sscanf(line, "%31s %u %i", verb, &n, (int *)&value);

	if (words < 2 || n >= PVSCSI_TARGETS || !p->disk[n])
		return "error no such target";
	target = &pvscsi->target[n];
	if (!strcmp(verb, "add")) {
		if (target->present)
			return "error it is there";
		target_open(target, n, p->disk[n], p->blocks[n]);
		pvscsi_message(pvscsi, PVSCSI_MSG_DEVICE_ADDED, 0, n, 0);
	} else if (!target->present) {
		return "error it is not there";
	} else if (!strcmp(verb, "remove") || !strcmp(verb, "vanish")) {
		target_close(target);
		pvscsi_flush_target(pvscsi, n, PVSCSI_HOST_SELECTION_TIMEOUT);
		if (*verb == 'r')
			pvscsi_message(pvscsi, PVSCSI_MSG_DEVICE_REMOVED, 0, n, 0);
	} else if (words == 3 && !strcmp(verb, "resize")) {
		target_resize(target, p->blocks[n] = TARGET_MB((u64)value));
	} else if (words == 3 && !strcmp(verb, "attention")) {
		target_attention(target, value);
	} else {
		return "error what is to be done with it?";
	}
	return "ok";
}

static const char *control_fault(struct program *p, const char *line)
{
	struct fault_limits limits = { 0 };
	char name[64], key[16];
	u32 value;
	int used;

	if (sscanf(line, "fault %63s%n", name, &used) != 1)
		return "error which fault?";
	line += used;
	while (sscanf(line, " %15[a-z]=%u%n", key, &value, &used) == 2) {
		if (!strcmp(key, "after"))
			limits.after = value;
		else if (!strcmp(key, "times"))
			limits.times = value;
		else if (!strcmp(key, "seconds"))
			limits.seconds = value;
		else if (!strcmp(key, "least"))
			limits.least = value;
		else
			return "error after=, times=, seconds= or least=";
		line += used;
	}
	return fault_on(&p->pvscsi, name, &limits) ? "ok" : "error no such fault";
}

static const char *control_counters(struct program *p)
{
	const struct pvscsi_counters *c = &p->pvscsi.counters;
	static char text[400];

	snprintf(text, sizeof(text),
		 "ok doorbells=%llu requests=%llu completions=%llu interrupts=%llu messages=%llu resets=%llu aborts=%llu waiting=%u strikes=%llu bad_requests=%llu dma_refused=%llu lost=%llu index=0x%x function_resets=%llu",
		 (unsigned long long)c->doorbells, (unsigned long long)c->requests,
		 (unsigned long long)c->completions, (unsigned long long)c->interrupts,
		 (unsigned long long)c->messages, (unsigned long long)c->resets,
		 (unsigned long long)c->aborts, p->pvscsi.waitings,
		 (unsigned long long)p->pvscsi.fault.strikes, (unsigned long long)c->bad_requests,
		 (unsigned long long)c->dma_refused, (unsigned long long)c->requests_lost,
		 p->pvscsi.req_cons, (unsigned long long)c->function_resets);
	return text;
}

static const char *control(struct program *p, const char *line)
{
	struct pvscsi *pvscsi = &p->pvscsi;
	u32 type, bus, target, lun;
	unsigned long long value;

	if (!strncmp(line, "fault ", 6))
		return control_fault(p, line);
	if (!strcmp(line, "counters"))
		return control_counters(p);
	if (!strcmp(line, "off")) {
		fault_off(pvscsi);
		return "ok";
	}
	if (sscanf(line, "message %u %u %u %u", &type, &bus, &target, &lun) == 4) {
		pvscsi_message(pvscsi, type, bus, target, lun);
		return "ok";
	}
	if (sscanf(line, "start-index %lli", (long long *)&value) == 1) {
		pvscsi->options.start_index = value;
		return "ok";
	}
	if (sscanf(line, "slow-reset %llu", &value) == 1) {
		pvscsi->slow_reset = value * 1000;
		return "ok";
	}
	if (sscanf(line, "text %63[^\n]", pvscsi->manufacturer) == 1)
		return "ok";
	if (sscanf(line, "seed %llu", &value) == 1) {
		pvscsi->fault.random = value ? value : 1;
		return "ok";
	}
	return control_target(p, line);
}

static void control_open(struct program *p, const char *path)
{
	char name[256];
	int in, out;

	snprintf(name, sizeof(name), "%s.in", path);
	unlink(name);
	/*
	 * Open both FIFOs for reading and writing, so that neither end waits for the other or gets
	 * EOF when the other one closes.
	 */
	if (mkfifo(name, 0600) || (in = open(name, O_RDWR)) < 0)
		err(1, "%s", name);
	snprintf(name, sizeof(name), "%s.out", path);
	unlink(name);
	if (mkfifo(name, 0600) || (out = open(name, O_RDWR)) < 0)
		err(1, "%s", name);
	p->in = fdopen(in, "r");
	p->out = fdopen(out, "w");
	/* Unbuffered, because poll() would not report lines that are already in a buffer. */
	setvbuf(p->in, NULL, _IONBF, 0);
}

static void control_serve(struct program *p)
{
	char line[256];

	if (!fgets(line, sizeof(line), p->in))
		return;
	line[strcspn(line, "\n")] = 0;
	fprintf(p->out, "%s\n", control(p, line));
	fflush(p->out);
}

static void list(void)
{
	const struct fault *fault;
	u32 i;

	for (i = 0; (fault = fault_number(i)); i++)
		printf("%s\t%s\n", fault->name, fault->what);
}

static void parse(struct program *p, int argc, char **argv, struct pvscsi_options *options,
		  const char **socket)
{
	enum { SOCKET, CONTROL, DISK, REVISION, TARGETS, NO_MSIX, NO_MSI, THRESHOLD, START, LATENCY,
	       SEED, LIST, EXPRESS };
	static const struct option known[] = {
		{ "socket", 1, NULL, SOCKET }, { "control", 1, NULL, CONTROL },
		{ "disk", 1, NULL, DISK }, { "revision", 1, NULL, REVISION },
		{ "targets", 1, NULL, TARGETS }, { "no-msix", 0, NULL, NO_MSIX },
		{ "no-msi", 0, NULL, NO_MSI }, { "threshold", 1, NULL, THRESHOLD },
		{ "start-index", 1, NULL, START }, { "latency", 1, NULL, LATENCY },
		{ "seed", 1, NULL, SEED }, { "list", 0, NULL, LIST },
		{ "express", 0, NULL, EXPRESS }, { }
	};
	int c;

	while ((c = getopt_long(argc, argv, "", known, NULL)) >= 0) {
		switch (c) {
		case SOCKET: *socket = optarg; break;
		case CONTROL: control_open(p, optarg); break;
		case DISK: add_disk(p, optarg); break;
		case REVISION: options->revision = number(optarg); break;
		case TARGETS: options->targets = number(optarg); break;
		case NO_MSIX: options->msix = false; break;
		case NO_MSI: options->msi = false; break;
		case EXPRESS: options->express = true; break;
		case THRESHOLD: options->threshold = number(optarg); break;
		case START: options->start_index = number(optarg); break;
		case LATENCY: options->latency = number(optarg); break;
		case SEED: p->pvscsi.fault.random = number(optarg); break;
		case LIST:
			list();
			exit(0);
		default: errx(2, "%s", usage);
		}
	}
	if (!*socket || optind != argc || !p->pvscsi.fault.random)
		errx(2, "%s", usage);
}

/* Serve the control channel also while no hypervisor is connected. */
static void wait_for_client(struct program *p)
{
	struct pollfd fds[2] = {
		{ .fd = p->pvscsi.vfu.listener, .events = POLLIN },
		{ .fd = p->in ? fileno(p->in) : -1, .events = POLLIN },
	};

	while (!(fds[0].revents & POLLIN)) {
		if (poll(fds, ARRAY_SIZE(fds), -1) < 0 && errno != EINTR)
			err(1, "poll");
		if (fds[1].revents & POLLIN)
			control_serve(p);
	}
	vfu_accept(&p->pvscsi.vfu);
}

static void serve(struct program *p)
{
	struct pvscsi *pvscsi = &p->pvscsi;
	struct pollfd fds[2] = {
		{ .fd = pvscsi->vfu.socket, .events = POLLIN },
		{ .fd = p->in ? fileno(p->in) : -1, .events = POLLIN },
	};

	for (;;) {
		u64 next = pvscsi_tick(pvscsi), now = now_ms();
		int wait = next == NEVER ? -1 : next > now ? (int)(next - now) : 0;

		if (poll(fds, ARRAY_SIZE(fds), wait) < 0 && errno != EINTR)
			err(1, "poll");
		if (fds[1].revents & POLLIN)
			control_serve(p);
		if (fds[0].revents && !vfu_handle(&pvscsi->vfu))
			return;
	}
}

int main(int argc, char **argv)
{
	struct pvscsi_options options = { .revision = 2, .targets = PVSCSI_TARGETS, .msix = true,
					  .msi = true };
	const char *socket = NULL;

	signal(SIGPIPE, SIG_IGN);
	program.pvscsi.fault.random = 1;
	parse(&program, argc, argv, &options, &socket);
	strcpy(program.pvscsi.manufacturer, "adversary");
	pvscsi_init(&program.pvscsi, socket, &options);
	/* Serve one hypervisor after another, until the process is killed. */
	for (;;) {
		wait_for_client(&program);
		serve(&program);
		fprintf(stderr, "device: the client is gone; %s\n", control_counters(&program));
		vfu_disconnect(&program.pvscsi.vfu);
		fault_off(&program.pvscsi);
		program.pvscsi.slow_reset = program.pvscsi.absent_until = 0;
		pvscsi_power_on(&program.pvscsi);
	}
}
