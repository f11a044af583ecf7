// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio-user, as specified in QEMU's documentation. Messages are answered in the order of their
 * arrival.
 */

#include <err.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "vfu.h"

#define VFU_MAX_MESSAGE		65536
#define VFU_MAX_FDS		VFU_MAX_VECTORS

enum vfu_command {
	VFU_VERSION		= 1,
	VFU_DMA_MAP		= 2,
	VFU_DMA_UNMAP		= 3,
	VFU_GET_INFO		= 4,
	VFU_GET_REGION_INFO	= 5,
	VFU_GET_IRQ_INFO	= 7,
	VFU_SET_IRQS		= 8,
	VFU_REGION_READ		= 9,
	VFU_REGION_WRITE	= 10,
	VFU_RESET		= 13,
};

#define VFU_FLAG_REPLY		0x01
#define VFU_FLAG_NO_REPLY	0x10
#define VFU_FLAG_ERROR		0x20

struct vfu_header {
	u16 id;
	u16 command;
	u32 size;
	u32 flags;
	u32 error;
};

struct vfu_version {
	u16 major;
	u16 minor;
	char data[256];
};

struct vfu_dma {
	u32 argsz;
	u32 flags;
	u64 offset;
	u64 addr;
	u64 size;
};

struct vfu_unmap {
	u32 argsz;
	u32 flags;
	u64 addr;
	u64 size;
};

struct vfu_region_io {
	u64 offset;
	u32 region;
	u32 count;
	u8 data[4096];
};

/* A message and its reply. The reply is built in place, because most replies echo their request. */
struct vfu_message {
	struct vfu_header header;
	union {
		struct vfu_version version;
		struct vfu_dma dma;
		struct vfu_unmap unmap;
		struct vfio_device_info info;
		struct vfio_region_info region;
		struct vfio_irq_info irq;
		struct vfio_irq_set irq_set;
		struct vfu_region_io io;
		u8 bytes[VFU_MAX_MESSAGE];
	};
	u32 len;		/* of the payload */
	int fd[VFU_MAX_FDS];
	u32 fds;
};

static void vfu_close_irqs(struct vfu *vfu, u32 index, u32 start, u32 count)
{
	u32 i;

	for (i = start; i < start + count && i < VFU_MAX_VECTORS; i++) {
		if (vfu->irq[index][i] >= 0)
			close(vfu->irq[index][i]);
		vfu->irq[index][i] = -1;
	}
}

void vfu_listen(struct vfu *vfu, const char *path, const struct vfu_ops *ops, void *device)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	memset(vfu, 0, sizeof(*vfu));
	memset(vfu->irq, 0xff, sizeof(vfu->irq));
	vfu->ops = ops;
	vfu->device = device;
	vfu->socket = -1;
	if (strlen(path) >= sizeof(addr.sun_path))
		errx(1, "%s: the path of a socket is shorter than %zu", path,
		     sizeof(addr.sun_path));
	strcpy(addr.sun_path, path);
	unlink(path);
	vfu->listener = socket(AF_UNIX, SOCK_STREAM, 0);
	if (vfu->listener < 0 || bind(vfu->listener, (void *)&addr, sizeof(addr)) ||
	    listen(vfu->listener, 1))
		err(1, "%s", path);
}

void vfu_accept(struct vfu *vfu)
{
	vfu->socket = accept(vfu->listener, NULL, NULL);
	if (vfu->socket < 0)
		err(1, "accept");
}

void vfu_disconnect(struct vfu *vfu)
{
	u32 i;

	close(vfu->socket);
	for (i = 0; i < VFIO_PCI_NUM_IRQS; i++)
		vfu_close_irqs(vfu, i, 0, VFU_MAX_VECTORS);
	while (vfu->maps) {
		struct vfu_map *map = &vfu->map[--vfu->maps];

		if (map->va)
			munmap(map->va, map->size);
	}
}

void *vfu_memory(const struct vfu *vfu, u64 addr, u64 len)
{
	u32 i;

	for (i = 0; i < vfu->maps; i++) {
		const struct vfu_map *map = &vfu->map[i];

		if (map->va && addr >= map->addr && len <= map->size &&
		    addr - map->addr <= map->size - len)
			return map->va + (addr - map->addr);
	}
	return NULL;
}

bool vfu_irq_enabled(const struct vfu *vfu, u32 index)
{
	return vfu->irq[index][0] >= 0;
}

bool vfu_raise(struct vfu *vfu, u32 index, u32 vector)
{
	int fd = vfu->irq[index][vector];

	if (fd < 0 || (index == VFIO_PCI_INTX_IRQ_INDEX && vfu->intx_masked))
		return false;
	/* INTx masks itself until the client unmasks it. */
	vfu->intx_masked = index == VFIO_PCI_INTX_IRQ_INDEX;
	return !eventfd_write(fd, 1);
}

