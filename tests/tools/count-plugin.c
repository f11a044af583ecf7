// SPDX-License-Identifier: GPL-2.0-only
/*
 * A TCG plugin of QEMU that counts the instructions which the guest executes.
 * tests/tools/count-run, in the guest, marks what is to be counted: it executes
 * an instruction at MARK_BEGIN and one at MARK_END. A line for each pair of
 * marks goes to a file:
 *
 *   run 3 instructions=123456 cpus=100000,23456
 *
 * Arguments: out=FILE; profile=on also writes a line for each executed block of
 * the kernel, "block ADDRESS INSTRUCTIONS EXECUTIONS".
 *
 * A block counts as a whole, even if an exception leaves it early. Each
 * repetition of a string instruction counts as one.
 *
 * The prototypes are written down here because Debian 12 has no package with
 * QEMU's header. Versions 1 to 6 of the interface agree on these.
 */
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "count-marks.h"

struct qemu_plugin_tb;

/* Only the beginning of QEMU's structure. */
struct machine {
	const char *target;
	struct {
		int min;
		int cur;
	} version;
	bool is_system;
	struct {
		int cpus;
		int max_cpus;
	} system;
};

enum { WITHOUT_REGISTERS = 0 };
typedef void (*at_translation_t)(uint64_t id, struct qemu_plugin_tb *block);
typedef void (*at_execution_t)(unsigned int cpu, void *data);

void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, at_translation_t call);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *block, at_execution_t call,
					  int flags, void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *block);

#define EXPORT __attribute__((visibility("default")))

/* QEMU reads it. */
EXPORT int qemu_plugin_version = PLUGIN_VERSION;
EXPORT int qemu_plugin_install(uint64_t id, const struct machine *machine, int argc, char **argv);

#define MAX_CPUS 8
#define KERNEL_HALF (1ULL << 63)

/* A CPU only writes its own line of the cache. */
static struct {
	uint64_t instructions;
	char pad[56];
} cpus[MAX_CPUS] __attribute__((aligned(64)));

/* What profile=on keeps for each block of the kernel. */
struct block {
	struct block *next;
	uint64_t address;
	size_t instructions;
	uint64_t executions[MAX_CPUS];
};

#define BUCKETS 65536
static struct block *blocks[BUCKETS];
static pthread_mutex_t blocks_lock = PTHREAD_MUTEX_INITIALIZER; /* for the lists, not the counts */

static FILE *out;
static int used_cpus;
static unsigned long runs;
static bool profile, running;

static struct block *block_find(uint64_t address, size_t instructions)
{
	struct block **head = &blocks[(address ^ address >> 16) % BUCKETS], *block;

	pthread_mutex_lock(&blocks_lock);
	for (block = *head; block; block = block->next)
		if (block->address == address && block->instructions == instructions)
			break;
	if (!block) {
		block = calloc(1, sizeof(*block));
		if (!block)
			abort();
		block->address = address;
		block->instructions = instructions;
		block->next = *head;
		*head = block;
	}
	pthread_mutex_unlock(&blocks_lock);
	return block;
}

static void blocks_for_each(void (*call)(struct block *block))
{
	struct block *block;

	pthread_mutex_lock(&blocks_lock);
	for (int i = 0; i < BUCKETS; i++)
		for (block = blocks[i]; block; block = block->next)
			call(block);
	pthread_mutex_unlock(&blocks_lock);
}

static void block_clear(struct block *block)
{
	memset(block->executions, 0, sizeof(block->executions));
}

static void block_print(struct block *block)
{
	uint64_t executions = 0;

	for (int i = 0; i < used_cpus; i++)
		executions += block->executions[i];
	if (executions)
		fprintf(out, "block %" PRIx64 " %zu %" PRIu64 "\n", block->address,
			block->instructions, executions);
}

static void on_block(unsigned int cpu, void *data)
{
	cpus[cpu].instructions += (uintptr_t)data;
}

static void on_kernel_block(unsigned int cpu, void *data)
{
	struct block *block = data;

	cpus[cpu].instructions += block->instructions;
	block->executions[cpu]++;
}

static void on_begin(unsigned int cpu, void *data)
{
	blocks_for_each(block_clear);
	for (int i = 0; i < used_cpus; i++)
		cpus[i].instructions = 0;
	running = true;
}

static void on_end(unsigned int cpu, void *data)
{
	uint64_t sum = 0;

	if (!running) /* an end without a beginning */
		return;
	running = false;
	for (int i = 0; i < used_cpus; i++)
		sum += cpus[i].instructions;
	fprintf(out, "run %lu instructions=%" PRIu64 " cpus=", ++runs, sum);
	for (int i = 0; i < used_cpus; i++)
		fprintf(out, "%s%" PRIu64, i ? "," : "", cpus[i].instructions);
	fputc('\n', out);
	blocks_for_each(block_print);
	fflush(out);
}

static void on_translation(uint64_t id, struct qemu_plugin_tb *block)
{
	uint64_t address = qemu_plugin_tb_vaddr(block);
	size_t instructions = qemu_plugin_tb_n_insns(block);
	at_execution_t call = on_block;
	void *data = (void *)(uintptr_t)instructions;

	if (address == MARK_BEGIN || address == MARK_END) {
		call = address == MARK_BEGIN ? on_begin : on_end;
	} else if (profile && address & KERNEL_HALF) {
		call = on_kernel_block;
		data = block_find(address, instructions);
	}
	qemu_plugin_register_vcpu_tb_exec_cb(block, call, WITHOUT_REGISTERS, data);
}

int qemu_plugin_install(uint64_t id, const struct machine *machine, int argc, char **argv)
{
	if (!machine->is_system) {
		fprintf(stderr, "count-plugin: this is for a QEMU that emulates a system\n");
		return -1;
	}
	used_cpus = machine->system.max_cpus;
	if (used_cpus > MAX_CPUS) {
		fprintf(stderr, "count-plugin: at most %d CPUs\n", MAX_CPUS);
		return -1;
	}
	for (int i = 0; i < argc; i++) {
		if (!strncmp(argv[i], "out=", 4)) {
			out = fopen(argv[i] + 4, "w");
			if (!out) {
				fprintf(stderr, "count-plugin: %s: %s\n", argv[i] + 4,
					strerror(errno));
				return -1;
			}
		} else if (!strcmp(argv[i], "profile=on")) {
			profile = true;
		} else {
			fprintf(stderr, "count-plugin: no argument %s\n", argv[i]);
			return -1;
		}
	}
	if (!out) {
		fprintf(stderr, "count-plugin: no out=FILE\n");
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
	return 0;
}
