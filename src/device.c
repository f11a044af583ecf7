// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the device is told of its life: start, stop, reset, renewal of the rings.
 * Process context. life_lock serialises all of it; the ring locks are taken inside
 * it, in the order submit, complete, message.
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

/* The PCI core gives a device up to a minute to come back from its reset. */
#define PVS_HELD_TIMEOUT		(90 * HZ)

/* A device whose registers read as all ones may come back. */
#define PVS_GONE_TIMEOUT_MS		5000
#define PVS_GONE_POLL_MS		50

/* Renewing the rings holds up all I/O: not for long, and not at once again. */
#define PVS_RENEW_TIMEOUT_MS		1000
#define PVS_RENEW_RETRY			(10 * HZ)

/* The only place that changes the state; from its return on, nobody acts on the old one. */
static void pvs_device_set_state(struct pvs_adapter *adapter, enum pvs_state state)
{
	unsigned long flags;

	spin_lock_irqsave(&adapter->submit_lock, flags);
	adapter->state = state;
	spin_unlock_irqrestore(&adapter->submit_lock, flags);
}

static int pvs_device_start_locked(struct pvs_adapter *adapter)
{
	int ret;

	lockdep_assert_held(&adapter->life_lock);
	if (pvs_hw_is_gone(&adapter->hw)) {
		dev_err(pvs_adapter_dev(adapter), "the device does not answer: its registers read as all ones\n");
		return -ENODEV;
	}
	pvs_hw_reset(&adapter->hw);
	ret = pvs_rings_attach(adapter);
	if (ret)
		return ret;
	pvs_trust_renew(&adapter->trust);
	/* What was pending before the reset is of no interest, and the mask survives it. */
	pvs_hw_intr_ack(&adapter->hw, PVSCSI_INTR_ALL);
	pvs_hw_intr_unmask(&adapter->hw);
	pvs_device_set_state(adapter, PVS_STATE_RUNNING);
	pvs_hotplug_check(adapter);
	return 0;
}

/* Accept no commands, wait for those under way: returns whether all came back in time. */
static bool pvs_device_drain_locked(struct pvs_adapter *adapter, u32 timeout_ms)
{
	lockdep_assert_held(&adapter->life_lock);
	pvs_device_set_state(adapter, PVS_STATE_PAUSED);
	pvs_submit_kick(adapter);
	return pvs_complete_wait(adapter, PVS_ANY_TARGET, timeout_ms);
}

static void pvs_device_stop_locked(struct pvs_adapter *adapter, enum pvs_state state,
				   u8 host_byte)
{
	lockdep_assert_held(&adapter->life_lock);
	pvs_device_set_state(adapter, state);
	/* For good: nothing that it might still write is to be acted upon. */
	if (state == PVS_STATE_STOPPED)
		WRITE_ONCE(adapter->has_msg_ring, false);
	pvs_hw_intr_mask(&adapter->hw);
	pvs_hw_reset(&adapter->hw);
	/* The reset posts what the device had finished; the rest it has forgotten. */
	pvs_complete_all(adapter);
	pvs_complete_abandoned(adapter, host_byte);
	pvs_complete_sync();
}

static void pvs_device_set_held_locked(struct pvs_adapter *adapter, bool held)
{
	lockdep_assert_held(&adapter->life_lock);
	WRITE_ONCE(adapter->held, held);
	wake_up_all(&adapter->held_wait);
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
	pvs_device_stop_locked(adapter, PVS_STATE_STOPPED, DID_NO_CONNECT);
	pvs_device_set_held_locked(adapter, false);
	mutex_unlock(&adapter->life_lock);
}

void pvs_device_shutdown(struct pvs_adapter *adapter)
{
	mutex_lock(&adapter->life_lock);
	if (!pvs_device_drain_locked(adapter, PVS_DRAIN_TIMEOUT_MS))
		dev_warn(pvs_adapter_dev(adapter), "shutdown: commands not back in %d s are abandoned\n",
			 PVS_DRAIN_TIMEOUT_MS / 1000);
	pvs_device_stop_locked(adapter, PVS_STATE_STOPPED, DID_NO_CONNECT);
	pvs_device_set_held_locked(adapter, false);
	mutex_unlock(&adapter->life_lock);
}

