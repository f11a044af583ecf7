/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Declarations of the kernel's interfaces that the driver uses, written for this test: no
 * function has a body that means anything, and no structure has its real layout. KERNEL_X is
 * defined if the profile names X. Every header that the driver includes leads here, except
 * those in include/.
 */
#ifndef PROFILE_KERNEL_H
#define PROFILE_KERNEL_H

/* --- types, compiler --- */

typedef unsigned char u8, __u8;
typedef unsigned short u16, __u16;
typedef unsigned int u32, __u32;
typedef unsigned long long u64, __u64;
typedef u16 __le16;
typedef u32 __le32;
typedef u64 __le64;
typedef unsigned long size_t, uintptr_t;
typedef long ssize_t;
typedef u64 dma_addr_t;
typedef u64 phys_addr_t;
typedef _Bool bool;
typedef unsigned short umode_t;
typedef struct { int counter; } atomic_t;
typedef struct { long long counter; } atomic64_t;
enum { false, true };
#define NULL			((void *)0)
#define offsetof(type, member)	__builtin_offsetof(type, member)
#define container_of(p, type, member)	((type *)((char *)(p) - offsetof(type, member)))
#define __iomem
#define __init
#define __maybe_unused		__attribute__((unused))
#define __printf(a, b)		__attribute__((format(printf, a, b)))
#define noinline		__attribute__((noinline))
#define likely(x)		(x)
#define unlikely(x)		(x)
#define IS_ENABLED(option)	0
#define READ_ONCE(x)		(*(const volatile typeof(x) *)&(x))
#define WRITE_ONCE(x, value)	(*(volatile typeof(x) *)&(x) = (value))
#define ____cacheline_aligned_in_smp	__attribute__((aligned(64)))
#define SMP_CACHE_BYTES		64
#define BUILD_BUG_ON(condition)	((void)sizeof(char[1 - 2 * !!(condition)]))
#define WARN_ON_ONCE(x)		profile_warn(x)
bool profile_warn(bool condition);
#define BIT(n)			(1ul << (n))
#define BITS_PER_LONG		64
#define U16_MAX			((u16)~0)
#define U32_MAX			((u32)~0)
#define SIZE_MAX		(~(size_t)0)
#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))
#define round_down(x, y)	((x) & ~((typeof(x))(y) - 1))
#define IS_ALIGNED(x, a)	(((x) & ((typeof(x))(a) - 1)) == 0)
#define min(a, b)		((a) < (b) ? (a) : (b))
#define max(a, b)		((a) > (b) ? (a) : (b))
#define min_t(type, a, b)	((type)(a) < (type)(b) ? (type)(a) : (type)(b))
#define max_t(type, a, b)	((type)(a) > (type)(b) ? (type)(a) : (type)(b))
#define PAGE_SHIFT		12
#define PAGE_SIZE		(1ul << PAGE_SHIFT)
#define cpu_to_le16(x)		((__le16)(x))
#define cpu_to_le32(x)		((__le32)(x))
#define cpu_to_le64(x)		((__le64)(x))
#define le16_to_cpu(x)		((u16)(x))
#define le32_to_cpu(x)		((u32)(x))
#define le64_to_cpu(x)		((u64)(x))
#define is_power_of_2(n)	((n) && !((n) & ((n) - 1)))
int ilog2(u64 n);
unsigned long rounddown_pow_of_two(unsigned long n);
unsigned long roundup_pow_of_two(unsigned long n);
enum { EPERM = 1, EIO = 5, ENXIO = 6, E2BIG = 7, EAGAIN = 11, ENOMEM = 12, EBUSY = 16, ENODEV = 19, EINVAL = 22,
	ERANGE = 34, EOPNOTSUPP = 95, ETIMEDOUT = 110, EWOULDBLOCK = EAGAIN };
bool IS_ERR(const void *p);
long PTR_ERR(const void *p);
void *ERR_PTR(long error);

/* --- strings --- */

void *memcpy(void *to, const void *from, size_t size);
void *memset(void *to, int c, size_t size);
void *memchr(const void *p, int c, size_t size);
int memcmp(const void *a, const void *b, size_t size);
size_t strlen(const char *s);
size_t strcspn(const char *s, const char *reject);
size_t strspn(const char *s, const char *accept);
int strcmp(const char *a, const char *b);
int isspace(int c);
int isdigit(int c);
int isxdigit(int c);
int tolower(int c);
int kstrtou32(const char *s, unsigned int base, u32 *value);
int kstrtouint(const char *s, unsigned int base, unsigned int *value);
int kstrtobool(const char *s, bool *value);
int __printf(3, 4) snprintf(char *buf, size_t size, const char *format, ...);
int __printf(3, 4) scnprintf(char *buf, size_t size, const char *format, ...);
int __printf(1, 2) printk(const char *format, ...);
#define KERN_ERR	""
#define KERN_NOTICE	""
#define KERN_INFO	""
#ifndef pr_fmt
#define pr_fmt(format)	format
#endif
#define pr_warn(format, ...)			printk(pr_fmt(format), ##__VA_ARGS__)
#define pr_warn_ratelimited(format, ...)	printk(pr_fmt(format), ##__VA_ARGS__)

/* --- memory --- */

