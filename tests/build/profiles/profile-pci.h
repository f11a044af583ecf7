/* SPDX-License-Identifier: GPL-2.0-only */
/* The device model, PCI, DMA, interrupts and modules, as interfaces.h declares the rest. */

/* --- devices --- */

struct device;
struct attribute { const char *name; umode_t mode; };
struct kobject { int x; };
struct attribute_group {
	const char *name;
	struct attribute **attrs;
	umode_t (*is_visible)(struct kobject *kobj, struct attribute *attr, int i);
};
struct dev_pm_ops { int (*suspend)(struct device *); int (*resume)(struct device *); };
struct device_driver {
	const struct dev_pm_ops *pm;
#ifdef KERNEL_DRIVER_DEV_GROUPS
	const struct attribute_group **dev_groups;
#endif
};
struct device { struct kobject kobj; struct device_driver *driver; };
struct device_attribute {
	struct attribute attr;
	ssize_t (*show)(struct device *dev, struct device_attribute *attr, char *buf);
	ssize_t (*store)(struct device *dev, struct device_attribute *attr, const char *buf,
			 size_t count);
};
#define DEVICE_ATTR(n, m, s, t) \
	struct device_attribute dev_attr_##n = { { #n, m }, s, t }
#define SIMPLE_DEV_PM_OPS(name, suspend_fn, resume_fn) \
	const struct dev_pm_ops name = { suspend_fn, resume_fn }
#ifdef KERNEL_SYSFS_EMIT
int __printf(2, 3) sysfs_emit(char *buf, const char *format, ...);
int __printf(3, 4) sysfs_emit_at(char *buf, int at, const char *format, ...);
#endif
int __attribute__((warn_unused_result)) sysfs_create_groups(struct kobject *kobj,
							     const struct attribute_group **groups);
int __attribute__((warn_unused_result)) sysfs_create_group(struct kobject *kobj,
							    const struct attribute_group *group);
void sysfs_remove_group(struct kobject *kobj, const struct attribute_group *group);
void *dev_get_drvdata(const struct device *dev);
const char *dev_name(const struct device *dev);
int dev_to_node(struct device *dev);
int __printf(2, 3) dev_err(const struct device *dev, const char *format, ...);
int __printf(2, 3) dev_warn(const struct device *dev, const char *format, ...);
int __printf(2, 3) dev_notice(const struct device *dev, const char *format, ...);
int __printf(2, 3) dev_info(const struct device *dev, const char *format, ...);
#define dev_warn_ratelimited	dev_warn
#define dev_err_ratelimited	dev_err

/* --- DMA --- */

struct dma_pool;
enum dma_data_direction { DMA_BIDIRECTIONAL, DMA_TO_DEVICE, DMA_FROM_DEVICE, DMA_NONE };
#define DMA_BIT_MASK(n)		((n) == 64 ? ~0ull : (1ull << (n)) - 1)
int dma_set_mask_and_coherent(struct device *dev, u64 mask);
void *dma_alloc_coherent(struct device *dev, size_t size, dma_addr_t *addr, gfp_t flags);
void dma_free_coherent(struct device *dev, size_t size, void *va, dma_addr_t addr);
void *dma_pool_alloc(struct dma_pool *pool, gfp_t flags, dma_addr_t *addr);
void dma_pool_free(struct dma_pool *pool, void *va, dma_addr_t addr);
struct dma_pool *dma_pool_create(const char *name, struct device *dev, size_t size, size_t align,
				 size_t boundary);
void dma_pool_destroy(struct dma_pool *pool);
struct page;
bool is_vmalloc_addr(const void *va);
struct page *vmalloc_to_page(const void *va);
phys_addr_t page_to_phys(const struct page *page);
phys_addr_t virt_to_phys(volatile void *va);
dma_addr_t dma_map_page(struct device *dev, struct page *page, size_t offset, size_t size,
			enum dma_data_direction direction);
void dma_unmap_page(struct device *dev, dma_addr_t addr, size_t size,
		    enum dma_data_direction direction);
int dma_mapping_error(struct device *dev, dma_addr_t addr);
#ifdef KERNEL_DMA_NO_WARN
#define DMA_ATTR_NO_WARN	(1UL << 8)
struct scatterlist;
dma_addr_t dma_map_page_attrs(struct device *dev, struct page *page, size_t offset, size_t size,
			      enum dma_data_direction direction, unsigned long attrs);
int dma_map_sg_attrs(struct device *dev, struct scatterlist *list, int count,
		     enum dma_data_direction direction, unsigned long attrs);
#endif
#ifdef KERNEL_DMA_NEED_UNMAP
bool dma_need_unmap(struct device *dev);
#endif
#ifdef KERNEL_DMA_MAX_MAPPING_SIZE
size_t dma_max_mapping_size(struct device *dev);
#endif

/* --- PCI --- */

struct pci_device_id { u32 vendor, device; };
#define PCI_DEVICE(v, d)	.vendor = (v), .device = (d)
#define PCI_CLASS_STORAGE_SCSI	0x0100
#define IORESOURCE_MEM		0x200
enum { PCI_STD_RESOURCES, PCI_STD_RESOURCE_END = 5 };
typedef unsigned int pci_ers_result_t, pci_channel_state_t;
enum { pci_channel_io_normal = 1, pci_channel_io_frozen, pci_channel_io_perm_failure };
enum { PCI_ERS_RESULT_CAN_RECOVER = 2, PCI_ERS_RESULT_NEED_RESET, PCI_ERS_RESULT_DISCONNECT,
	PCI_ERS_RESULT_RECOVERED };
