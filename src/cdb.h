/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What QEMU's device takes a CDB for: whether data moves, which way, and how many bytes.
 * Pure: no midlayer objects.
 *
 * QEMU works that out by itself. If the request says the opposite direction, it gives the
 * request up without an answer, does not find it again when it is to be aborted, and dies of
 * it at the next adapter reset. A block read or write of which the buffer is empty is stuck
 * in the same way. So these must not be sent.
 */
#ifndef PVS_CDB_H
#define PVS_CDB_H

#include <linux/types.h>

#define PVS_CDB_BYTES	16	/* QEMU looks at all of them, whatever the length */

enum pvs_cdb_direction {
	PVS_CDB_NONE,
	PVS_CDB_IN,		/* from the device */
	PVS_CDB_OUT,
};

/* What the driver knows of a command and its disk. */
struct pvs_cdb_in {
	const u8 *cdb;		/* PVS_CDB_BYTES, zeroes after its end */
	enum pvs_cdb_direction direction;	/* PVS_CDB_NONE exactly if bufflen is 0 */
	u32 bufflen;
	u8 type;		/* peripheral device type */
	u32 block_size;		/* bytes of a logical block; 0: not known */
};

struct pvs_cdb_moves {
	enum pvs_cdb_direction direction;
	u64 bytes;		/* at least so many, if the block size is not known */
	bool refused;		/* QEMU finds no length in it and says so at once */
	bool in_blocks;		/* bytes is a number of blocks times their size */
	bool medium;		/* a block read or write: QEMU has no buffer of its own for it */
};

/* What QEMU's device takes the CDB of a command for. */
void pvs_cdb_parse(const struct pvs_cdb_in *in, struct pvs_cdb_moves *out);

/*
 * May the command be sent to QEMU's device? If so, *given is how many bytes of its buffer
 * the device may have: in a block read or write it moves as much as it is given, whatever
 * the CDB says, and beyond the blocks that are named there.
 */
bool pvs_cdb_is_safe(const struct pvs_cdb_in *in, const struct pvs_cdb_moves *moves, u32 *given);

#endif
