/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A PVSCSI adapter: PCI configuration, registers, rings, interrupts. It follows src/abi.h unless a
 * fault is switched on.
 */
#ifndef DEVICE_PVSCSI_H
#define DEVICE_PVSCSI_H

#include "base.h"
#include "abi.h"
#include "fault.h"
#include "target.h"
#include "vfu.h"

#define PVSCSI_TARGETS		65
#define PVSCSI_VECTORS		24

/* Delayed completions; a ring holds no more commands than this. */
#define PVSCSI_MAX_WAITING	2048

#define PVSCSI_HISTORY		64
/* The maximum number of segments of a command. */
#define PVSCSI_MAX_PIECES	4096

#define NEVER			(~0ull)

/* A command whose completion is not posted yet. */
struct pvscsi_waiting {
	struct pvscsi_completion completion;
	u64 due;		/* milliseconds, or NEVER */
	u32 target;
	u64 sense_addr;
	u64 data_len;		/* of the guest's buffer */
};

struct pvscsi_counters {
	u64 doorbells, requests, completions, interrupts, messages, resets, aborts;
	u64 function_resets;
	/* Errors of a driver. */
	u64 bad_requests, dma_refused, requests_lost;
};

/* Options, set before the start. */
struct pvscsi_options {
	u32 revision;
	u32 start_index;	/* of all rings */
	u32 threshold;		/* the request call threshold while it polls; 0: unsupported */
	u32 targets;
	bool msix, msi;
	bool express;		/* a card in a slot: PCI Express and power management capabilities */
	u64 latency;		/* of each command, in milliseconds */
};

struct pvscsi {
	struct vfu vfu;
	struct pvscsi_options options;
	u8 config[4096];
	struct target target[PVSCSI_TARGETS];

	/* The command registers. */
	u32 command;
	u32 word[256];
	u32 words;
	u32 status;

	char manufacturer[64];
	struct pvscsi_config_controller *config_page;	/* answered last; NULL after a reset */

	u32 intr_status;
	u32 intr_mask;

	/* The rings; state is NULL until they are set up. */
	struct pvscsi_rings_state *state;
	u64 req_page[PVSCSI_MAX_RING_PAGES];
	u64 cmp_page[PVSCSI_MAX_RING_PAGES];
	u64 msg_page[PVSCSI_MAX_MSG_RING_PAGES];
	u32 req_pages, cmp_pages, msg_pages;
	u32 req_cons, cmp_prod, msg_prod;
	bool threshold_on;
	u64 poll_until;		/* milliseconds */

	struct pvscsi_waiting waiting[PVSCSI_MAX_WAITING];
	u32 waitings;
	u64 history[PVSCSI_HISTORY];	/* the last completed contexts, in a circle */
	u32 completed;

	/* How long the function is absent after a reset, and until when it is absent now. */
	u64 slow_reset, absent_until;	/* milliseconds */

	struct fault_state fault;
	struct pvscsi_counters counters;
};

u64 now_ms(void);

/* pvscsi.c: configuration space and registers */

void pvscsi_init(struct pvscsi *pvscsi, const char *socket, const struct pvscsi_options *options);
void pvscsi_power_on(struct pvscsi *pvscsi);
/* Set these bits of INTR_STATUS, and raise an interrupt if the mask allows it. */
void pvscsi_interrupt(struct pvscsi *pvscsi, u32 bits);

/* command.c: writes to the command registers */

void pvscsi_command(struct pvscsi *pvscsi, u32 command);
void pvscsi_command_word(struct pvscsi *pvscsi, u32 word);
void pvscsi_adapter_reset(struct pvscsi *pvscsi);

/* rings.c */

/* Guest memory; NULL, and counted, if the device may not access it. */
void *pvscsi_memory(struct pvscsi *pvscsi, u64 addr, u64 len);
/* The address of an entry in guest memory, or NULL. */
struct pvscsi_request *pvscsi_request_slot(struct pvscsi *pvscsi, u32 index);
struct pvscsi_completion *pvscsi_completion_slot(struct pvscsi *pvscsi, u32 index);
struct pvscsi_message *pvscsi_message_slot(struct pvscsi *pvscsi, u32 index);
u32 pvscsi_entries(u32 pages, u32 per_page);

/* Execute all requests that the guest has published. */
void pvscsi_run(struct pvscsi *pvscsi);
/* Post a completion unchanged. */
void pvscsi_post(struct pvscsi *pvscsi, const struct pvscsi_completion *completion);
/* Delay a completion: it is due in this many milliseconds, or NEVER. */
void pvscsi_put_off(struct pvscsi *pvscsi, const struct pvscsi_waiting *waiting, u64 delay);
/* Complete delayed commands, by context or of a target. Returns how many. */
u32 pvscsi_flush_context(struct pvscsi *pvscsi, u64 context, u16 host_status);
u32 pvscsi_flush_target(struct pvscsi *pvscsi, u32 target, u16 host_status);
/* Do what is due. Returns when to call it again (NEVER: no need). */
u64 pvscsi_tick(struct pvscsi *pvscsi);
void pvscsi_message(struct pvscsi *pvscsi, u32 type, u32 bus, u32 target, u8 lun);

#endif
