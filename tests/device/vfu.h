/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The server side of the vfio-user protocol (version 0.0): a PCI device in this process, whose
 * client is a hypervisor at the other end of a socket. There is one device, one client and one
 * thread. It requires a little-endian machine (x86), whose byte order the protocol has.
 */
#ifndef DEVICE_VFU_H
#define DEVICE_VFU_H

#include "base.h"
#include <linux/vfio.h>
#include <sys/types.h>

/* The maximum number of pieces of guest memory; more of them are an error. */
#define VFU_MAX_MAPS		256
#define VFU_MAX_VECTORS		32

struct vfu_map {
	u64 addr;
	u64 size;
	u8 *va;			/* NULL: memory that is not shared */
};

struct vfu;

/* The device's functions. offset and len are always within the region. */
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

/* Both end the program with a message on failure. vfu_accept() waits for the client. */
void vfu_listen(struct vfu *vfu, const char *path, const struct vfu_ops *ops, void *device);
void vfu_accept(struct vfu *vfu);

/* Handle one message. Returns false when the client is gone. */
bool vfu_handle(struct vfu *vfu);

/* Guest memory; NULL if it is not completely mapped in one piece. */
void *vfu_memory(const struct vfu *vfu, u64 addr, u64 len);

/* Raise an interrupt. Returns false if the client has not enabled it, or has masked it. */
bool vfu_raise(struct vfu *vfu, u32 index, u32 vector);
/* Is this kind of interrupt in use? */
bool vfu_irq_enabled(const struct vfu *vfu, u32 index);

/* Disconnect the client, and drop its memory and interrupts; vfu_accept() may follow. */
void vfu_disconnect(struct vfu *vfu);

#endif
