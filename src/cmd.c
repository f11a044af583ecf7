// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands: their memory and contexts, and the mapping of their data. Created and
 * destroyed in process context; the other functions run in any context. A command
 * needs no lock, since the midlayer gives its tag to one user at a time. Only the
 * list of pages has one.
 */

#include <linux/numa.h>
#include <linux/vmalloc.h>
#include "cmd.h"
#include "compat.h"
#include "sg.h"

/* Powers of two, so that no object crosses a page. Sense data is SCSI_SENSE_BUFFERSIZE long. */
#define PVS_CMD_SENSE_STRIDE	128
#define PVS_CMD_TABLE_STRIDE	512

/* Enough for 128 KiB if every page is a separate segment. */
#define PVS_CMD_FEW_SEGMENTS	(PVS_CMD_TABLE_STRIDE / sizeof(struct pvscsi_segment))

/* One page of segments is preallocated per this many commands. */
#define PVS_CMD_PER_PAGE	32

/* Pages for many segments */

/* Borrow a page. Returns false without memory; the borrowed pages come back in time. */
static bool pvs_cmd_pages_get(struct pvs_cmd_pages *pages, struct pvs_cmd_memory *page)
{
	unsigned long flags;
	bool found;

	spin_lock_irqsave(&pages->lock, flags);
	found = pages->free_count;
	if (found)
		*page = pages->free[--pages->free_count];
	spin_unlock_irqrestore(&pages->lock, flags);
	if (found)
		return true;
	page->va = dma_pool_alloc(pages->pool, GFP_ATOMIC | __GFP_NOWARN, &page->addr);
	return page->va;
}

static void pvs_cmd_pages_put(struct pvs_cmd_pages *pages, struct pvs_cmd_memory *page)
{
	unsigned long flags;

	spin_lock_irqsave(&pages->lock, flags);
	/* The array cannot overflow: a command borrows at most one page. */
	pages->free[pages->free_count++] = *page;
	spin_unlock_irqrestore(&pages->lock, flags);
	page->va = NULL;
}

static void pvs_cmd_pages_destroy(struct pvs_cmd_pages *pages)
{
	while (pages->free_count) {
		struct pvs_cmd_memory *page = &pages->free[--pages->free_count];

		dma_pool_free(pages->pool, page->va, page->addr);
	}
	dma_pool_destroy(pages->pool);
	vfree(pages->free);
}

static int pvs_cmd_pages_create(struct pvs_cmd_pages *pages, struct device *dev, u32 count)
{
	u32 reserve = DIV_ROUND_UP(count, PVS_CMD_PER_PAGE);

	spin_lock_init(&pages->lock);
	pages->free = vzalloc_node(count * sizeof(*pages->free), dev_to_node(dev));
	if (!pages->free)
		return -ENOMEM;
	pages->pool = dma_pool_create("pvscsi_segments", dev, PVSCSI_PAGE_SIZE, PVSCSI_PAGE_SIZE,
				      0);
	if (!pages->pool)
		return -ENOMEM;
	while (pages->free_count < reserve) {
		struct pvs_cmd_memory *page = &pages->free[pages->free_count];

		page->va = dma_pool_alloc(pages->pool, GFP_KERNEL, &page->addr);
		if (!page->va)
			return -ENOMEM;
		pages->free_count++;
	}
	return 0;
}

/* Commands */

static u32 pvs_cmds_memory_pages(u32 count, u32 size)
{
	return DIV_ROUND_UP(count, PAGE_SIZE / size);
}

/* The address of object i, of the given size, in the memory that starts at page first. */
static struct pvs_cmd_memory pvs_cmds_place(const struct pvs_cmds *cmds, u32 first, u32 i,
					    u32 size)
{
	u32 per_page = PAGE_SIZE / size;
	const struct pvs_cmd_memory *memory = &cmds->memory[first + i / per_page];
	u32 offset = i % per_page * size;

	return (struct pvs_cmd_memory){ .va = memory->va + offset, .addr = memory->addr + offset };
}

int pvs_cmds_create(struct pvs_cmds *cmds, struct device *dev, u32 count)
{
	u32 table_pages = pvs_cmds_memory_pages(count, PVS_CMD_TABLE_STRIDE);
	u32 i;

	BUILD_BUG_ON(PVS_CMD_SENSE_STRIDE < SCSI_SENSE_BUFFERSIZE);
	BUILD_BUG_ON(PVSCSI_MAX_RING_PAGES * PVSCSI_REQS_PER_PAGE > PVS_CMD_TAG_MASK + 1);
	cmds->dev = dev;
	cmds->count = count;
	cmds->memory_count = table_pages + pvs_cmds_memory_pages(count, PVS_CMD_SENSE_STRIDE);
	cmds->cmd = vzalloc_node(count * sizeof(*cmds->cmd), dev_to_node(dev));
	cmds->memory = vzalloc_node(cmds->memory_count * sizeof(*cmds->memory), dev_to_node(dev));
	if (!cmds->cmd || !cmds->memory || pvs_cmd_pages_create(&cmds->pages, dev, count))
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
		cmd->table = pvs_cmds_place(cmds, 0, i, PVS_CMD_TABLE_STRIDE);
		cmd->sense = pvs_cmds_place(cmds, table_pages, i, PVS_CMD_SENSE_STRIDE);
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
	pvs_cmd_pages_destroy(&cmds->pages);
	vfree(cmds->memory);
	vfree(cmds->cmd);
	memset(cmds, 0, sizeof(*cmds));
}

