/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A fault has a name and a description, and strikes at one or more kinds of moments of the device's
 * work. One fault is on at a time; the rest of the device follows the contract.
 */
#ifndef DEVICE_FAULT_H
#define DEVICE_FAULT_H

#include "base.h"

struct pvscsi;
struct pvscsi_waiting;
struct pvscsi_request;
struct pvscsi_config_controller;
struct target_data;

struct fault {
	const char *name;
	const char *what;
	/* Number of strikes by default; 0: until it is switched off. */
	u32 times;
	/*
	 * What the fault does at each kind of moment; NULL: nothing. A function that returns bool
	 * returns true if it has handled the moment, so that the device does nothing more.
	 */
	bool (*completion)(struct pvscsi *pvscsi, struct pvscsi_waiting *waiting);
	bool (*cut_short)(struct pvscsi *pvscsi, struct pvscsi_waiting *waiting);
	void (*posted)(struct pvscsi *pvscsi, u32 first);
	void (*data)(struct pvscsi *pvscsi, const struct pvscsi_request *req,
		     struct target_data *data);
	void (*requests_taken)(struct pvscsi *pvscsi);
	bool (*interrupt)(struct pvscsi *pvscsi);
	bool (*doorbell)(struct pvscsi *pvscsi);
	bool (*command)(struct pvscsi *pvscsi, u32 command, u32 *status);
	u32 (*register_read)(struct pvscsi *pvscsi, u64 offset, u32 value);
	bool (*register_write)(struct pvscsi *pvscsi, u64 offset, u32 value);
	void (*config_page)(struct pvscsi *pvscsi, struct pvscsi_config_controller *page);
	/* Every millisecond. */
	void (*tick)(struct pvscsi *pvscsi);
	bool polls;		/* the device polls its ring, without doorbells */
	bool until_reset;	/* a reset of the function ends it */
};

struct fault_state {
	const struct fault *on;		/* or NULL */
	u32 after;			/* number of moments to skip first */
	u32 times;			/* strikes left; 0: no limit */
	u64 until;			/* milliseconds; 0: no limit */
	u32 least;			/* the fault skips commands with less data */
	u64 strikes;			/* number so far */
	u64 random;			/* state of the generator, never 0 */
	u64 note[4];			/* private data of the fault that is on */
};

/* The catalogue, in four parts. */
extern const struct fault faults_of_completions[], faults_of_rings[], faults_of_commands[],
	faults_of_probing[];
extern const u32 faults_of_completions_count, faults_of_rings_count, faults_of_commands_count,
	faults_of_probing_count;

/* fault.c */

/* The catalogue's entry i, or NULL beyond its end. */
const struct fault *fault_number(u32 i);

/* Limits of a fault; 0 means the default of the catalogue, or no limit. */
struct fault_limits {
	u32 after, times, seconds, least;
};

/* Switch a fault on. Returns NULL if the catalogue has no such fault. */
const struct fault *fault_on(struct pvscsi *pvscsi, const char *name,
			     const struct fault_limits *limits);
void fault_off(struct pvscsi *pvscsi);
/* A pseudorandom number; the sequence depends only on the seed. */
u32 fault_random(struct pvscsi *pvscsi);

/* The moments. Each of these functions does nothing while no fault is on. */
bool fault_completion(struct pvscsi *pvscsi, struct pvscsi_waiting *waiting);
bool fault_cut_short(struct pvscsi *pvscsi, struct pvscsi_waiting *waiting);
void fault_posted(struct pvscsi *pvscsi, u32 first);
void fault_data(struct pvscsi *pvscsi, const struct pvscsi_request *req, struct target_data *data);
void fault_requests_taken(struct pvscsi *pvscsi);
bool fault_interrupt(struct pvscsi *pvscsi);
bool fault_doorbell(struct pvscsi *pvscsi);
bool fault_command(struct pvscsi *pvscsi, u32 command, u32 *status);
u32 fault_register_read(struct pvscsi *pvscsi, u64 offset, u32 value);
bool fault_register_write(struct pvscsi *pvscsi, u64 offset, u32 value);
void fault_config_page(struct pvscsi *pvscsi, struct pvscsi_config_controller *page);
bool fault_polls(const struct pvscsi *pvscsi);
u64 fault_tick(struct pvscsi *pvscsi, u64 now);
void fault_function_reset(struct pvscsi *pvscsi);

#endif
