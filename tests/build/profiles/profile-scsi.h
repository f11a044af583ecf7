/* SPDX-License-Identifier: GPL-2.0-only */
/* The block layer and the SCSI midlayer, as interfaces.h declares the rest. */

/* --- block layer --- */

enum blk_eh_timer_return {
#ifdef KERNEL_BLK_EH_DONE
	BLK_EH_DONE,
#else
	BLK_EH_NOT_HANDLED,
#endif
	BLK_EH_RESET_TIMER,
};
struct request_queue { unsigned int rq_timeout; };
struct request {
	int tag;
#ifdef KERNEL_REQUEST_CMD_TYPE
	unsigned int cmd_type;
#endif
};
#ifdef KERNEL_REQUEST_CMD_TYPE
enum { REQ_TYPE_FS = 1, REQ_TYPE_BLOCK_PC };
#else
bool blk_rq_is_passthrough(struct request *rq);
#endif
void blk_queue_rq_timeout(struct request_queue *q, unsigned int timeout);
struct blk_mq_tag_set {
	unsigned int flags, timeout;
#ifdef KERNEL_SHARED_TAGS
	void *shared_tags;
#endif
};
#ifdef KERNEL_NO_SCHED_BY_DEFAULT
enum { BLK_MQ_F_NO_SCHED_BY_DEFAULT = 64 };
#endif

/* --- hosts, disks, commands --- */

struct scatterlist { unsigned int offset, length; };
#define SCSI_SENSE_BUFFERSIZE	96
#define SUCCESS			0x2002
#define FAILED			0x2003
#define SCSI_MLQUEUE_HOST_BUSY	0x1055
#define SCSI_ADAPTER_RESET	1
enum { DID_OK, DID_NO_CONNECT, DID_BUS_BUSY, DID_TIME_OUT, DID_BAD_TARGET, DID_ABORT, DID_PARITY,
	DID_ERROR, DID_RESET, DID_BAD_INTR, DID_PASSTHROUGH, DID_SOFT_ERROR, DID_IMM_RETRY,
	DID_REQUEUE };
enum { SAM_STAT_GOOD = 0, SAM_STAT_CHECK_CONDITION = 2, SAM_STAT_CONDITION_MET = 4, SAM_STAT_BUSY = 8,
	SAM_STAT_INTERMEDIATE = 0x10, SAM_STAT_INTERMEDIATE_CONDITION_MET = 0x14,
	SAM_STAT_RESERVATION_CONFLICT = 0x18, SAM_STAT_COMMAND_TERMINATED = 0x22,
	SAM_STAT_TASK_SET_FULL = 0x28, SAM_STAT_ACA_ACTIVE = 0x30, SAM_STAT_TASK_ABORTED = 0x40 };
enum { TEST_UNIT_READY = 0, READ_6 = 8, WRITE_6 = 0xa, READ_10 = 0x28, WRITE_10 = 0x2a,
	READ_16 = 0x88, WRITE_16 = 0x8a, READ_12 = 0xa8, WRITE_12 = 0xaa };
enum { NOT_READY = 2, ILLEGAL_REQUEST = 5, UNIT_ATTENTION = 6 };
enum { TYPE_DISK, TYPE_TAPE, TYPE_ROM = 5 };
#ifdef KERNEL_DRIVER_SENSE
#define DRIVER_SENSE		8
#endif
#ifdef KERNEL_SCSI_TIMEOUT_ACTION
enum scsi_timeout_action { SCSI_EH_DONE, SCSI_EH_RESET_TIMER, SCSI_EH_NOT_HANDLED };
typedef enum scsi_timeout_action profile_eh_timer_t;
#else
typedef enum blk_eh_timer_return profile_eh_timer_t;
#endif
#ifdef KERNEL_QC_STATUS
enum scsi_qc_status { PROFILE_QC_STATUS };
typedef enum scsi_qc_status profile_qc_t;
#else
typedef int profile_qc_t;
#endif

