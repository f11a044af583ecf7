/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The device interface: registers, commands and structures in shared memory.
 * All multi-byte fields are little-endian. A device page is always 4096 bytes,
 * whatever PAGE_SIZE is. The device defines all of this; the driver cannot
 * change it.
 */
#ifndef PVS_ABI_H
#define PVS_ABI_H

#include <linux/bitops.h>
#include <linux/stddef.h>
#include <linux/types.h>

#define PVSCSI_PCI_VENDOR		0x15ad
#define PVSCSI_PCI_DEVICE		0x07c0

#define PVSCSI_PAGE_SHIFT		12
#define PVSCSI_PAGE_SIZE		(1u << PVSCSI_PAGE_SHIFT)

/* The memory BAR that holds the registers is at least this large. */
#define PVSCSI_REG_SPACE		0x8000

#define PVSCSI_REG_COMMAND		0x0000
#define PVSCSI_REG_COMMAND_DATA		0x0004
#define PVSCSI_REG_COMMAND_STATUS	0x0008
#define PVSCSI_REG_INTR_STATUS		0x100c
#define PVSCSI_REG_INTR_MASK		0x2010
#define PVSCSI_REG_KICK_NON_RW_IO	0x3014
#define PVSCSI_REG_KICK_RW_IO		0x4018

#define PVSCSI_STATUS_OK		0x00000000u
#define PVSCSI_STATUS_MORE_WORDS	0xfffffffeu
#define PVSCSI_STATUS_FAILED		0xffffffffu

#define PVSCSI_INTR_CMPL_0		BIT(0)
#define PVSCSI_INTR_CMPL_1		BIT(1)
#define PVSCSI_INTR_MSG_0		BIT(2)
#define PVSCSI_INTR_MSG_1		BIT(3)
#define PVSCSI_INTR_ALL			0x0fu

enum pvscsi_command {
	PVSCSI_CMD_ADAPTER_RESET	= 1,
	PVSCSI_CMD_SETUP_RINGS		= 3,
	PVSCSI_CMD_RESET_BUS		= 4,
	PVSCSI_CMD_RESET_DEVICE		= 5,
	PVSCSI_CMD_ABORT_CMD		= 6,
	PVSCSI_CMD_CONFIG		= 7,
	PVSCSI_CMD_SETUP_MSG_RING	= 8,
	PVSCSI_CMD_SETUP_REQCALLTHRESHOLD = 10,
	PVSCSI_CMD_GET_MAX_TARGETS	= 11,
};

#define PVSCSI_MAX_RING_PAGES		32
#define PVSCSI_MAX_MSG_RING_PAGES	16
#define PVSCSI_MAX_TARGETS		256

struct pvscsi_cmd_setup_rings {
	__le32 req_pages;
	__le32 cmp_pages;
	__le64 state_ppn;
	__le64 req_ppns[PVSCSI_MAX_RING_PAGES];
	__le64 cmp_ppns[PVSCSI_MAX_RING_PAGES];
};
_Static_assert(sizeof(struct pvscsi_cmd_setup_rings) == 528, "SETUP_RINGS");

struct pvscsi_cmd_reset_device {
	__le32 target;
	u8 lun[8];
};
_Static_assert(sizeof(struct pvscsi_cmd_reset_device) == 12, "RESET_DEVICE");

struct pvscsi_cmd_abort {
	__le64 context;
	__le32 target;
	__le32 pad;
};
_Static_assert(sizeof(struct pvscsi_cmd_abort) == 16, "ABORT_CMD");

struct pvscsi_cmd_config {
	__le64 addr;		/* page that receives the answer */
	__le64 selector;	/* PVSCSI_CONFIG_SELECTOR_... << 32, and which one */
	__le32 page_number;
	__le32 pad;
};
_Static_assert(sizeof(struct pvscsi_cmd_config) == 24, "CONFIG");

struct pvscsi_cmd_setup_msg_ring {
	__le32 pages;
	__le32 pad;
	__le64 ppns[PVSCSI_MAX_MSG_RING_PAGES];
};
_Static_assert(sizeof(struct pvscsi_cmd_setup_msg_ring) == 136, "SETUP_MSG_RING");

struct pvscsi_cmd_setup_reqcall {
	__le32 enable;
};
_Static_assert(sizeof(struct pvscsi_cmd_setup_reqcall) == 4, "SETUP_REQCALLTHRESHOLD");

struct pvscsi_rings_state {
	__le32 req_prod;
	__le32 req_cons;
	__le32 req_log2;
	__le32 cmp_prod;
	__le32 cmp_cons;
	__le32 cmp_log2;
	__le32 req_call_threshold;
	u8 pad[100];
	__le32 msg_prod;
	__le32 msg_cons;
	__le32 msg_log2;
};
_Static_assert(offsetof(struct pvscsi_rings_state, msg_prod) == 128, "rings state");

#define PVSCSI_REQ_FLAG_SG_LIST		BIT(0)
#define PVSCSI_REQ_FLAG_NO_DATA		BIT(2)
#define PVSCSI_REQ_FLAG_TO_MEMORY	BIT(3)
#define PVSCSI_REQ_FLAG_TO_DEVICE	BIT(4)

#define PVSCSI_TAG_SIMPLE		0x20
#define PVSCSI_MAX_CDB			16

