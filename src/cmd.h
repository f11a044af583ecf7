/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Commands: one for each tag, each with the context by which the device knows
 * it, a segment table and a sense buffer, allocated once.
 */
#ifndef PVS_CMD_H
#define PVS_CMD_H

#include <linux/dmapool.h>
#include <linux/spinlock.h>
#include <scsi/scsi_cmnd.h>
#include "abi.h"

struct pvs_cmd_memory {
	void *va;
	dma_addr_t addr;
};

struct pvs_cmd {
	/*
	 * Not NULL exactly while the device owns the command. Set under the
	 * submit lock, cleared under the complete lock: who clears it completes
	 * the command, so that nobody does so twice.
	 */
	struct scsi_cmnd *scmd;
	u32 context;		/* of its present or last use: generation, tag */
	u32 target;
	bool of_eh;		/* the error handler's own; without an underflow */
	u32 withheld;		/* bytes of its buffer that the device has not; without an underflow */
	struct pvs_cmd_memory table;	/* for PVS_CMD_FEW_SEGMENTS */
	struct pvs_cmd_memory page;	/* borrowed, for more segments; or NULL */
	struct pvs_cmd_memory sense;
};

/*
 * Tables of a full page, for the commands that have many segments: a few are
 * kept at hand, more are made as they are needed.
 */
struct pvs_cmd_pages {
	spinlock_t lock;	/* innermost */
	struct dma_pool *pool;
	struct pvs_cmd_memory *free;
	u32 free_count;
};

struct pvs_cmds {
	struct pvs_cmd *cmd;
	u32 count;
	struct pvs_cmd_memory *memory;
	u32 memory_count;
	struct pvs_cmd_pages pages;
};

/* May sleep. On an error nothing is left behind, and destroy is harmless. */
int pvs_cmds_create(struct pvs_cmds *cmds, struct device *dev, u32 count);
void pvs_cmds_destroy(struct pvs_cmds *cmds, struct device *dev);

/* Context of all that follows: any. */

static inline struct pvs_cmd *pvs_cmds_by_tag(struct pvs_cmds *cmds, int tag)
{
	return tag >= 0 && tag < cmds->count ? &cmds->cmd[tag] : NULL;
}

/*
 * The command that a context from the device means: NULL if it is none of ours,
 * or one of an earlier use of the same tag.
 */
struct pvs_cmd *pvs_cmds_by_context(struct pvs_cmds *cmds, u64 context);

/* A context for the next use of cmd: never 0, upper half 0. */
u32 pvs_cmds_new_context(const struct pvs_cmds *cmds, const struct pvs_cmd *cmd);

/*
 * Map the data of scmd for the device and have req refer to it. Returns -EBUSY
 * when there is no room to map it or to list its segments just now, -EINVAL when
 * there never will be; nothing is mapped then.
 */
int pvs_cmd_map(struct pvs_cmds *cmds, struct pvs_cmd *cmd, struct scsi_cmnd *scmd,
		struct pvscsi_request *req);
/* Undo it, before the command is given back: its tag is used again at once. */
void pvs_cmd_unmap(struct pvs_cmds *cmds, struct pvs_cmd *cmd, struct scsi_cmnd *scmd);

#endif
