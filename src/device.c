// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device's state: start, stop, reset, hold and release, renewal of the rings.
 * Process context. life_lock serialises these operations; it is not held while the device
 * is polled. The ring locks nest inside it, in the order submit, complete, message.
 * owner.h explains holds.
 */

#include <linux/delay.h>
#include "complete.h"
#include "device.h"
#include "hotplug.h"
#include "rings.h"
#include "submit.h"
#include "trace.h"

/* How long a shutdown or a suspend waits for outstanding commands. */
#define PVS_DRAIN_TIMEOUT_MS		5000

/* The PCI core gives up on a device that is not back one minute after its reset. */
#define PVS_PCI_ERROR_TIMEOUT		(120 * HZ)

/* A renewal of the rings delays all I/O, so limit it, and wait before the next attempt. */
#define PVS_RENEW_TIMEOUT_MS		1000
#define PVS_RENEW_RETRY			(10 * HZ)

/*
 * The only function that changes the state, under submit_lock. When it returns, no CPU acts
 * on the old state any more. Doorbells are written without the lock, so it waits for writes
 * in progress unless the device is now running.
 */
static void pvs_device_set_state(struct pvs_adapter *adapter, enum pvs_state state)
{
	unsigned long flags;

	lockdep_assert_held(&adapter->life_lock);
	spin_lock_irqsave(&adapter->submit_lock, flags);
	adapter->state = state;
	while (state != PVS_STATE_RUNNING && adapter->doorbells_under_way) {
		spin_unlock_irqrestore(&adapter->submit_lock, flags);
		usleep_range(10, 50);
		spin_lock_irqsave(&adapter->submit_lock, flags);
	}
	spin_unlock_irqrestore(&adapter->submit_lock, flags);
}

/* Start, stop, reset */

static int pvs_device_start_locked(struct pvs_adapter *adapter)
{
	int ret;

	lockdep_assert_held(&adapter->life_lock);
	if (pvs_hw_is_gone(&adapter->hw)) {
		dev_err(pvs_adapter_dev(adapter), "the device does not answer: its registers read as all ones\n");
		return -ENODEV;
	}
	pvs_hw_reset(&adapter->hw);
	/* A stop turns bus mastering off if the device is absent. */
	pci_set_master(adapter->pdev);
	ret = pvs_rings_attach(adapter);
	if (ret)
		return ret;
	pvs_errors_clear(&adapter->errors);
	/* Interrupts from before the reset are irrelevant. The mask survives the reset. */
	pvs_hw_intr_ack(&adapter->hw, PVSCSI_INTR_ALL);
	pvs_hw_intr_unmask(&adapter->hw);
	adapter->must_start = false;
	pvs_device_set_state(adapter, PVS_STATE_RUNNING);
	pvs_hotplug_check(adapter);
	return 0;
}

bool pvs_device_is_absent(struct pvs_adapter *adapter)
{
	return pci_channel_offline(adapter->pdev) || pvs_hw_is_gone(&adapter->hw);
}

static void pvs_device_stop_locked(struct pvs_adapter *adapter, enum pvs_state state,
				   u8 host_byte)
{
	lockdep_assert_held(&adapter->life_lock);
	pvs_device_set_state(adapter, state);
	/* Stopped permanently: ignore messages that the device may still write. */
	if (state == PVS_STATE_STOPPED)
		WRITE_ONCE(adapter->has_msg_ring, false);
	adapter->must_start = true;
	pvs_hw_intr_mask(&adapter->hw);
	pvs_hw_reset(&adapter->hw);
	/* An absent device may have missed the reset. If it comes back, it must not do DMA. */
	if (pvs_device_is_absent(adapter))
		pci_clear_master(adapter->pdev);
	/* The reset posts the finished commands, and discards the others. */
	pvs_complete_all(adapter);
	pvs_complete_abandoned(adapter, host_byte);
	pvs_complete_sync();
}

/* Stop the device, and end all holds, so that nothing waits for a restart. */
static void pvs_device_stop_for_good_locked(struct pvs_adapter *adapter)
{
	pvs_device_stop_locked(adapter, PVS_STATE_STOPPED, DID_NO_CONNECT);
	pvs_owner_release_all(adapter->owner);
}

/* Start the device after a temporary stop. If that fails, stop it permanently. */
static int pvs_device_restart_locked(struct pvs_adapter *adapter)
{
	int ret = pvs_device_start_locked(adapter);

	if (ret)
		pvs_device_stop_for_good_locked(adapter);
	return ret;
}

