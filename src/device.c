// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device's life: start, stop, reset, hold and release, renewal of the rings.
 * Process context. life_lock serialises what is done to the device; nobody polls with
 * it. The ring locks are taken inside it, in the order submit, complete, message. See
 * owner.h for who may do what.
 */

#include <linux/delay.h>
#include "complete.h"
#include "device.h"
#include "hotplug.h"
#include "rings.h"
#include "submit.h"
#include "trace.h"

/* Before a shutdown or a suspend. */
#define PVS_DRAIN_TIMEOUT_MS		5000

/* The PCI core gives up on a device that is not back within a minute of its reset. */
#define PVS_PCI_ERROR_TIMEOUT		(120 * HZ)

/* Renewing the rings holds up all I/O: not for long, and not at once again. */
#define PVS_RENEW_TIMEOUT_MS		1000
#define PVS_RENEW_RETRY			(10 * HZ)

/*
 * The only place that changes the state. From its return on nobody acts on the old
 * one: no doorbell for it is being written any more, either.
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
	/* It was turned off if the device did not hear of its stop. */
	pci_set_master(adapter->pdev);
	ret = pvs_rings_attach(adapter);
	if (ret)
		return ret;
	pvs_errors_clear(&adapter->errors);
	/* What was pending before the reset is of no interest, and the mask survives it. */
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
	/* For good: nothing that it might still write is to be acted upon. */
	if (state == PVS_STATE_STOPPED)
		WRITE_ONCE(adapter->has_msg_ring, false);
	adapter->must_start = true;
	pvs_hw_intr_mask(&adapter->hw);
	pvs_hw_reset(&adapter->hw);
	/* One that did not hear of it may come back: it is to have no way to memory then. */
	if (pvs_device_is_absent(adapter))
		pci_clear_master(adapter->pdev);
	/* The reset posts what the device had finished; the rest it has forgotten. */
	pvs_complete_all(adapter);
	pvs_complete_abandoned(adapter, host_byte);
	pvs_complete_sync();
}

/* Nobody waits for what is not to come. */
static void pvs_device_stop_for_good_locked(struct pvs_adapter *adapter)
{
	pvs_device_stop_locked(adapter, PVS_STATE_STOPPED, DID_NO_CONNECT);
	pvs_owner_release_all(adapter->owner);
}

/* Start what was stopped for a while; if that fails it stays stopped. */
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

/* What error handling does */

/* 0 if the caller may write to the device now, as pvs_device_command() returns. */
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
 * From its return on the device is its caller's alone. Returns false if it is stopped,
 * and not held then, or, of a brief hold, held by somebody else.
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
	/* What was queued without a doorbell is to come back as well. */
	if (running && alive)
		pvs_submit_kick(adapter);
	if (!alive) {
		adapter->must_start = true;
		adapter->pci_error_since = jiffies;
	}
	mutex_unlock(&adapter->life_lock);
	return true;
}

/* Wait for the commands under way: 0, -ETIMEDOUT, or -EAGAIN if the device is absent. */
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
 * Power may go: whatever the device had is lost, and so is what it would have told.
 * The disks are idle by now, unless something is stuck: that comes back with
 * DID_RESET, and is issued again after the resume.
 */
void pvs_device_suspend(struct pvs_adapter *adapter, enum pvs_hold hold)
{
	if (!pvs_device_begin_hold(adapter, hold, true))
		return;
	pvs_device_drain_before(adapter, "suspend", "are issued again later");
	mutex_lock(&adapter->life_lock);
	/* After a PCI error it keeps its commands until its slot was reset. */
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
	/* The last one starts it. */
	if (!pvs_owner_has(adapter->owner, hold) || pvs_owner_shares(adapter->owner, hold))
		goto release;
	if (!adapter->must_start) {
		pvs_device_set_state(adapter, PVS_STATE_RUNNING);
		goto release;
	}
	/* After a PCI error: it was reset, and has forgotten what it had. */
	pvs_device_stop_locked(adapter, PVS_STATE_PAUSED, DID_RESET);
	ret = pvs_device_restart_locked(adapter);
	if (BIT(hold) & PVS_HOLDS_BRIEF)
		trace_pvscsi_reset(adapter, PVS_TRACE_ADAPTER, PVS_ANY_TARGET, !ret);
	WRITE_ONCE(adapter->offline_since, 0);
	/* Disks may have come and gone meanwhile, and no message tells. */
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
	 * (Not for a new error, while this was about an earlier one.) Nobody is to reset it
	 * any more, and commands wait. Either it can be told to stop, or bus mastering is
	 * turned off, or the link is down, for it as for us.
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

/* With the adapter ours: what is to be done after errors, some commands missing or not. */
static void pvs_device_judge_locked(struct pvs_adapter *adapter, bool missing)
{
	struct device *dev = pvs_adapter_dev(adapter);
	unsigned long wait;

	lockdep_assert_held(&adapter->life_lock);
	/* Somebody with a better reason may have stopped it meanwhile. */
	if (adapter->state != PVS_STATE_PAUSED || adapter->must_start)
		return;
	if (!missing && !pvs_errors_exceed(&adapter->errors))
		return;
	wait = pvs_errors_reset_wait(&adapter->errors);
	if (wait) {
		mod_delayed_work(adapter->workqueue, &adapter->errors.work, wait);
		return;
	}
	atomic64_inc(&adapter->stats_rare.error_resets);
	if (pvs_errors_may_reset(&adapter->errors)) {
		dev_warn(dev, "invalid completions or indices, and %s: resetting the adapter\n",
			 missing ? "a command that does not come back" : "more and more of them");
		/* The end of the hold does that. */
		adapter->must_start = true;
		return;
	}
	dev_err(dev, "invalid completions or indices again after %d resets: stopped; its commands fail until the driver is bound to it again\n",
		PVS_ERRORS_RESETS);
	pvs_device_stop_for_good_locked(adapter);
}

/* What was said in the place of a completion is missing: so see that all comes back. */
void pvs_device_errors_work(struct work_struct *work)
{
	struct pvs_adapter *adapter = container_of(to_delayed_work(work), struct pvs_adapter,
						   errors.work);
	bool missing;

	if (!pvs_device_begin_hold(adapter, PVS_HOLD_CHECK, true))
		return;
	/* (Of a device that is absent, error handling knows more.) */
	missing = pvs_device_drain(adapter, PVS_ERRORS_CHECK_MS) == -ETIMEDOUT;
	mutex_lock(&adapter->life_lock);
	pvs_device_judge_locked(adapter, missing);
	mutex_unlock(&adapter->life_lock);
	pvs_device_release(adapter, PVS_HOLD_CHECK);
}

/* Renewal, without a reset, so that no target notices */

void pvs_device_renew_msg_ring(struct pvs_adapter *adapter)
{
	mutex_lock(&adapter->life_lock);
	if (!pvs_device_may_write_locked(adapter))
		pvs_rings_renew_msg(adapter);
	mutex_unlock(&adapter->life_lock);
}

/* With the rings drained, or not; the adapter is ours. */
static void pvs_device_renew_locked(struct pvs_adapter *adapter, bool drained)
{
	lockdep_assert_held(&adapter->life_lock);
	/* Somebody with a better reason may have stopped it meanwhile. */
	if (adapter->state != PVS_STATE_PAUSED || adapter->must_start)
		return;
	/* The next command asks again, and there are many left before the wrap. */
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
	/* A check that came meanwhile was refused. */
	if (pvs_errors_seen(&adapter->errors))
		queue_delayed_work(adapter->workqueue, &adapter->errors.work, 0);
}