/*
 * Power may go: whatever the device had is lost, and so is what it would have told.
 * The disks are idle by now, unless something is stuck: that comes back with
 * DID_RESET, and is issued again after the resume.
 */
void pvs_device_suspend(struct pvs_adapter *adapter)
{
	mutex_lock(&adapter->life_lock);
	if (adapter->state != PVS_STATE_STOPPED) {
		if (!pvs_device_drain_locked(adapter, PVS_DRAIN_TIMEOUT_MS))
			dev_warn(pvs_adapter_dev(adapter),
				 "suspend: commands not back in %d s are issued again later\n",
				 PVS_DRAIN_TIMEOUT_MS / 1000);
		pvs_device_stop_locked(adapter, PVS_STATE_PAUSED, DID_RESET);
		pvs_device_set_held_locked(adapter, true);
	}
	mutex_unlock(&adapter->life_lock);
}

void pvs_device_hold(struct pvs_adapter *adapter)
{
	mutex_lock(&adapter->life_lock);
	if (adapter->state != PVS_STATE_STOPPED) {
		pvs_device_set_state(adapter, PVS_STATE_PAUSED);
		pvs_device_set_held_locked(adapter, true);
	}
	mutex_unlock(&adapter->life_lock);
}

bool pvs_device_is_held(const struct pvs_adapter *adapter)
{
	return READ_ONCE(adapter->held);
}

void pvs_device_wait_held(struct pvs_adapter *adapter)
{
	wait_event_timeout(adapter->held_wait, !pvs_device_is_held(adapter), PVS_HELD_TIMEOUT);
}

/* Start what was stopped for a while; if that fails it stays stopped. */
static int pvs_device_restart_locked(struct pvs_adapter *adapter)
{
	int ret = pvs_device_start_locked(adapter);

	if (ret)
		pvs_device_stop_locked(adapter, PVS_STATE_STOPPED, DID_NO_CONNECT);
	return ret;
}

int pvs_device_resume(struct pvs_adapter *adapter)
{
	int ret = 0;

	mutex_lock(&adapter->life_lock);
	/* (Removed, or failed before: nothing starts it again.) */
	if (adapter->held) {
		/* Of a hold: it was reset, and has forgotten what it had. */
		pvs_device_stop_locked(adapter, PVS_STATE_PAUSED, DID_RESET);
		ret = pvs_device_restart_locked(adapter);
		pvs_device_set_held_locked(adapter, false);
		/* Disks may have come meanwhile, and no message tells. */
		if (adapter->has_msg_ring)
			pvs_hotplug_rescan(adapter);
	}
	mutex_unlock(&adapter->life_lock);
	return ret;
}

static int pvs_device_reset_locked(struct pvs_adapter *adapter)
{
	int ret;

	lockdep_assert_held(&adapter->life_lock);
	/* Shut down or removed in the meantime: nothing starts it again. Or not yet. */
	if (adapter->state == PVS_STATE_STOPPED || adapter->held)
		return -ENODEV;
	pvs_device_stop_locked(adapter, PVS_STATE_PAUSED, DID_RESET);
	ret = pvs_device_restart_locked(adapter);
	trace_pvscsi_reset(adapter, PVS_TRACE_ADAPTER, PVS_ANY_TARGET, !ret);
	return ret;
}

int pvs_device_reset(struct pvs_adapter *adapter)
{
	int ret;

	mutex_lock(&adapter->life_lock);
	ret = pvs_device_reset_locked(adapter);
	mutex_unlock(&adapter->life_lock);
	return ret;
}

/* A device that is gone, or not to be believed */

static bool pvs_device_comes_back(struct pvs_adapter *adapter)
{
	u32 tries = PVS_GONE_TIMEOUT_MS / PVS_GONE_POLL_MS;

	while (pvs_hw_is_gone(&adapter->hw)) {
		if (!tries--)
			return false;
		msleep(PVS_GONE_POLL_MS);
	}
	return true;
}

static void pvs_device_handle_gone_locked(struct pvs_adapter *adapter)
{
	lockdep_assert_held(&adapter->life_lock);
	if (pvs_device_comes_back(adapter)) {
		/* It may have forgotten its rings. */
		dev_warn(pvs_adapter_dev(adapter), "the device was gone for a moment: resetting it\n");
		pvs_device_reset_locked(adapter);
		return;
	}
	dev_err(pvs_adapter_dev(adapter),
		"the device is gone: its registers read as all ones; its commands fail until the driver is bound to it anew\n");
	pvs_device_stop_locked(adapter, PVS_STATE_STOPPED, DID_NO_CONNECT);
}