int pvs_device_start(struct pvs_adapter *adapter)
{
	int ret;

	mutex_lock(&adapter->life_lock);
	ret = pvs_device_start_locked(adapter);
	mutex_unlock(&adapter->life_lock);
	return ret;
}

void pvs_device_stop(struct pvs_adapter *adapter)
{
	mutex_lock(&adapter->life_lock);
	pvs_device_stop_for_good_locked(adapter);
	mutex_unlock(&adapter->life_lock);
}

/* Operations for error handling */

/* 0 if error handling may access the device, else the error for pvs_device_command(). */
static int pvs_device_may_write_locked(struct pvs_adapter *adapter)
{
	lockdep_assert_held(&adapter->life_lock);
	if (adapter->state == PVS_STATE_STOPPED)
		return -ENODEV;
	return adapter->state == PVS_STATE_PAUSED || pvs_owner_is_held(adapter->owner) ?
	       -EAGAIN : 0;
}

int pvs_device_command(struct pvs_adapter *adapter, enum pvscsi_command command, const void *desc,
		       size_t size, u32 *status)
{
	int ret;

	mutex_lock(&adapter->life_lock);
	ret = pvs_device_may_write_locked(adapter);
	if (!ret)
		*status = pvs_hw_command(&adapter->hw, command, desc, size);
	mutex_unlock(&adapter->life_lock);
	return ret;
}

int pvs_device_kick(struct pvs_adapter *adapter)
{
	int ret;

	mutex_lock(&adapter->life_lock);
	ret = pvs_device_may_write_locked(adapter);
	if (!ret)
		pvs_submit_kick(adapter);
	mutex_unlock(&adapter->life_lock);
	return ret;
}

int pvs_device_reset(struct pvs_adapter *adapter)
{
	int ret;

	mutex_lock(&adapter->life_lock);
	ret = pvs_device_may_write_locked(adapter);
	if (!ret) {
		pvs_device_stop_locked(adapter, PVS_STATE_PAUSED, DID_RESET);
		ret = pvs_device_restart_locked(adapter);
		trace_pvscsi_reset(adapter, PVS_TRACE_ADAPTER, PVS_ANY_TARGET, !ret);
	}
	mutex_unlock(&adapter->life_lock);
	return ret;
}

int pvs_device_give_up(struct pvs_adapter *adapter)
{
	int ret;

	mutex_lock(&adapter->life_lock);
	ret = pvs_device_may_write_locked(adapter);
	if (!ret && pvs_device_is_absent(adapter)) {
		dev_err(pvs_adapter_dev(adapter),
			"the device is gone: its registers read as all ones; its commands fail until the driver is bound to it again\n");
		pvs_device_stop_for_good_locked(adapter);
		ret = -ENODEV;
	}
	mutex_unlock(&adapter->life_lock);
	return ret;
}

/* Hold and release */

/*
 * Begin a hold. Once this returns true, no command is submitted, and error handling does not
 * access the device. Returns false, without a hold, if the device is stopped, or if the hold
 * is a brief one and there is another hold.
 */
static bool pvs_device_begin_hold(struct pvs_adapter *adapter, enum pvs_hold hold, bool alive)
{
	bool running;

	pvs_owner_hold(adapter->owner, hold);
	mutex_lock(&adapter->life_lock);
	if (adapter->state == PVS_STATE_STOPPED ||
	    (BIT(hold) & PVS_HOLDS_BRIEF && pvs_owner_shares(adapter->owner, hold))) {
		pvs_owner_release(adapter->owner, hold);
		mutex_unlock(&adapter->life_lock);
		return false;
	}
	running = adapter->state == PVS_STATE_RUNNING;
	pvs_device_set_state(adapter, PVS_STATE_PAUSED);
	/* Requests that were queued without a doorbell must be completed, too. */
	if (running && alive)
		pvs_submit_kick(adapter);
	if (!alive) {
		adapter->must_start = true;
		adapter->pci_error_since = jiffies;
	}
	mutex_unlock(&adapter->life_lock);
	return true;
}

/* Wait for the outstanding commands. 0, -ETIMEDOUT, or -EAGAIN if the device is absent. */
static int pvs_device_drain(struct pvs_adapter *adapter, u32 timeout_ms)
{
	return pvs_complete_wait(adapter, PVS_ANY_TARGET, timeout_ms, pvs_device_is_absent);
}

static void pvs_device_drain_before(struct pvs_adapter *adapter, const char *what,
				    const char *outcome)
{
	if (pvs_device_drain(adapter, PVS_DRAIN_TIMEOUT_MS))
		dev_warn(pvs_adapter_dev(adapter), "%s: commands not back in %d s %s\n", what,
			 PVS_DRAIN_TIMEOUT_MS / 1000, outcome);
}