/* Messages */

static bool vfu_read_all(int fd, void *data, size_t len)
{
	while (len) {
		ssize_t got = read(fd, data, len);

		if (got <= 0)
			return false;
		data = (u8 *)data + got;
		len -= got;
	}
	return true;
}

static void vfu_take_fds(struct vfu_message *message, struct msghdr *hdr)
{
	struct cmsghdr *cmsg;

	for (cmsg = CMSG_FIRSTHDR(hdr); cmsg; cmsg = CMSG_NXTHDR(hdr, cmsg)) {
		if (cmsg->cmsg_level != SOL_SOCKET || cmsg->cmsg_type != SCM_RIGHTS)
			continue;
		message->fds = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(message->fd, CMSG_DATA(cmsg), message->fds * sizeof(int));
	}
}

static bool vfu_receive(struct vfu *vfu, struct vfu_message *message)
{
	struct vfu_header *header = &message->header;
	char control[CMSG_SPACE(VFU_MAX_FDS * sizeof(int))];
	struct iovec iov = { header, sizeof(*header) };
	struct msghdr hdr = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};

	message->fds = 0;
	if (recvmsg(vfu->socket, &hdr, MSG_WAITALL) != sizeof(*header))
		return false;
	vfu_take_fds(message, &hdr);
	if (header->size < sizeof(*header) || header->size - sizeof(*header) > VFU_MAX_MESSAGE) {
		warnx("a message of %u bytes", header->size);
		return false;
	}
	message->len = header->size - sizeof(*header);
	/* The fields that a short message omits read as 0. */
	memset(message->bytes, 0, sizeof(struct vfu_region_io));
	return vfu_read_all(vfu->socket, message->bytes, message->len);
}

static bool vfu_reply(struct vfu *vfu, struct vfu_message *message, int error)
{
	struct vfu_header *header = &message->header;

	if (header->flags & VFU_FLAG_NO_REPLY)
		return true;
	header->flags = VFU_FLAG_REPLY | (error ? VFU_FLAG_ERROR : 0);
	header->error = error;
	header->size = sizeof(*header) + (error ? 0 : message->len);
	/* Header and payload are contiguous. */
	return send(vfu->socket, header, header->size, MSG_NOSIGNAL) == (ssize_t)header->size;
}

/* The commands. Each returns an errno, and leaves the payload of the reply and its length. */

static int vfu_do_version(struct vfu_message *message)
{
	struct vfu_version *version = &message->version;

	if (version->major)
		return ENOTSUP;
	version->minor = 0;
	strcpy(version->data, "{\"capabilities\":{\"max_msg_fds\":8,\"max_data_xfer_size\":4096}}");
	message->len = offsetof(struct vfu_version, data) + strlen(version->data) + 1;
	return 0;
}

static int vfu_do_map(struct vfu *vfu, struct vfu_message *message)
{
	struct vfu_map *map = &vfu->map[vfu->maps];
	const struct vfu_dma *dma = &message->dma;

	if (vfu->maps == VFU_MAX_MAPS)
		return ENOSPC;
	*map = (struct vfu_map){ .addr = dma->addr, .size = dma->size };
	if (message->fds) {
		map->va = mmap(NULL, dma->size, PROT_READ | PROT_WRITE, MAP_SHARED, message->fd[0],
			       dma->offset);
		close(message->fd[0]);
		if (map->va == MAP_FAILED)
			return errno;
	}
	vfu->maps++;
	message->len = 0;
	return 0;
}

static int vfu_do_unmap(struct vfu *vfu, const struct vfu_message *message)
{
	const struct vfu_unmap *unmap = &message->unmap;
	u32 i;

	for (i = 0; i < vfu->maps; i++) {
		struct vfu_map *map = &vfu->map[i];

		if (map->addr != unmap->addr || map->size != unmap->size)
			continue;
		if (map->va)
			munmap(map->va, map->size);
		*map = vfu->map[--vfu->maps];
		return 0;
	}
	return ENOENT;
}

static int vfu_do_info(struct vfu_message *message)
{
	message->info = (struct vfio_device_info){
		.argsz = sizeof(message->info),
		.flags = VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET,
		.num_regions = VFIO_PCI_NUM_REGIONS,
		.num_irqs = VFIO_PCI_NUM_IRQS,
	};
	message->len = 16;	/* without cap_offset, which the protocol lacks */
	return 0;
}

static int vfu_do_region_info(struct vfu *vfu, struct vfu_message *message)
{
	u32 index = message->region.index;

	if (index >= VFIO_PCI_NUM_REGIONS)
		return EINVAL;
	message->region = (struct vfio_region_info){
		.argsz = sizeof(message->region),
		.flags = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE,
		.index = index,
		.size = vfu->ops->region_size[index],
	};
	message->len = sizeof(message->region);
	return 0;
}