struct pvscsi_request {
	__le64 context;
	__le64 data_addr;
	__le64 data_len;
	__le64 sense_addr;
	__le32 sense_len;
	__le32 flags;
	u8 cdb[PVSCSI_MAX_CDB];
	u8 cdb_len;
	u8 lun[8];
	u8 tag;
	u8 bus;
	u8 target;
	__le16 vcpu_hint;
	u8 zero[2];
	u8 unused[56];
};
_Static_assert(sizeof(struct pvscsi_request) == 128, "request");
_Static_assert(offsetof(struct pvscsi_request, vcpu_hint) == 68, "request");
/* Bytes of a request that are in use, a multiple of 8. The rest must be 0. */
#define PVSCSI_REQ_USED		offsetof(struct pvscsi_request, unused)
_Static_assert(PVSCSI_REQ_USED % sizeof(u64) == 0, "request");

/* host_status comes from the adapter, scsi_status from the target. */
enum pvscsi_host_status {
	PVSCSI_HOST_SUCCESS		= 0x00,
	PVSCSI_HOST_LINKED		= 0x0a,
	PVSCSI_HOST_LINKED_FLAG		= 0x0b,
	PVSCSI_HOST_DATA_UNDERRUN	= 0x0c,
	PVSCSI_HOST_SELECTION_TIMEOUT	= 0x11,
	PVSCSI_HOST_DATA_RUN		= 0x12,
	PVSCSI_HOST_BUS_FREE		= 0x13,
	PVSCSI_HOST_INVALID_PHASE	= 0x14,
	PVSCSI_HOST_INVALID_CODE	= 0x15,
	PVSCSI_HOST_INVALID_OPCODE	= 0x16,
	PVSCSI_HOST_LUN_MISMATCH	= 0x17,
	PVSCSI_HOST_INVALID_PARAM	= 0x1a,
	PVSCSI_HOST_SENSE_FAILED	= 0x1b,
	PVSCSI_HOST_TAG_REJECT		= 0x1c,
	PVSCSI_HOST_BAD_MESSAGE		= 0x1d,
	PVSCSI_HOST_ADAPTER_HARDWARE	= 0x20,
	PVSCSI_HOST_NO_RESPONSE		= 0x21,
	PVSCSI_HOST_SENT_RESET		= 0x22,
	PVSCSI_HOST_RECEIVED_RESET	= 0x23,
	PVSCSI_HOST_DISCONNECT		= 0x24,
	PVSCSI_HOST_BUS_RESET		= 0x25,
	PVSCSI_HOST_ABORT_QUEUE		= 0x26,
	PVSCSI_HOST_ADAPTER_SOFTWARE	= 0x27,
	PVSCSI_HOST_ADAPTER_TIMEOUT	= 0x30,
	PVSCSI_HOST_PARITY		= 0x34,
};

struct pvscsi_completion {
	__le64 context;
	__le64 data_len;
	__le32 sense_len;
	__le16 host_status;
	__le16 scsi_status;
	__le32 pad[2];
};
_Static_assert(sizeof(struct pvscsi_completion) == 32, "completion");

enum pvscsi_message_type {
	PVSCSI_MSG_DEVICE_ADDED		= 0,
	PVSCSI_MSG_DEVICE_REMOVED	= 1,
};

struct pvscsi_message {
	__le32 type;
	__le32 bus;
	__le32 target;
	u8 lun[8];
	u8 pad[108];
};
_Static_assert(sizeof(struct pvscsi_message) == 128, "message");

/* A scatter-gather table fits in one device page. */
#define PVSCSI_MAX_SEGMENTS		256

struct pvscsi_segment {
	__le64 addr;
	__le32 len;
	__le32 flags;
};
_Static_assert(sizeof(struct pvscsi_segment) == 16, "segment");
_Static_assert(PVSCSI_MAX_SEGMENTS * sizeof(struct pvscsi_segment) == PVSCSI_PAGE_SIZE,
	       "segment table");

#define PVSCSI_REQS_PER_PAGE	(PVSCSI_PAGE_SIZE / sizeof(struct pvscsi_request))
#define PVSCSI_CMPS_PER_PAGE	(PVSCSI_PAGE_SIZE / sizeof(struct pvscsi_completion))
#define PVSCSI_MSGS_PER_PAGE	(PVSCSI_PAGE_SIZE / sizeof(struct pvscsi_message))

/* Pages that CONFIG answers with. Only the layout of the controller's page is known. */
#define PVSCSI_CONFIG_PAGE_CONTROLLER	0x1958
#define PVSCSI_CONFIG_PAGE_PHY		0x1959
#define PVSCSI_CONFIG_PAGE_TARGET	0x195a
/* The upper half of the selector; the lower half of a target's is bus << 16 | target. */
#define PVSCSI_CONFIG_SELECTOR_CONTROLLER 0x2120
#define PVSCSI_CONFIG_SELECTOR_TARGET	0x2121
#define PVSCSI_CONFIG_SELECTOR_PHY	0x2122

struct pvscsi_config_header {
	__le32 page_number;
	__le16 dwords;		/* size of the page, with this header */
	__le16 host_status;
	__le16 scsi_status;
	__le16 reserved[3];
};
_Static_assert(sizeof(struct pvscsi_config_header) == 16, "CONFIG header");

/* Text is UCS-2. */
struct pvscsi_config_controller {
	struct pvscsi_config_header header;
	__le64 node_wwn;
	__le16 manufacturer[64];
	__le16 serial[64];
	__le16 option_rom_version[32];
	__le16 hw_version[32];
	__le16 fw_version[32];
	__le32 phys;		/* number of targets */
	u8 pad[4];
};
_Static_assert(sizeof(struct pvscsi_config_controller) == 480, "CONFIG page");
_Static_assert(offsetof(struct pvscsi_config_controller, phys) == 16 + 8 + 448, "CONFIG page");

#endif
