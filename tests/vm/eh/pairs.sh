# shellcheck shell=bash
# pairs.sh - trials of pairs of events of an adapter: A starts, and B starts at a random moment
# during A, under verifying load. Afterwards everything must work, or what A and B removed must be
# restorable. Source this file after ram-guest.sh, device.sh and card.sh:
#
#   pairs_plan TRIALS SEED [A+B] | pairs_run
#
# The guest prints a line for each trial:
#   pair A+B seed=N moment=MS outcome=ok|... took=SECONDS
# The seed of a trial determines all of it: pairs_plan 1 N A+B repeats it. All pairs occur equally
# often, in an order that depends on the first seed. pairs.awk makes a table of the lines.

# Disk 2 is only for the shutdowns: writes acknowledged before must be there afterwards.
pairs_start() {
	GUEST_CMDLINE="no_console_suspend suspend.pm_test_delay=1 $GUEST_CMDLINE"
	guest_program "$LAB_TOP/tests/vm/power/ledger.c" /bin/ledger
	# QEMU 11.1 crashes when a vfio-user device with MSI-X is unplugged.
	card_start --no-msix --disk "2:32:$TEST_DIR/disk2.img"
}

# Unplug the adapter, and plug it in. QEMU releases it a while after the guest did, so retry.
host_unplug() { guest_monitor 'device_del own'; }
host_replug() {
	local answer
	for _ in {1..50}; do
		answer=$(guest_qmp "{\"execute\":\"device_add\",\"arguments\":$(device_qemu)}") &&
			return 0
		sleep 0.1
	done
	printf '%s\n' "$answer"
	return 1
}

# pairs_plan TRIALS SEED [A+B] - print a line for each trial: its pair and its seed.
pairs_plan() {
	awk -v trials="$1" -v seed="$2" -v only="${3:-}" 'BEGIN {
		srand(seed)
		n = split("timeout reset frozen permanent suspend unbind host-reset unplug remove", name)
		for (a = 1; a <= n; a++) {
			pair[++pairs] = name[a] "+shutdown"
			for (b = 1; b <= n; b++)
				if (a != b || name[a] !~ /^(suspend|unplug|remove)$/)
					pair[++pairs] = name[a] "+" name[b]
		}
		# Only events that the host starts can start while the guest is shutting down.
		n = split("timeout frozen unplug remove", name)
		for (b = 1; b <= n; b++)
			pair[++pairs] = "shutdown+" name[b]
		for (t = 0; t < trials; t++) {
			if (t % pairs == 0)
				for (i = pairs; i > 1; i--) {
					k = 1 + int(rand() * i)
					swap = pair[k]; pair[k] = pair[i]; pair[i] = swap
				}
			print only ? only : pair[t % pairs + 1], seed + t
		}
	}'
}

# pairs_run - boot a guest, and run the plan on standard input.
pairs_run() {
	pairs_start
	{
		cat "$LAB_TOP/tests/lab/complaints.sh" "$LAB_TOP/tests/vm/eh/pairs-guest"
		printf 'pairs_begin\n'
		awk '{ print "pairs_trial", NR, $0 }'
		printf 'pairs_end\n'
	} | card_run
}
