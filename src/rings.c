// SPDX-License-Identifier: GPL-2.0-only
/*
 * Setting up the rings, empty and with the same indices in driver and device. Process
 * context, under life_lock; no command is submitted meanwhile.
 */

#include "hotplug.h"
#include "params.h"
#include "rings.h"

static void pvs_rings_init_msg(struct pvs_adapter *adapter)
{
	pvs_ring_init(&adapter->msg_ring, adapter->shared_msg.pages * PVSCSI_MSGS_PER_PAGE);
	adapter->rings_state->msg_prod = 0;
	adapter->rings_state->msg_cons = 0;
	/* Set every type to PVS_MSG_NONE, so that an unwritten slot is not taken for a message. */
	if (adapter->shared_msg.va)
		memset(adapter->shared_msg.va, PVS_MSG_NONE & 0xff,
		       adapter->shared_msg.pages * PVSCSI_PAGE_SIZE);
}

static void pvs_rings_init(struct pvs_adapter *adapter)
{
	memset(adapter->rings_state, 0, sizeof(*adapter->rings_state));
	pvs_ring_init(&adapter->req_ring, adapter->shared_req.pages * PVSCSI_REQS_PER_PAGE);
	pvs_ring_init(&adapter->cmp_ring, adapter->shared_cmp.pages * PVSCSI_CMPS_PER_PAGE);
	pvs_rings_init_msg(adapter);
}

/* Empty all rings on the driver's side. Each of the three locks protects one ring. */
static void pvs_rings_empty(struct pvs_adapter *adapter)
{
	unsigned long flags;

	spin_lock_irqsave(&adapter->submit_lock, flags);
	spin_lock(&adapter->complete_lock);
	spin_lock(&adapter->msg_lock);
	if (pvs_hotplug_pending(adapter))
		adapter->msgs_lost = true;
	pvs_rings_init(adapter);
	adapter->doorbell_due = 0;
	adapter->doorbell_non_rw = false;
	spin_unlock(&adapter->msg_lock);
	spin_unlock(&adapter->complete_lock);
	spin_unlock_irqrestore(&adapter->submit_lock, flags);
}

static void pvs_rings_page_numbers(const struct pvs_shared *shared, __le64 *ppns)
{
	u32 i;

	for (i = 0; i < shared->pages; i++)
		ppns[i] = cpu_to_le64((shared->addr >> PVSCSI_PAGE_SHIFT) + i);
}

/*
 * Check that the device wrote the ring sizes to the rings state. Its registers cannot show
 * that it works: if its BAR address was lost, they read as zeros, which also means success.
 */
static int pvs_rings_setup(struct pvs_adapter *adapter)
{
	/* On the stack, since a reset must not allocate: reclaim may need I/O to this device. */
	struct pvscsi_cmd_setup_rings desc = { 0 };
	u32 status;

	desc.req_pages = cpu_to_le32(adapter->shared_req.pages);
	desc.cmp_pages = cpu_to_le32(adapter->shared_cmp.pages);
	desc.state_ppn = cpu_to_le64(adapter->shared_state.addr >> PVSCSI_PAGE_SHIFT);
	pvs_rings_page_numbers(&adapter->shared_req, desc.req_ppns);
	pvs_rings_page_numbers(&adapter->shared_cmp, desc.cmp_ppns);
	status = pvs_hw_command(&adapter->hw, PVSCSI_CMD_SETUP_RINGS, &desc, sizeof(desc));
	if (pvs_hw_refused(status)) {
		dev_err(pvs_adapter_dev(adapter), "the device refuses the rings (status 0x%x)\n",
			status);
		return -ENODEV;
	}
	/* Orders the read of the command's status before the reads of what the command wrote. */
	dma_rmb();
	if (!READ_ONCE(adapter->rings_state->req_log2) &&
	    !READ_ONCE(adapter->rings_state->cmp_log2)) {
		dev_err(pvs_adapter_dev(adapter),
			"the device did not accept the rings: its registers do not answer. If a reset cleared its BARs, rescan it: echo 1 >/sys/bus/pci/devices/%s/remove; echo 1 >/sys/bus/pci/rescan\n",
			pci_name(adapter->pdev));
		return -ENODEV;
	}
	return 0;
}

