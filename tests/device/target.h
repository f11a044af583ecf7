/* SPDX-License-Identifier: GPL-2.0-only */
/* A plain SCSI disk in a file: one logical unit of 512-byte blocks. */
#ifndef DEVICE_TARGET_H
#define DEVICE_TARGET_H

#include <scsi/scsi.h>
#include "base.h"

/* Constants that the C library's <scsi/scsi.h> lacks. */
#define SAM_STAT_GOOD		0x00
#define SAM_STAT_CHECK_CONDITION 0x02
#define READ_16			0x88
#define WRITE_16		0x8a
#define SERVICE_ACTION_IN_16	0x9e
#define REPORT_LUNS		0xa0

#define TARGET_BLOCK		512
#define TARGET_SENSE		18

struct target {
	bool present;
	u32 number;
	int fd;
	u64 blocks;
	u16 attention;		/* additional sense code and qualifier, or 0 */
};

/* The buffer of a command, in the pieces that are contiguous in guest memory. */
struct target_piece {
	void *va;
	u32 len;
};

struct target_data {
	const struct target_piece *piece;
	u32 pieces;
	u64 len;
	bool to_memory;
	bool to_device;
};

struct target_result {
	u8 status;		/* SAM */
	u64 moved;		/* bytes */
	u8 sense[TARGET_SENSE];
	bool bad_direction;
};

/* Open the file, or create it; on failure, end the program with a message. */
void target_open(struct target *target, u32 number, const char *path, u64 blocks);
void target_close(struct target *target);
/* Change the size, and report it with a unit attention. */
void target_resize(struct target *target, u64 blocks);
/* Report this unit attention with the next command. */
void target_attention(struct target *target, u16 code);

void target_command(struct target *target, const u8 *cdb, struct target_data *data,
		    struct target_result *result);

#endif
