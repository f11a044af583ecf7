/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How QEMU's device interprets a CDB: the direction of its data and the number of bytes.
 * Pure: no midlayer objects.
 *
 * QEMU derives both from the CDB. If the request has the opposite direction, QEMU drops it
 * without a completion, does not find it for an abort, and crashes at the next adapter
 * reset. A block read or write with an empty buffer hangs in the same way. The driver must
 * not send such requests.
 */
#ifndef PVS_CDB_H
#define PVS_CDB_H

#include <linux/types.h>

#define PVS_CDB_BYTES	16	/* QEMU reads all of them, whatever the CDB length */

enum pvs_cdb_direction {
	PVS_CDB_NONE,
	PVS_CDB_IN,		/* from the device */
	PVS_CDB_OUT,		/* to the device */
};

/* What the driver knows about a command and its disk. */
struct pvs_cdb_in {
	const u8 *cdb;		/* PVS_CDB_BYTES, padded with zeros */
	enum pvs_cdb_direction direction;	/* PVS_CDB_NONE if and only if bufflen is 0 */
	u32 bufflen;
	u8 type;		/* peripheral device type */
	u32 block_size;		/* logical block size in bytes; 0: unknown */
};

struct pvs_cdb_moves {
	enum pvs_cdb_direction direction;
	u64 bytes;		/* a lower bound if the block size is unknown */
	bool refused;		/* QEMU cannot determine a length and fails the command at once */
	bool in_blocks;		/* bytes was computed as a number of blocks times their size */
	bool medium;		/* block read or write: QEMU uses only the request's buffer */
};

/* Compute how QEMU's device interprets a CDB. */
void pvs_cdb_parse(const struct pvs_cdb_in *in, struct pvs_cdb_moves *out);

/*
 * Returns true if the command may be sent to QEMU's device. *given is then the number of
 * bytes of its buffer to give to the device. In a block read or write QEMU moves as many
 * bytes as it is given, even beyond the blocks that the CDB names.
 */
bool pvs_cdb_is_safe(const struct pvs_cdb_in *in, const struct pvs_cdb_moves *moves, u32 *given);

#endif
