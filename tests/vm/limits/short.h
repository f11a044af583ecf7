/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Included before cmd.c in a test build: every seventh mapping of data fails, and every third
 * allocation of a page for many segments.
 */
#ifndef PVS_SHORT_H
#define PVS_SHORT_H

#include <linux/atomic.h>
#include <linux/dma-mapping.h>
#include <linux/dmapool.h>
#include <scsi/scsi_cmnd.h>

static atomic_t pvs_short_maps = ATOMIC_INIT(0);
static atomic_t pvs_short_pages = ATOMIC_INIT(0);

static inline int pvs_short_dma_map(struct scsi_cmnd *scmd)
{
	return atomic_inc_return(&pvs_short_maps) % 7 ? scsi_dma_map(scmd) : -ENOMEM;
}

static inline dma_addr_t pvs_short_map_page(struct device *dev, struct page *page, size_t offset,
					    size_t size, enum dma_data_direction direction)
{
	if (atomic_inc_return(&pvs_short_maps) % 7)
		return dma_map_page(dev, page, offset, size, direction);
	return DMA_MAPPING_ERROR;
}

static inline void *pvs_short_pool_alloc(struct dma_pool *pool, gfp_t flags, dma_addr_t *addr)
{
	/* The pages in reserve are allocated here, too, but with permission to sleep. */
	if (flags & __GFP_DIRECT_RECLAIM || atomic_inc_return(&pvs_short_pages) % 3)
		return dma_pool_alloc(pool, flags, addr);
	return NULL;
}

#undef dma_pool_alloc
#undef dma_map_page
#define dma_map_page pvs_short_map_page
#define scsi_dma_map pvs_short_dma_map
#define dma_pool_alloc pvs_short_pool_alloc

#endif