static int vfu_do_irq_info(struct vfu *vfu, struct vfu_message *message)
{
	u32 index = message->irq.index;

	if (index >= VFIO_PCI_NUM_IRQS)
		return EINVAL;
	message->irq = (struct vfio_irq_info){
		.argsz = sizeof(message->irq),
		.flags = VFIO_IRQ_INFO_EVENTFD |
			 (index == VFIO_PCI_INTX_IRQ_INDEX ?
			  VFIO_IRQ_INFO_MASKABLE | VFIO_IRQ_INFO_AUTOMASKED : 0),
		.index = index,
		.count = vfu->ops->irq_count[index],
	};
	message->len = sizeof(message->irq);
	return 0;
}

static void vfu_unmask(struct vfu *vfu)
{
	vfu->intx_masked = false;
	vfu->ops->unmasked(vfu->device);
}

static int vfu_do_set_irqs(struct vfu *vfu, struct vfu_message *message)
{
	const struct vfio_irq_set *set = &message->irq_set;
	u32 i, count = set->count, start = set->start;

	message->len = 0;
	if (set->index >= VFIO_PCI_NUM_IRQS || start > VFU_MAX_VECTORS ||
	    count > VFU_MAX_VECTORS - start || message->fds > count)
		return EINVAL;
	if (set->flags & VFIO_IRQ_SET_ACTION_TRIGGER) {
		/* DATA_NONE with a count of 0 disables all interrupts of this kind. */
		if (set->flags & VFIO_IRQ_SET_DATA_NONE && !count)
			vfu_close_irqs(vfu, set->index, 0, VFU_MAX_VECTORS);
		else if (set->flags & VFIO_IRQ_SET_DATA_EVENTFD)
			vfu_close_irqs(vfu, set->index, start, count);
		for (i = 0; i < message->fds; i++)
			vfu->irq[set->index][start + i] = message->fd[i];
		if (set->index == VFIO_PCI_INTX_IRQ_INDEX)
			vfu_unmask(vfu);
		return 0;
	}
	for (i = 0; i < message->fds; i++)
		close(message->fd[i]);
	if (set->index != VFIO_PCI_INTX_IRQ_INDEX || message->fds)
		return 0;
	if (set->flags & VFIO_IRQ_SET_ACTION_MASK)
		vfu->intx_masked = true;
	if (set->flags & VFIO_IRQ_SET_ACTION_UNMASK)
		vfu_unmask(vfu);
	return 0;
}

static int vfu_do_region_io(struct vfu *vfu, struct vfu_message *message)
{
	struct vfu_region_io *io = &message->io;
	bool reads = message->header.command == VFU_REGION_READ;
	u64 size;

	if (io->region >= VFIO_PCI_NUM_REGIONS || io->count > sizeof(io->data))
		return EINVAL;
	size = vfu->ops->region_size[io->region];
	if (io->offset > size || io->count > size - io->offset)
		return EINVAL;
	message->len = offsetof(struct vfu_region_io, data) + (reads ? io->count : 0);
	if (reads)
		vfu->ops->read(vfu->device, io->region, io->offset, io->data, io->count);
	else
		vfu->ops->write(vfu->device, io->region, io->offset, io->data, io->count);
	return 0;
}

static int vfu_do(struct vfu *vfu, struct vfu_message *message)
{
	switch (message->header.command) {
	case VFU_VERSION:
		return vfu_do_version(message);
	case VFU_DMA_MAP:
		return vfu_do_map(vfu, message);
	case VFU_DMA_UNMAP:
		return vfu_do_unmap(vfu, message);
	case VFU_GET_INFO:
		return vfu_do_info(message);
	case VFU_GET_REGION_INFO:
		return vfu_do_region_info(vfu, message);
	case VFU_GET_IRQ_INFO:
		return vfu_do_irq_info(vfu, message);
	case VFU_SET_IRQS:
		return vfu_do_set_irqs(vfu, message);
	case VFU_REGION_READ:
	case VFU_REGION_WRITE:
		return vfu_do_region_io(vfu, message);
	case VFU_RESET:
		vfu->ops->reset(vfu->device);
		return 0;
	default:
		return ENOTSUP;
	}
}

bool vfu_handle(struct vfu *vfu)
{
	static struct vfu_message message;
	int error;

	if (!vfu_receive(vfu, &message))
		return false;
	error = vfu_do(vfu, &message);
	if (error)
		warnx("vfio-user command %u: %s", message.header.command, strerror(error));
	return vfu_reply(vfu, &message, error);
}