/* The next entry of a list that does not end here. sg_next() also looks for its end, in a call. */
static struct scatterlist *pvs_cmd_next_segment(struct scatterlist *segment)
{
	segment++;
	return unlikely(sg_is_chain(segment)) ? sg_chain_ptr(segment) : segment;
}

/* Write the mapped segments to the command's table, or to a page if the table is too small. */
static int pvs_cmd_list(struct pvs_cmds *cmds, struct pvs_cmd *cmd, struct scsi_cmnd *scmd,
			int count)
{
	const struct pvs_cmd_memory *table = &cmd->table;
	u32 room = PVS_CMD_FEW_SEGMENTS;
	struct scatterlist *segment = scsi_sglist(scmd);
	struct pvs_sg sg;

	if (count > PVSCSI_MAX_SEGMENTS)
		return -EINVAL;
	if (count > room) {
		if (!pvs_cmd_pages_get(&cmds->pages, &cmd->page))
			return -EBUSY;
		table = &cmd->page;
		room = PVSCSI_MAX_SEGMENTS;
	}
	pvs_sg_init(&sg, table->va, room);
	for (;;) {
		if (pvs_sg_add(&sg, sg_dma_address(segment), sg_dma_len(segment)))
			return -EINVAL;
		if (!--count)
			break;
		segment = pvs_cmd_next_segment(segment);
	}
	pvs_sg_refer_table(&cmd->data, &sg, table->addr);
	return 0;
}

/* Most commands have one segment, for which a list costs more than its mapping. */
static int pvs_cmd_map_one(struct pvs_cmds *cmds, struct pvs_cmd *cmd, struct scsi_cmnd *scmd)
{
	struct scatterlist *segment = scsi_sglist(scmd);
	dma_addr_t addr = pvs_compat_map_page(cmds->dev, scmd, segment);

	if (dma_mapping_error(cmds->dev, addr))
		return -EBUSY;
	pvs_sg_refer_direct(&cmd->data, addr, segment->length);
	return 0;
}

static int pvs_cmd_map_list(struct pvs_cmds *cmds, struct pvs_cmd *cmd, struct scsi_cmnd *scmd)
{
	const struct scatterlist *first = scsi_sglist(scmd);
	int count = pvs_compat_map_list(cmds->dev, scmd);
	int ret;

	if (count <= 0)
		return -EBUSY;
	/* An IOMMU may have made one segment of all. */
	if (count == 1) {
		pvs_sg_refer_direct(&cmd->data, sg_dma_address(first), sg_dma_len(first));
		return 0;
	}
	ret = pvs_cmd_list(cmds, cmd, scmd, count);
	if (ret)
		pvs_cmd_unmap(cmds, cmd, scmd);
	return ret;
}

int pvs_cmd_map(struct pvs_cmds *cmds, struct pvs_cmd *cmd, struct scsi_cmnd *scmd)
{
	switch (scsi_sg_count(scmd)) {
	case 0:
		pvs_sg_refer_direct(&cmd->data, 0, 0);
		return 0;
	case 1:
		return pvs_cmd_map_one(cmds, cmd, scmd);
	default:
		return pvs_cmd_map_list(cmds, cmd, scmd);
	}
}

/* (A function, because most machines need no unmapping: their devices see memory as it is.) */
static noinline void pvs_cmd_unmap_data(struct pvs_cmds *cmds, const struct pvs_cmd *cmd,
					struct scsi_cmnd *scmd)
{
	if (scsi_sg_count(scmd) == 1)
		dma_unmap_page(cmds->dev, cmd->data.addr, scsi_sglist(scmd)->length,
			       scmd->sc_data_direction);
	else
		scsi_dma_unmap(scmd);
}

void pvs_cmd_unmap(struct pvs_cmds *cmds, struct pvs_cmd *cmd, struct scsi_cmnd *scmd)
{
	if (pvs_compat_needs_unmap(cmds->dev))
		pvs_cmd_unmap_data(cmds, cmd, scmd);
	if (cmd->page.va)
		pvs_cmd_pages_put(&cmds->pages, &cmd->page);
}