/*
 * The device may lose power, and with it its commands and its messages. The disks are idle
 * by now unless a command is stuck. A stuck command is completed with DID_RESET, and issued
 * again after the resume.
 */
void pvs_device_suspend(struct pvs_adapter *adapter, enum pvs_hold hold)
{
	if (!pvs_device_begin_hold(adapter, hold, true))
		return;
	pvs_device_drain_before(adapter, "suspend", "are issued again later");
	mutex_lock(&adapter->life_lock);
	/* After a PCI error its commands stay outstanding until its slot was reset. */
	if (adapter->state == PVS_STATE_PAUSED &&
	    !pvs_owner_has(adapter->owner, PVS_HOLD_PCI_ERROR))
		pvs_device_stop_locked(adapter, PVS_STATE_PAUSED, DID_RESET);
	mutex_unlock(&adapter->life_lock);
}

void pvs_device_hold(struct pvs_adapter *adapter)
{
	if (pvs_device_begin_hold(adapter, PVS_HOLD_PCI_ERROR, false))
		mod_delayed_work(adapter->workqueue, &adapter->pci_error_work,
				 PVS_PCI_ERROR_TIMEOUT);
}

bool pvs_device_is_asleep(const struct pvs_adapter *adapter)
{
	return pvs_owner_has(adapter->owner, PVS_HOLD_SLEEP);
}

int pvs_device_release(struct pvs_adapter *adapter, enum pvs_hold hold)
{
	int ret = 0;

	mutex_lock(&adapter->life_lock);
	if (adapter->state == PVS_STATE_STOPPED) {
		ret = -ENODEV;
		goto unlock;
	}
	/* Only the end of the last hold starts the device. */
	if (!pvs_owner_has(adapter->owner, hold) || pvs_owner_shares(adapter->owner, hold))
		goto release;
	if (!adapter->must_start) {
		pvs_device_set_state(adapter, PVS_STATE_RUNNING);
		goto release;
	}
	/* This also completes commands kept since a PCI error; a reset has discarded them. */
	pvs_device_stop_locked(adapter, PVS_STATE_PAUSED, DID_RESET);
	ret = pvs_device_restart_locked(adapter);
	if (BIT(hold) & PVS_HOLDS_BRIEF)
		trace_pvscsi_reset(adapter, PVS_TRACE_ADAPTER, PVS_ANY_TARGET, !ret);
	WRITE_ONCE(adapter->offline_since, 0);
	/* Disks may have been added or removed meanwhile, without a message. */
	if (adapter->has_msg_ring)
		pvs_hotplug_rescan(adapter);
release:
	if (hold == PVS_HOLD_PCI_ERROR)
		cancel_delayed_work(&adapter->pci_error_work);
	pvs_owner_release(adapter->owner, hold);
unlock:
	mutex_unlock(&adapter->life_lock);
	return ret;
}

void pvs_device_shutdown(struct pvs_adapter *adapter)
{
	if (!pvs_device_begin_hold(adapter, PVS_HOLD_SHUTDOWN, true))
		return;
	pvs_device_drain_before(adapter, "shutdown", "are abandoned");
	pvs_device_stop(adapter);
}

void pvs_device_pci_error_work(struct work_struct *work)
{
	struct pvs_adapter *adapter = container_of(to_delayed_work(work), struct pvs_adapter,
						   pci_error_work);

	mutex_lock(&adapter->life_lock);
	/*
	 * The PCI core no longer resets the device, and commands wait. Stop it: either it can be
	 * reset, or turning bus mastering off stops it, or its link is down in both directions.
	 * (The time is checked since a newer error may have begun after this work was queued.)
	 */
	if (pvs_owner_has(adapter->owner, PVS_HOLD_PCI_ERROR) &&
	    !time_before(jiffies, adapter->pci_error_since + PVS_PCI_ERROR_TIMEOUT)) {
		dev_err(pvs_adapter_dev(adapter),
			"the PCI core did not bring the device back in %d s: its commands fail until the driver is bound to it again\n",
			PVS_PCI_ERROR_TIMEOUT / HZ);
		pvs_device_stop_for_good_locked(adapter);
	}
	mutex_unlock(&adapter->life_lock);
}

/* Errors of the device itself */

/* QEMU's device ignores an IOMMU: it takes other memory for its rings and completes nothing. */
static bool pvs_device_ignores_iommu(const struct pvs_adapter *adapter)
{
	return adapter->is_qemu && !READ_ONCE(adapter->stats_complete.completions) &&
	       pvs_adapter_is_translated(adapter);
}

