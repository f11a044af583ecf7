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

static inline int pvs_short_map_sg(struct device *dev, struct scatterlist *list, int count,
				   enum dma_data_direction direction, unsigned long attrs)
{
	if (atomic_inc_return(&pvs_short_maps) % 7)
		return dma_map_sg_attrs(dev, list, count, direction, attrs);
	return 0;
}

static inline dma_addr_t pvs_short_map_page(struct device *dev, struct page *page, size_t offset,
					    size_t size, enum dma_data_direction direction,
					    unsigned long attrs)
{
	if (atomic_inc_return(&pvs_short_maps) % 7)
		return dma_map_page_attrs(dev, page, offset, size, direction, attrs);
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
#define dma_map_page_attrs pvs_short_map_page
#define dma_map_sg_attrs pvs_short_map_sg
#define dma_pool_alloc pvs_short_pool_alloc

#endif
