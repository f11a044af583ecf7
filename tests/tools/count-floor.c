// SPDX-License-Identifier: GPL-2.0-only
/*
 * floor - a SCSI host that completes every command at once, without DMA, ring,
 * lock or interrupt. What a command costs on it is the cost of the block layer,
 * the midlayer and the program that does the I/O; no driver can cost less. The
 * limits of the host are those of the driver under test. Data is neither kept
 * nor returned.
 */
#include <linux/module.h>
#include <linux/version.h>
#include <linux/blk-mq.h>
#include <scsi/scsi.h>
#include <scsi/scsi_cmnd.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>

/* The benchmark finds the disk by its size. Less than 2 TiB. */
static unsigned int mib = 4096;
module_param(mib, uint, 0444);

static struct Scsi_Host *shost;

static void floor_answer(struct scsi_cmnd *cmd, u8 *data, unsigned int size)
{
	unsigned int copied = scsi_sg_copy_from_buffer(cmd, data, size);

	scsi_set_resid(cmd, scsi_bufflen(cmd) - copied);
}

static int floor_inquiry(struct scsi_cmnd *cmd)
{
	u8 data[37] = "\0\0\5\2\x1f\0\0\2FLOOR   NO HARDWARE     1   ";

	if (cmd->cmnd[1] & 1) /* no vital product data */
		return -EINVAL;
	floor_answer(cmd, data, 36);
	return 0;
}

static int floor_capacity(struct scsi_cmnd *cmd, bool is_long)
{
	/* The last block (64 bits if long) and the size of a block. */
	__be32 data[8] = { cpu_to_be32(mib * 2048 - 1), cpu_to_be32(512) };

	if (is_long) {
		memmove(data + 1, data, 8);
		data[0] = 0;
	}
	floor_answer(cmd, (u8 *)data, is_long ? 32 : 8);
	return 0;
}

/* There is a write cache, as QEMU's disks have one. */
static int floor_mode_sense(struct scsi_cmnd *cmd)
{
	u8 page = cmd->cmnd[2] & 0x3f;
	u8 data[24] = { 23, 0, 0, 0, 8, 18, 4 };

	if (page != 8 && page != 0x3f)
		return -EINVAL;
	floor_answer(cmd, data, sizeof(data));
	return 0;
}

static int floor_other(struct scsi_cmnd *cmd)
{
	switch (cmd->cmnd[0]) {
	case TEST_UNIT_READY:
	case START_STOP:
	case SYNCHRONIZE_CACHE:
		return 0;
	case INQUIRY:
		return floor_inquiry(cmd);
	case READ_CAPACITY:
		return floor_capacity(cmd, false);
	case SERVICE_ACTION_IN_16:
		return (cmd->cmnd[1] & 31) == SAI_READ_CAPACITY_16 ?
			floor_capacity(cmd, true) : -EINVAL;
	case MODE_SENSE:
		return floor_mode_sense(cmd);
	default:
		return -EINVAL;
	}
}

static void floor_done(struct scsi_cmnd *cmd)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 16, 0)
	scsi_done(cmd);
#else
	cmd->scsi_done(cmd);
#endif
}

/* (the type that it returns is another one since 7.0) */
static typeof(((struct scsi_host_template *)0)->queuecommand(NULL, NULL))
floor_queuecommand(struct Scsi_Host *host, struct scsi_cmnd *cmd)
{
	cmd->result = DID_OK << 16;
	switch (cmd->cmnd[0]) {
	case READ_10:
	case WRITE_10:
	case READ_16:
	case WRITE_16:
		break;
	default:
		if (!floor_other(cmd))
			break;
		scsi_build_sense_buffer(0, cmd->sense_buffer, ILLEGAL_REQUEST, 0x20, 0);
		cmd->result |= SAM_STAT_CHECK_CONDITION;
	}
	floor_done(cmd);
	return 0;
}

static struct scsi_host_template floor_template = {
	.module			= THIS_MODULE,
	.name			= "floor",
	.proc_name		= "floor",
	.queuecommand		= floor_queuecommand,
	.track_queue_depth	= 1,
	.skip_settle_delay	= 1,
	.this_id		= -1,
	.can_queue		= 255,
	.cmd_per_lun		= 254,
	.sg_tablesize		= 256,
	.max_sectors		= 0xffff,
	.max_segment_size	= U32_MAX,
};

static int __init floor_init(void)
{
	int ret;

	shost = scsi_host_alloc(&floor_template, 0);
	if (!shost)
		return -ENOMEM;
	shost->max_id = 1;
	shost->max_lun = 1;
	shost->host_tagset = 1;
	shost->nr_hw_queues = num_online_cpus();
	ret = scsi_add_host(shost, NULL);
	if (ret) {
		scsi_host_put(shost);
		return ret;
	}
	/* (scsi_add_host clears the flags) */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 14, 0)
	shost->tag_set.flags |= BLK_MQ_F_NO_SCHED_BY_DEFAULT;
#endif
	scsi_scan_host(shost);
	return 0;
}

static void __exit floor_exit(void)
{
	scsi_remove_host(shost);
	scsi_host_put(shost);
}

module_init(floor_init);
module_exit(floor_exit);

MODULE_DESCRIPTION("SCSI host that completes every command at once");
MODULE_LICENSE("GPL");
