/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Commands: one per tag, allocated once. Each has a context, by which the device
 * identifies it, a segment table and a sense buffer.
 */
#ifndef PVS_CMD_H
#define PVS_CMD_H

#include <linux/cache.h>
#include <linux/gfp.h>
#include <linux/dmapool.h>
#include <linux/spinlock.h>
#include <scsi/scsi_cmnd.h>
#include "abi.h"
#include "sg.h"

/* A context is a generation and a tag, so that a late completion matches no later use. */
#define PVS_CMD_TAG_BITS	10
#define PVS_CMD_TAG_MASK	((1u << PVS_CMD_TAG_BITS) - 1)

struct pvs_cmd_memory {
	void *va;
	dma_addr_t addr;
};

struct pvs_cmd {
	/*
	 * Not NULL if and only if the device owns the command. Set under
	 * submit_lock, cleared under complete_lock. The CPU that clears it
	 * completes the command, so a command is never completed twice.
	 */
	struct scsi_cmnd *scmd;
	u32 context;		/* generation and tag of the current or last use */
	u32 target;
	/* These two are valid only if scmd->underflow is 0. */
	bool of_eh;		/* issued by the midlayer's error handler */
	u32 withheld;		/* bytes of its buffer that were not given to the device */
	struct pvs_sg_ref data;	/* for its descriptor */
	struct pvs_cmd_memory table;	/* up to PVS_CMD_FEW_SEGMENTS */
	struct pvs_cmd_memory page;	/* borrowed for more segments; va is NULL if not needed */
	struct pvs_cmd_memory sense;
};

/*
 * Segment tables of a full page, for commands with many segments. A few are
 * preallocated, more are allocated on demand.
 */
struct pvs_cmd_pages {
	spinlock_t lock;	/* protects the free list; innermost */
	struct dma_pool *pool;
	struct pvs_cmd_memory *free;
	u32 free_count;
};

struct pvs_cmds {
	struct device *dev;
	struct pvs_cmd *cmd;
	u32 count;
	struct pvs_cmd_memory *memory;
	u32 memory_count;
	/* Large commands write here. What every command reads is in another cache line. */
	struct pvs_cmd_pages pages ____cacheline_aligned_in_smp;
};

/* May sleep. On an error everything is freed; calling destroy is still allowed. */
int pvs_cmds_create(struct pvs_cmds *cmds, struct device *dev, u32 count);
void pvs_cmds_destroy(struct pvs_cmds *cmds, struct device *dev);

/* The functions below may be called in any context. */

static inline struct pvs_cmd *pvs_cmds_by_tag(struct pvs_cmds *cmds, int tag)
{
	return tag >= 0 && tag < cmds->count ? &cmds->cmd[tag] : NULL;
}

/*
 * Find the command for a context from the device. Returns NULL if the context is
 * invalid or belongs to an earlier use of the same tag.
 */
static inline struct pvs_cmd *pvs_cmds_by_context(struct pvs_cmds *cmds, u64 context)
{
	struct pvs_cmd *cmd = pvs_cmds_by_tag(cmds, context & PVS_CMD_TAG_MASK);

	/* Compare all 64 bits: the upper half of a valid context is 0. */
	return cmd && READ_ONCE(cmd->context) == context ? cmd : NULL;
}

/* The context for the next use of cmd: never 0, and its upper 32 bits as a u64 are 0. */
static inline u32 pvs_cmd_new_context(const struct pvs_cmd *cmd)
{
	u32 context = cmd->context + (1u << PVS_CMD_TAG_BITS);

	/* Skip generation 0: with tag 0 it would give context 0, which is never used. */
	return likely(context > PVS_CMD_TAG_MASK) ? context : context + (1u << PVS_CMD_TAG_BITS);
}

/*
 * Map the data of scmd for the device and make cmd->data refer to it; its flags must be
 * those of the direction. Returns 0; -EBUSY for a temporary lack of mapping space or
 * memory; or -EINVAL if the data can never be mapped. On an error nothing stays mapped.
 */
int pvs_cmd_map(struct pvs_cmds *cmds, struct pvs_cmd *cmd, struct scsi_cmnd *scmd);
/* Undo it. Call this before the command is completed: its tag may be reused at once. */
void pvs_cmd_unmap(struct pvs_cmds *cmds, struct pvs_cmd *cmd, struct scsi_cmnd *scmd);

#endif