/*
 * Adopt the indices at which the device starts. The driver sets them to 0, but the device may
 * replace both of a ring. They must be equal, since the ring is empty.
 */
static void pvs_rings_adopt_indices(struct pvs_adapter *adapter)
{
	const struct pvscsi_rings_state *state = adapter->rings_state;
	u32 req_prod, cmp_prod;
	unsigned long flags;

	req_prod = le32_to_cpu(READ_ONCE(state->req_prod));
	cmp_prod = le32_to_cpu(READ_ONCE(state->cmp_prod));
	spin_lock_irqsave(&adapter->submit_lock, flags);
	spin_lock(&adapter->complete_lock);
	if (req_prod == le32_to_cpu(READ_ONCE(state->req_cons)))
		adapter->req_ring.index = req_prod;
	if (cmp_prod == le32_to_cpu(READ_ONCE(state->cmp_cons)))
		adapter->cmp_ring.index = cmp_prod;
	adapter->wraps = adapter->req_ring.index >= PVS_RENEW_INDEX;
	spin_unlock(&adapter->complete_lock);
	spin_unlock_irqrestore(&adapter->submit_lock, flags);
}

/* The same for the message ring. */
static void pvs_rings_adopt_msg_index(struct pvs_adapter *adapter)
{
	const struct pvscsi_rings_state *state = adapter->rings_state;
	u32 prod;

	dma_rmb();
	prod = le32_to_cpu(READ_ONCE(state->msg_prod));
	spin_lock_irq(&adapter->msg_lock);
	if (prod == le32_to_cpu(READ_ONCE(state->msg_cons)))
		adapter->msg_ring.index = prod;
	spin_unlock_irq(&adapter->msg_lock);
}

static bool pvs_rings_setup_msg(struct pvs_adapter *adapter)
{
	struct pvscsi_cmd_setup_msg_ring desc = { 0 };
	u32 status;

	if (!adapter->shared_msg.pages)
		return false;
	desc.pages = cpu_to_le32(adapter->shared_msg.pages);
	pvs_rings_page_numbers(&adapter->shared_msg, desc.ppns);
	status = pvs_hw_probe_command(&adapter->hw, PVSCSI_CMD_SETUP_MSG_RING, &desc,
				      sizeof(desc));
	if (pvs_hw_refused(status))
		return false;
	pvs_rings_adopt_msg_index(adapter);
	return true;
}

static bool pvs_rings_setup_threshold(struct pvs_adapter *adapter)
{
	struct pvscsi_cmd_setup_reqcall desc = { .enable = cpu_to_le32(1) };
	u32 status;

	if (!pvs_params.use_req_threshold)
		return false;
	status = pvs_hw_probe_command(&adapter->hw, PVSCSI_CMD_SETUP_REQCALLTHRESHOLD, &desc,
				      sizeof(desc));
	return !pvs_hw_refused(status);
}

int pvs_rings_attach(struct pvs_adapter *adapter)
{
	int ret;

	lockdep_assert_held(&adapter->life_lock);
	pvs_rings_empty(adapter);
	ret = pvs_rings_setup(adapter);
	if (ret)
		return ret;
	pvs_rings_adopt_indices(adapter);
	WRITE_ONCE(adapter->has_msg_ring, pvs_rings_setup_msg(adapter));
	adapter->has_threshold = pvs_rings_setup_threshold(adapter);
	return 0;
}

void pvs_rings_renew_msg(struct pvs_adapter *adapter)
{
	lockdep_assert_held(&adapter->life_lock);
	spin_lock_irq(&adapter->msg_lock);
	pvs_rings_init_msg(adapter);
	spin_unlock_irq(&adapter->msg_lock);
	WRITE_ONCE(adapter->has_msg_ring, pvs_rings_setup_msg(adapter));
}