/* Decide what to do after errors of the device. Called during the CHECK hold. */
static void pvs_device_judge_locked(struct pvs_adapter *adapter, bool missing)
{
	struct device *dev = pvs_adapter_dev(adapter);
	unsigned long wait;

	lockdep_assert_held(&adapter->life_lock);
	/* The device may have been stopped meanwhile, for another reason. */
	if (adapter->state != PVS_STATE_PAUSED || adapter->must_start)
		return;
	if (!missing && !pvs_errors_exceed(&adapter->errors))
		return;
	if (pvs_device_ignores_iommu(adapter)) {
		dev_err(dev, "an IOMMU translates this device's memory accesses, and QEMU's device ignores that, so no command can work: stopped. Boot with %s on the kernel command line\n",
			IS_ENABLED(CONFIG_X86) ? "iommu=pt" : "iommu.passthrough=1");
		pvs_device_stop_for_good_locked(adapter);
		return;
	}
	wait = pvs_errors_reset_wait(&adapter->errors);
	if (wait) {
		mod_delayed_work(adapter->workqueue, &adapter->errors.work, wait);
		return;
	}
	atomic64_inc(&adapter->stats_rare.error_resets);
	if (pvs_errors_may_reset(&adapter->errors)) {
		dev_warn(dev, "invalid completions or indices, and %s: resetting the adapter\n",
			 missing ? "a command does not come back" : "too many of them");
		/* The release of the hold resets the adapter. */
		adapter->must_start = true;
		return;
	}
	dev_err(dev, "invalid completions or indices again after %d resets: stopped; its commands fail until the driver is bound to it again\n",
		PVS_ERRORS_RESETS);
	pvs_device_stop_for_good_locked(adapter);
}

/* An invalid entry may have replaced a completion: wait for all commands, to find missing ones. */
void pvs_device_errors_work(struct work_struct *work)
{
	struct pvs_adapter *adapter = container_of(to_delayed_work(work), struct pvs_adapter,
						   errors.work);
	bool missing;

	if (!pvs_device_begin_hold(adapter, PVS_HOLD_CHECK, true))
		return;
	/* An absent device (-EAGAIN) is left to error handling. */
	missing = pvs_device_drain(adapter, PVS_ERRORS_CHECK_MS) == -ETIMEDOUT;
	mutex_lock(&adapter->life_lock);
	pvs_device_judge_locked(adapter, missing);
	mutex_unlock(&adapter->life_lock);
	pvs_device_release(adapter, PVS_HOLD_CHECK);
}

/* Renewal of the rings: without a reset, so that targets are not affected */

void pvs_device_renew_msg_ring(struct pvs_adapter *adapter)
{
	mutex_lock(&adapter->life_lock);
	if (!pvs_device_may_write_locked(adapter))
		pvs_rings_renew_msg(adapter);
	mutex_unlock(&adapter->life_lock);
}

/* Renew the rings if they were drained. Called during the RENEWAL hold. */
static void pvs_device_renew_locked(struct pvs_adapter *adapter, bool drained)
{
	lockdep_assert_held(&adapter->life_lock);
	/* The device may have been stopped meanwhile, for another reason. */
	if (adapter->state != PVS_STATE_PAUSED || adapter->must_start)
		return;
	/* If not drained, the next command schedules another try. Many are left before the wrap. */
	adapter->renew_delay = drained ? 0 : PVS_RENEW_RETRY;
	if (!drained)
		return;
	if (pvs_rings_attach(adapter)) {
		adapter->must_start = true;
		return;
	}
	pvs_hotplug_check(adapter);
	atomic64_inc(&adapter->stats_rare.rings_renewed);
	dev_info(pvs_adapter_dev(adapter), "rings renewed before their index wraps\n");
}

void pvs_device_renew_work(struct work_struct *work)
{
	struct pvs_adapter *adapter = container_of(to_delayed_work(work), struct pvs_adapter,
						   renew_work);
	bool drained;

	if (READ_ONCE(adapter->req_ring.index) < PVS_RENEW_INDEX ||
	    !pvs_device_begin_hold(adapter, PVS_HOLD_RENEWAL, true))
		return;
	drained = !pvs_device_drain(adapter, PVS_RENEW_TIMEOUT_MS);
	mutex_lock(&adapter->life_lock);
	pvs_device_renew_locked(adapter, drained);
	mutex_unlock(&adapter->life_lock);
	pvs_device_release(adapter, PVS_HOLD_RENEWAL);
	/* A check that came due during this hold did nothing: schedule it again. */
	if (pvs_errors_seen(&adapter->errors))
		queue_delayed_work(adapter->workqueue, &adapter->errors.work, 0);
}
