// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module parameters. Names, defaults and meanings are those of the in-tree driver;
 * in addition, numbers may be lists. An invalid value must not keep the boot disk from
 * appearing: the driver logs a warning with the value used instead, and continues.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/ratelimit.h>
#include <linux/string.h>
#include "abi.h"
#include "compat.h"
#include "params.h"

struct pvs_params pvs_params = {
	.ring_pages = { .value = 0 },
	.msg_ring_pages = { .value = 1 },
	.cmd_per_lun = { .value = 254 },
	.use_msg = true,
	.use_req_threshold = true,
};

/* Characters of an invalid part that are logged. */
#define PVS_PARAM_SHOWN		64

struct pvs_param_number {
	struct pvs_paramlist *list;
	struct pvs_paramlist_rule rule;
};

/* The warnings are rate-limited, since a list may have thousands of invalid parts. */
static void pvs_param_number_complain(void *context, const struct pvs_paramlist_part *part,
				      u32 used)
{
	const struct kernel_param *kp = context;
	const struct pvs_param_number *number = kp->arg;
	int shown = min_t(size_t, part->len, PVS_PARAM_SHOWN);

	switch (part->verdict) {
	case PVS_PARAMLIST_BAD_ADDRESS:
		pr_warn_ratelimited("%s=%.*s is not for a PCI address such as 0000:03:00.0: using %u instead\n",
				    kp->name, shown, part->text, used);
		break;
	case PVS_PARAMLIST_TOO_MANY:
		pr_warn_ratelimited("%s=%.*s is not among the first %u addresses: using %u instead\n",
				    kp->name, shown, part->text, PVS_PARAMLIST_ADDRESSES, used);
		break;
	default:
		pr_warn_ratelimited("%s=%.*s is not a %s from %u to %u: using %u instead\n",
				    kp->name, shown, part->text,
				    number->rule.power_of_2 ? "power of two" : "number",
				    number->rule.min, number->rule.max, used);
	}
}

static int pvs_param_number_set(const char *text, const struct kernel_param *kp)
{
	const struct pvs_param_number *number = kp->arg;

	pvs_paramlist_parse(number->list, &number->rule, text ? text : "",
			    pvs_param_number_complain, (void *)kp);
	return 0;
}

static int pvs_param_number_get(char *buffer, const struct kernel_param *kp)
{
	const struct pvs_param_number *number = kp->arg;
	int len = pvs_paramlist_print(number->list, buffer, PAGE_SIZE - 1);

	return len + scnprintf(buffer + len, PAGE_SIZE - len, "\n");
}

/* Without the flag the kernel refuses a name that has no value, and with it the module. */
static const struct kernel_param_ops pvs_param_number_ops = {
	PVS_COMPAT_PARAM_NOARG
	.set = pvs_param_number_set,
	.get = pvs_param_number_get,
};

static int pvs_param_switch_set(const char *text, const struct kernel_param *kp)
{
	bool *value = kp->arg;

	/* A switch without a value means "on". */
	if (!text)
		*value = true;
	else if (kstrtobool(text, value))
		pr_warn("%s=%s is neither Y nor N: using %c instead\n", kp->name, text,
			*value ? 'Y' : 'N');
	return 0;
}

static int pvs_param_switch_get(char *buffer, const struct kernel_param *kp)
{
	const bool *value = kp->arg;

	return scnprintf(buffer, PAGE_SIZE, "%c\n", *value ? 'Y' : 'N');
}

static const struct kernel_param_ops pvs_param_switch_ops = {
	PVS_COMPAT_PARAM_NOARG
	.set = pvs_param_switch_set,
	.get = pvs_param_switch_get,
};

#define PVS_PARAM_NUMBER(name, lowest, highest, pow2, description)		\
	static const struct pvs_param_number pvs_param_##name = {		\
		.list = &pvs_params.name,					\
		.rule = { (lowest), (highest), (pow2) },			\
	};									\
	module_param_cb(name, &pvs_param_number_ops, (void *)&pvs_param_##name, 0444); \
	__MODULE_PARM_TYPE(name, "list of uint");				\
	MODULE_PARM_DESC(name, description)

#define PVS_PARAM_SWITCH(name, description)					\
	module_param_cb(name, &pvs_param_switch_ops, &pvs_params.name, 0444);	\
	__MODULE_PARM_TYPE(name, "bool");					\
	MODULE_PARM_DESC(name, description)

PVS_PARAM_NUMBER(ring_pages, 0, PVSCSI_MAX_RING_PAGES, true,
		 "Pages of 4 KiB in the request ring, 32 commands each: a power of two from 1 to 32; 0 = chosen by disks and memory (default 0); also ADDRESS=PAGES for one adapter");
PVS_PARAM_NUMBER(msg_ring_pages, 1, PVSCSI_MAX_MSG_RING_PAGES, true,
		 "Pages of 4 KiB in the message ring, 32 messages each: a power of two from 1 to 16 (default 1); also ADDRESS=PAGES for one adapter");
PVS_PARAM_NUMBER(cmd_per_lun, 1, PVSCSI_MAX_RING_PAGES * PVSCSI_REQS_PER_PAGE - 1, false,
		 "Commands outstanding per disk at most: 1 to 1023 (default 254); also ADDRESS=COMMANDS for one adapter");
PVS_PARAM_SWITCH(disable_msi, "Do not use MSI (default N)");
PVS_PARAM_SWITCH(disable_msix, "Do not use MSI-X (default N)");
PVS_PARAM_SWITCH(use_msg,
		 "Use the message ring, through which the device tells of disks added and removed (default Y)");
PVS_PARAM_SWITCH(use_req_threshold,
		 "Use the request call threshold, by which the device asks for fewer doorbells (default Y)");