bool pvs_device_is_gone(struct pvs_adapter *adapter)
{
	bool gone;

	mutex_lock(&adapter->life_lock);
	/* (One that sleeps may read as all ones, too.) */
	if (adapter->state == PVS_STATE_RUNNING && pvs_hw_is_gone(&adapter->hw))
		pvs_device_handle_gone_locked(adapter);
	gone = adapter->state == PVS_STATE_STOPPED;
	mutex_unlock(&adapter->life_lock);
	return gone;
}

static void pvs_device_distrust_locked(struct pvs_adapter *adapter)
{
	lockdep_assert_held(&adapter->life_lock);
	atomic64_inc(&adapter->stats_rare.distrusted);
	if (pvs_trust_once_more(&adapter->trust)) {
		dev_warn(pvs_adapter_dev(adapter),
			 "the device completed what it does not own, or told impossible indices, and %s: resetting it\n",
			 pvs_trust_is_spent(&adapter->trust) ? "goes on" : "misses a command");
		pvs_device_reset_locked(adapter);
		return;
	}
	dev_err(pvs_adapter_dev(adapter),
		"the device lies again after %d resets: stopped; its commands fail until the driver is bound to it anew\n",
		PVS_TRUST_RESETS);
	pvs_device_stop_locked(adapter, PVS_STATE_STOPPED, DID_NO_CONNECT);
}

void pvs_device_distrust_work(struct work_struct *work)
{
	struct pvs_adapter *adapter = container_of(to_delayed_work(work), struct pvs_adapter,
						   trust.work);
	unsigned long wait;

	/* The interrupt may have been lost with it. */
	pvs_complete_all(adapter);
	mutex_lock(&adapter->life_lock);
	/* Reset by somebody else meanwhile, asleep, or stopped. */
	if (adapter->state != PVS_STATE_RUNNING)
		goto unlock;
	if (!pvs_trust_is_spent(&adapter->trust) && !pvs_cmds_doubted(&adapter->cmds)) {
		/* All is back, but what was given to it since may not come. */
		if (pvs_trust_lied(&adapter->trust)) {
			pvs_cmds_doubt(&adapter->cmds);
			queue_delayed_work(adapter->workqueue, &adapter->trust.work,
					   PVS_TRUST_CHECK);
		}
		goto unlock;
	}
	wait = pvs_trust_wait(&adapter->trust);
	if (wait)
		mod_delayed_work(adapter->workqueue, &adapter->trust.work, wait);
	else
		pvs_device_distrust_locked(adapter);
unlock:
	mutex_unlock(&adapter->life_lock);
}

/* Renewal, without a reset, so that no target notices */

void pvs_device_renew_msg_ring(struct pvs_adapter *adapter)
{
	mutex_lock(&adapter->life_lock);
	if (adapter->state == PVS_STATE_RUNNING) {
		pvs_rings_renew_msg(adapter);
	}
	mutex_unlock(&adapter->life_lock);
}

void pvs_device_renew_work(struct work_struct *work)
{
	struct pvs_adapter *adapter = container_of(to_delayed_work(work), struct pvs_adapter,
						   renew_work);

	mutex_lock(&adapter->life_lock);
	if (adapter->state != PVS_STATE_RUNNING || adapter->req_ring.index < PVS_RENEW_INDEX)
		goto unlock;
	if (!pvs_device_drain_locked(adapter, PVS_RENEW_TIMEOUT_MS)) {
		/* The next command asks again, and there are many left before the wrap. */
		adapter->renew_delay = PVS_RENEW_RETRY;
		pvs_device_set_state(adapter, PVS_STATE_RUNNING);
		goto unlock;
	}
	adapter->renew_delay = 0;
	if (pvs_rings_attach(adapter)) {
		pvs_device_reset_locked(adapter);
		goto unlock;
	}
	pvs_device_set_state(adapter, PVS_STATE_RUNNING);
	pvs_hotplug_check(adapter);
	atomic64_inc(&adapter->stats_rare.rings_renewed);
	dev_info(pvs_adapter_dev(adapter), "rings renewed before their index wraps\n");
unlock:
	mutex_unlock(&adapter->life_lock);
}
