// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands: their memory, their contexts, their data's mapping. Created and
 * destroyed in process context; the rest runs in any. No lock of its own: a
 * command belongs to whoever has its tag.
 */

#include <linux/numa.h>
#include <linux/vmalloc.h>
#include "cmd.h"
#include "sg.h"

/* A context is a generation above a tag, so that a late one cannot be mistaken. */
#define PVS_CMD_TAG_BITS	10
#define PVS_CMD_TAG_MASK	((1u << PVS_CMD_TAG_BITS) - 1)

/* A power of two that holds SCSI_SENSE_BUFFERSIZE, so that none crosses a page. */
#define PVS_CMD_SENSE_STRIDE	128

static u32 pvs_cmds_pages(u32 count, u32 size)
{
	return DIV_ROUND_UP(count, PAGE_SIZE / size);
}

/* Where object i of the given size lies in memory that starts at page first. */
static void *pvs_cmds_place(const struct pvs_cmds *cmds, u32 first, u32 i, u32 size,
			    dma_addr_t *addr)
{
	u32 per_page = PAGE_SIZE / size;
	const struct pvs_cmd_memory *memory = &cmds->memory[first + i / per_page];
	u32 offset = i % per_page * size;

	*addr = memory->addr + offset;
	return memory->va + offset;
}

int pvs_cmds_create(struct pvs_cmds *cmds, struct device *dev, u32 count)
{
	u32 table_pages = pvs_cmds_pages(count, PVSCSI_PAGE_SIZE);
	u32 i;

	BUILD_BUG_ON(PVS_CMD_SENSE_STRIDE < SCSI_SENSE_BUFFERSIZE);
	cmds->count = count;
	cmds->memory_count = table_pages + pvs_cmds_pages(count, PVS_CMD_SENSE_STRIDE);
	cmds->cmd = vzalloc_node(array_size(count, sizeof(*cmds->cmd)), dev_to_node(dev));
	cmds->memory = vzalloc_node(array_size(cmds->memory_count, sizeof(*cmds->memory)),
				    dev_to_node(dev));
	if (!cmds->cmd || !cmds->memory)
		goto destroy;

	for (i = 0; i < cmds->memory_count; i++) {
		cmds->memory[i].va = dma_alloc_coherent(dev, PAGE_SIZE, &cmds->memory[i].addr,
							GFP_KERNEL);
		if (!cmds->memory[i].va)
			goto destroy;
	}
	for (i = 0; i < count; i++) {
		struct pvs_cmd *cmd = &cmds->cmd[i];

		cmd->context = i;
		cmd->table = pvs_cmds_place(cmds, 0, i, PVSCSI_PAGE_SIZE, &cmd->table_addr);
		cmd->sense = pvs_cmds_place(cmds, table_pages, i, PVS_CMD_SENSE_STRIDE,
					    &cmd->sense_addr);
	}
	return 0;

destroy:
	pvs_cmds_destroy(cmds, dev);
	return -ENOMEM;
}

void pvs_cmds_destroy(struct pvs_cmds *cmds, struct device *dev)
{
	u32 i;

	for (i = 0; cmds->memory && i < cmds->memory_count && cmds->memory[i].va; i++)
		dma_free_coherent(dev, PAGE_SIZE, cmds->memory[i].va, cmds->memory[i].addr);
	vfree(cmds->memory);
	vfree(cmds->cmd);
	memset(cmds, 0, sizeof(*cmds));
}

struct pvs_cmd *pvs_cmds_by_context(struct pvs_cmds *cmds, u64 context)
{
	struct pvs_cmd *cmd = pvs_cmds_by_tag(cmds, context & PVS_CMD_TAG_MASK);

	/* All of it: the upper half of our contexts is 0. */
	return cmd && READ_ONCE(cmd->context) == context ? cmd : NULL;
}

u32 pvs_cmds_new_context(const struct pvs_cmds *cmds, const struct pvs_cmd *cmd)
{
	u32 tag = cmd - cmds->cmd;
	u32 generation = (cmd->context >> PVS_CMD_TAG_BITS) + 1;

	BUILD_BUG_ON(PVSCSI_MAX_RING_PAGES * PVSCSI_REQS_PER_PAGE > PVS_CMD_TAG_MASK + 1);
	/* Generation 0 would give tag 0 the context 0, which is to stay unused. */
	if (!(generation << PVS_CMD_TAG_BITS))
		generation = 1;
	return generation << PVS_CMD_TAG_BITS | tag;
}

int pvs_cmd_map(struct pvs_cmd *cmd, struct scsi_cmnd *scmd, struct pvscsi_request *req)
{
	struct scatterlist *segment;
	struct pvs_sg sg;
	int count, i;

	pvs_sg_init(&sg, cmd->table);
	count = scsi_dma_map(scmd);
	if (count < 0)
		return -EBUSY;
	scsi_for_each_sg(scmd, segment, count, i) {
		if (pvs_sg_add(&sg, sg_dma_address(segment), sg_dma_len(segment)))
			goto unmap;
	}
	pvs_sg_describe(&sg, cmd->table_addr, req);
	return 0;

unmap:
	scsi_dma_unmap(scmd);
	return -EINVAL;
}
