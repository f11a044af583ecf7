/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The server's side of the vfio-user protocol (version 0.0): a PCI device in this
 * process, its client a hypervisor at the other end of a socket. One device, one
 * client, one thread; x86, so that little-endian is the machine's own.
 */
#ifndef DEVICE_VFU_H
#define DEVICE_VFU_H

#include "base.h"
#include <linux/vfio.h>
#include <sys/types.h>

/* A guest's memory has no more pieces than this, or the device gives up. */
#define VFU_MAX_MAPS		256
#define VFU_MAX_VECTORS		32

struct vfu_map {
	u64 addr;
	u64 size;
	u8 *va;			/* NULL: memory that is not shared */
};

struct vfu;

/* What the device behind it does. len is never beyond the region. */
struct vfu_ops {
	u64 region_size[VFIO_PCI_NUM_REGIONS];
	u32 irq_count[VFIO_PCI_NUM_IRQS];
	void (*read)(void *device, u32 region, u64 offset, void *data, u32 len);
	void (*write)(void *device, u32 region, u64 offset, const void *data, u32 len);
	void (*reset)(void *device);
	/* The client is ready for another INTx interrupt. */
	void (*unmasked)(void *device);
};

struct vfu {
	int listener;
	int socket;
	const struct vfu_ops *ops;
	void *device;
	struct vfu_map map[VFU_MAX_MAPS];
	u32 maps;
	int irq[VFIO_PCI_NUM_IRQS][VFU_MAX_VECTORS];	/* eventfd, or -1 */
	bool intx_masked;
};

/* Both end the program with a message if they fail; accept waits for the client. */
void vfu_listen(struct vfu *vfu, const char *path, const struct vfu_ops *ops, void *device);
void vfu_accept(struct vfu *vfu);

/* Handle one message. Returns false when the client is gone. */
bool vfu_handle(struct vfu *vfu);

/* Guest memory, or NULL if it is not all there in one piece. */
void *vfu_memory(const struct vfu *vfu, u64 addr, u64 len);

/* Raise an interrupt; false if the client has not asked for it. */
bool vfu_raise(struct vfu *vfu, u32 index, u32 vector);
/* Is this kind of interrupt in use? */
bool vfu_irq_enabled(const struct vfu *vfu, u32 index);

/* Forget the client, its memory and its interrupts; vfu_accept() may follow. */
void vfu_disconnect(struct vfu *vfu);

#endif