struct scsi_lun { u8 scsi_lun[8]; };
void int_to_scsilun(u64 lun, struct scsi_lun *scsilun);
u64 scsilun_to_int(struct scsi_lun *scsilun);
struct scsi_cmnd;
struct Scsi_Host;
struct scsi_device {
	struct Scsi_Host *host;
	struct request_queue *request_queue;
	unsigned int id, channel, sector_size;
	unsigned short queue_depth;
	u64 lun;
	char type;
	bool changed;
	struct device sdev_gendev;
};
struct scsi_cmnd {
	struct scsi_device *device;
	unsigned char *cmnd, *sense_buffer;
	unsigned short cmd_len;
	unsigned int underflow;
	enum dma_data_direction sc_data_direction;
	int result, flags;
#ifdef KERNEL_CMND_SCSI_DONE
	void (*scsi_done)(struct scsi_cmnd *cmd);
#endif
#ifdef KERNEL_CMND_REQUEST
	struct request *request;
#endif
};
#ifdef KERNEL_SCSI_DONE
void scsi_done(struct scsi_cmnd *cmd);
#endif
#ifdef KERNEL_SCSI_DONE_DIRECT
void scsi_done_direct(struct scsi_cmnd *cmd);
#endif
#ifdef KERNEL_SCSI_CMD_TO_RQ
struct request *scsi_cmd_to_rq(struct scsi_cmnd *cmd);
#endif
struct scsi_host_template {
	struct module *module;
	const char *name, *proc_name;
	profile_qc_t (*queuecommand)(struct Scsi_Host *shost, struct scsi_cmnd *cmd);
	profile_eh_timer_t (*eh_timed_out)(struct scsi_cmnd *cmd);
	int (*eh_abort_handler)(struct scsi_cmnd *cmd);
	int (*eh_device_reset_handler)(struct scsi_cmnd *cmd);
	int (*eh_bus_reset_handler)(struct scsi_cmnd *cmd);
	int (*eh_host_reset_handler)(struct scsi_cmnd *cmd);
	int (*host_reset)(struct Scsi_Host *shost, int type);
	int this_id, can_queue;
	unsigned short sg_tablesize;
	unsigned int max_sectors, skip_settle_delay;
#ifdef KERNEL_COMMIT_RQS
	void (*commit_rqs)(struct Scsi_Host *shost, u16 queue);
#endif
#ifdef KERNEL_LEGACY_PATH
	int (*slave_configure)(struct scsi_device *sdev);
#endif
#ifdef KERNEL_SCSI_CHANGE_QUEUE_DEPTH
	int (*change_queue_depth)(struct scsi_device *sdev, int depth);
	unsigned int track_queue_depth : 1;
#else
	int (*change_queue_depth)(struct scsi_device *sdev, int depth, int reason);
#endif
#ifdef KERNEL_HOST_WIDE_TAGS
	unsigned int use_host_wide_tags : 1;
#endif
#ifdef KERNEL_USE_CLUSTERING
	unsigned int use_clustering : 1;
#endif
#ifdef KERNEL_MAX_SEGMENT_SIZE
	unsigned int max_segment_size;
#endif
#ifdef KERNEL_SDEV_GROUPS
	const struct attribute_group **sdev_groups;
#endif
#ifdef KERNEL_SHOST_GROUPS
	const struct attribute_group **shost_groups;
#endif
};
#ifdef KERNEL_COMMIT_RQS
#define SCMD_LAST		8
#endif
#ifdef KERNEL_USE_CLUSTERING
#define ENABLE_CLUSTERING	1
#endif
struct Scsi_Host {
#ifdef KERNEL_HOST_WIDE_TAGS
	struct blk_mq_tag_set *tag_set;
#else
	struct blk_mq_tag_set tag_set;
#endif
	unsigned int unique_id, host_no, max_channel, max_id, max_sectors, nr_hw_queues;
	u64 max_lun;
	unsigned short max_cmd_len;
	int can_queue;
	short cmd_per_lun;
	struct task_struct *ehandler;
	void *eh_action;
	struct device shost_dev;
#ifdef KERNEL_HOST_TAGSET
	unsigned int host_tagset : 1;
#endif
};
#define class_to_shost(d)	container_of(d, struct Scsi_Host, shost_dev)
#define to_scsi_device(d)	container_of(d, struct scsi_device, sdev_gendev)
#ifdef KERNEL_LEGACY_PATH
bool shost_use_blk_mq(struct Scsi_Host *shost);
#endif
#ifdef KERNEL_SCSI_CHANGE_QUEUE_DEPTH
int scsi_change_queue_depth(struct scsi_device *sdev, int depth);
#else
enum { SCSI_QDEPTH_DEFAULT, SCSI_QDEPTH_QFULL, SCSI_QDEPTH_RAMP_UP };
void scsi_adjust_queue_depth(struct scsi_device *sdev, int type, int depth);
int scsi_track_queue_full(struct scsi_device *sdev, int depth);
#endif
#if defined(KERNEL_RESCAN_DEV)
void scsi_rescan_device(struct device *dev);
#elif defined(KERNEL_RESCAN_INT)
int scsi_rescan_device(struct scsi_device *sdev);
#else
void scsi_rescan_device(struct scsi_device *sdev);
#endif