typedef unsigned int gfp_t;
enum { GFP_KERNEL = 1, GFP_ATOMIC = 2, __GFP_NOWARN = 4 };
void *kmalloc(size_t size, gfp_t flags);
void *kzalloc_node(size_t size, gfp_t flags, int node);
void *vzalloc_node(unsigned long size, int node);
void kfree(const void *p);
void vfree(const void *p);
#ifdef KERNEL_TOTALRAM_PAGES
unsigned long totalram_pages(void);
#else
extern unsigned long totalram_pages;
#endif

/* --- locks, time, work --- */

typedef struct { int x; } spinlock_t;
struct mutex { int x; };
typedef struct { int x; } wait_queue_head_t;
void spin_lock_init(spinlock_t *lock);
void spin_lock(spinlock_t *lock);
void spin_unlock(spinlock_t *lock);
void spin_lock_irq(spinlock_t *lock);
void spin_unlock_irq(spinlock_t *lock);
void profile_irqsave(spinlock_t *lock, unsigned long *flags);
#define spin_lock_irqsave(lock, flags)	profile_irqsave(lock, &(flags))
void spin_unlock_irqrestore(spinlock_t *lock, unsigned long flags);
void mutex_init(struct mutex *lock);
void mutex_lock(struct mutex *lock);
void mutex_unlock(struct mutex *lock);
#define lockdep_assert_held(lock)	((void)(lock))
void rcu_read_lock(void);
void rcu_read_unlock(void);
void synchronize_rcu(void);
void init_waitqueue_head(wait_queue_head_t *queue);
void wake_up_all(wait_queue_head_t *queue);
#define wait_event(queue, condition)	((void)&(queue), (void)(condition))
#define wait_event_timeout(queue, condition, time)	((void)&(queue), (condition) ? (time) : 0)
void barrier(void);
void mb(void);
void rmb(void);
void wmb(void);
void smp_mb(void);
void smp_mb__after_atomic(void);
void dma_rmb(void);
void dma_wmb(void);
#define smp_store_release(p, value)	WRITE_ONCE(*(p), value)
#define smp_load_acquire(p)		READ_ONCE(*(p))
void atomic_set(atomic_t *v, int n);
void atomic_add(int n, atomic_t *v);
void atomic_inc(atomic_t *v);
int atomic_read(const atomic_t *v);
void atomic64_inc(atomic64_t *v);
void atomic64_add(long long n, atomic64_t *v);
void atomic64_set(atomic64_t *v, long long n);
long long atomic64_read(const atomic64_t *v);
#define DECLARE_BITMAP(name, bits)	unsigned long name[DIV_ROUND_UP(bits, BITS_PER_LONG)]
void __set_bit(long n, volatile unsigned long *map);
void set_bit(long n, volatile unsigned long *map);
void clear_bit(long n, volatile unsigned long *map);
bool test_bit(long n, const volatile unsigned long *map);
bool test_and_clear_bit(long n, volatile unsigned long *map);
bool test_and_set_bit(long n, volatile unsigned long *map);
void bitmap_zero(unsigned long *map, unsigned int bits);
unsigned long find_first_bit(const unsigned long *map, unsigned long bits);
unsigned long find_next_bit(const unsigned long *map, unsigned long bits, unsigned long from);
#define for_each_set_bit(n, map, bits) \
	for ((n) = find_first_bit(map, bits); (n) < (bits); (n) = find_next_bit(map, bits, (n) + 1))
extern unsigned long volatile jiffies;
#define HZ			1000
#define time_after(a, b)	((long)((b) - (a)) < 0)
#define time_before(a, b)	time_after(b, a)
#define time_after_eq(a, b)	((long)((a) - (b)) >= 0)
unsigned long msecs_to_jiffies(unsigned int ms);
void msleep(unsigned int ms);
void usleep_range(unsigned long min_us, unsigned long max_us);
int cond_resched(void);
unsigned int num_online_cpus(void);
int raw_smp_processor_id(void);
struct task_struct { int x; };
struct task_struct *profile_current(void);
#define current			profile_current()
extern unsigned int reset_devices;
bool is_kdump_kernel(void);

struct work_struct { int x; };
struct delayed_work { struct work_struct work; };
struct workqueue_struct;
extern struct workqueue_struct *system_freezable_wq, *system_wq;
enum { WQ_UNBOUND = 2, WQ_MEM_RECLAIM = 8 };
#define INIT_WORK(w, fn)	((void)(w), (void)((void (*)(struct work_struct *)){ fn }))
#define INIT_DELAYED_WORK(w, fn)	INIT_WORK(&(w)->work, fn)
struct delayed_work *to_delayed_work(struct work_struct *work);
struct workqueue_struct *__printf(1, 4) alloc_workqueue(const char *name, unsigned int flags,
							int max_active, ...);
void destroy_workqueue(struct workqueue_struct *queue);
bool queue_work(struct workqueue_struct *queue, struct work_struct *work);
bool queue_delayed_work(struct workqueue_struct *queue, struct delayed_work *work,
			unsigned long delay);
bool mod_delayed_work(struct workqueue_struct *queue, struct delayed_work *work,
		      unsigned long delay);
bool cancel_work_sync(struct work_struct *work);
bool cancel_delayed_work(struct delayed_work *work);
bool cancel_delayed_work_sync(struct delayed_work *work);
bool flush_work(struct work_struct *work);

#include "profile-pci.h"
#include "profile-scsi.h"

#endif