struct pci_saved_state;
struct pci_bus { unsigned char number; };
struct pci_dev {
	struct device dev;
	struct pci_bus *bus;
	unsigned int class, irq, devfn;
	bool msi_enabled, msix_enabled;
	pci_channel_state_t error_state;
};
struct pci_error_handlers {
	pci_ers_result_t (*error_detected)(struct pci_dev *pdev, pci_channel_state_t state);
	pci_ers_result_t (*slot_reset)(struct pci_dev *pdev);
	void (*resume)(struct pci_dev *pdev);
#ifdef KERNEL_RESET_PREPARE
	void (*reset_prepare)(struct pci_dev *pdev);
	void (*reset_done)(struct pci_dev *pdev);
#endif
};
struct pci_driver {
	const char *name;
	const struct pci_device_id *id_table;
	int (*probe)(struct pci_dev *pdev, const struct pci_device_id *id);
	void (*remove)(struct pci_dev *pdev);
	void (*shutdown)(struct pci_dev *pdev);
	const struct pci_error_handlers *err_handler;
#ifdef KERNEL_PCI_DEV_GROUPS
	const struct attribute_group **dev_groups;
#endif
	struct device_driver driver;
};
#define to_pci_dev(d)		container_of(d, struct pci_dev, dev)
int pci_domain_nr(struct pci_bus *bus);
#define PCI_DEVID(bus, devfn)	((u16)(bus) << 8 | (devfn))
const char *pci_name(const struct pci_dev *pdev);
void *pci_get_drvdata(struct pci_dev *pdev);
void pci_set_drvdata(struct pci_dev *pdev, void *data);
int pci_enable_device_mem(struct pci_dev *pdev);
void pci_disable_device(struct pci_dev *pdev);
void pci_set_master(struct pci_dev *pdev);
void pci_clear_master(struct pci_dev *pdev);
unsigned long pci_resource_flags(struct pci_dev *pdev, int bar);
u64 pci_resource_len(struct pci_dev *pdev, int bar);
int pci_request_region(struct pci_dev *pdev, int bar, const char *name);
void pci_release_region(struct pci_dev *pdev, int bar);
void __iomem *pci_iomap(struct pci_dev *pdev, int bar, unsigned long max);
void pci_iounmap(struct pci_dev *pdev, void __iomem *address);
int pci_save_state(struct pci_dev *pdev);
void pci_restore_state(struct pci_dev *pdev);
struct pci_saved_state *pci_store_saved_state(struct pci_dev *pdev);
int pci_load_saved_state(struct pci_dev *pdev, struct pci_saved_state *state);
bool pci_channel_offline(struct pci_dev *pdev);
u32 readl(const volatile void __iomem *address);
void writel(u32 value, volatile void __iomem *address);

typedef int irqreturn_t;
enum { IRQ_NONE, IRQ_HANDLED, IRQF_SHARED = 0x80 };
int request_irq(unsigned int irq, irqreturn_t (*handler)(int irq, void *data), unsigned long flags,
		const char *name, void *data);
void free_irq(unsigned int irq, void *data);
void synchronize_irq(unsigned int irq);
#if defined(KERNEL_PCI_IRQ_INTX) || defined(KERNEL_PCI_IRQ_LEGACY)
#ifdef KERNEL_PCI_IRQ_INTX
#define PCI_IRQ_INTX		1
#else
#define PCI_IRQ_LEGACY		1
#endif
#define PCI_IRQ_MSI		2
#define PCI_IRQ_MSIX		4
int pci_alloc_irq_vectors(struct pci_dev *pdev, unsigned int least, unsigned int most,
			  unsigned int flags);
int pci_irq_vector(struct pci_dev *pdev, unsigned int n);
void pci_free_irq_vectors(struct pci_dev *pdev);
#else
int pci_enable_msi(struct pci_dev *pdev);
void pci_disable_msi(struct pci_dev *pdev);
#endif

/* --- modules --- */

struct module;
#define THIS_MODULE		((struct module *)0)
#define PROFILE_JOIN(a, b)	a##b
#define PROFILE_NAME(a, b)	PROFILE_JOIN(a, b)
#define PROFILE_TEXT(text) \
	static const char PROFILE_NAME(profile_text_, __COUNTER__)[] __maybe_unused = text
#define MODULE_DESCRIPTION(text)	PROFILE_TEXT(text)
#define MODULE_AUTHOR(text)	PROFILE_TEXT(text)
#define MODULE_LICENSE(text)	PROFILE_TEXT(text)
#define MODULE_VERSION(text)	PROFILE_TEXT(text)
#define MODULE_PARM_DESC(name, text)	PROFILE_TEXT(text)
#define __MODULE_PARM_TYPE(name, text)	PROFILE_TEXT(text)
#define MODULE_DEVICE_TABLE(type, table) \
	static const void *profile_table_##table __maybe_unused = &table
#define module_pci_driver(driver) \
	static const struct pci_driver *profile_driver __maybe_unused = &driver
struct kernel_param { const char *name; void *arg; };
struct kernel_param_ops {
#ifdef KERNEL_PARAM_NOARG
	unsigned int flags;
#endif
	int (*set)(const char *text, const struct kernel_param *kp);
	int (*get)(char *buffer, const struct kernel_param *kp);
};
#ifdef KERNEL_PARAM_NOARG
enum { KERNEL_PARAM_OPS_FL_NOARG = 1 };
#endif
#define module_param_cb(n, o, a, mode) \
	static const struct kernel_param_ops *profile_ops_##n __maybe_unused = (o); \
	static const struct kernel_param profile_param_##n __maybe_unused = { #n, a }