void *shost_priv(struct Scsi_Host *shost);
struct Scsi_Host *scsi_host_alloc(struct scsi_host_template *template, int size);
void scsi_host_put(struct Scsi_Host *shost);
int __attribute__((warn_unused_result)) scsi_add_host(struct Scsi_Host *shost, struct device *dev);
void scsi_remove_host(struct Scsi_Host *shost);
void scsi_scan_host(struct Scsi_Host *shost);
int scsi_add_device(struct Scsi_Host *shost, u32 channel, u32 id, u64 lun);
void scsi_remove_device(struct scsi_device *sdev);
struct scsi_device *scsi_device_lookup(struct Scsi_Host *shost, u32 channel, u32 id, u64 lun);
void scsi_device_put(struct scsi_device *sdev);
bool scsi_device_online(struct scsi_device *sdev);
struct scsi_device *profile_next(struct Scsi_Host *shost, struct scsi_device *sdev);
#define shost_for_each_device(sdev, shost) \
	for ((sdev) = profile_next(shost, NULL); (sdev); (sdev) = profile_next(shost, sdev))
int scsi_dma_map(struct scsi_cmnd *cmd);
void scsi_dma_unmap(struct scsi_cmnd *cmd);
unsigned int scsi_bufflen(const struct scsi_cmnd *cmd);
struct scatterlist *scsi_sglist(struct scsi_cmnd *cmd);
int scsi_get_resid(struct scsi_cmnd *cmd);
#define host_byte(result)	((result) >> 16 & 0xff)
void scsi_set_resid(struct scsi_cmnd *cmd, unsigned int resid);
unsigned int scsi_sg_count(struct scsi_cmnd *cmd);
bool sg_is_chain(struct scatterlist *sg);
struct scatterlist *sg_chain_ptr(const struct scatterlist *sg);
struct page *sg_page(struct scatterlist *sg);
struct scatterlist *sg_next(struct scatterlist *sg);
dma_addr_t sg_dma_address(const struct scatterlist *sg);
unsigned int sg_dma_len(const struct scatterlist *sg);
#define scsi_for_each_sg(cmd, sg, count, i) \
	for ((i) = 0, (sg) = scsi_sglist(cmd); (i) < (count); (i)++, (sg) = sg_next(sg))
int __printf(3, 4) scmd_printk(const char *level, const struct scsi_cmnd *cmd, const char *format, ...);
int __printf(3, 4) sdev_printk(const char *level, const struct scsi_device *sdev, const char *format, ...);
int __printf(3, 4) shost_printk(const char *level, const struct Scsi_Host *shost, const char *format, ...);
