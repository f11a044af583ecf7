# shellcheck shell=bash
# pairs.sh - trials of pairs of what may happen to an adapter: A begins, and B begins at a
# random moment of A's course, under load that verifies; then all has to be well, or what
# A and B took away has to come back. Source it after ram-guest.sh, device.sh and card.sh:
#
#   pairs_plan TRIALS SEED [A+B] | pairs_run
#
# The guest says a line for each trial:
#   pair A+B seed=N moment=MS outcome=ok|... took=SECONDS
# The seed of a trial decides all about it: pairs_plan 1 N A+B repeats it. All pairs come
# equally often, in an order that the first seed decides. pairs.awk makes a table of it.

# A disk that only the shutdowns use: what was acknowledged before is there after.
pairs_start() {
	GUEST_CMDLINE="no_console_suspend suspend.pm_test_delay=1 $GUEST_CMDLINE"
	guest_program "$LAB_TOP/tests/vm/power/ledger.c" /bin/ledger
	# QEMU 11.1 does not survive the unplugging of a vfio-user device that has MSI-X.
	card_start --no-msix --disk "2:32:$TEST_DIR/disk2.img"
}

# Unplug the adapter, and plug it in: QEMU lets go of it a while after the guest did.
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

# pairs_plan TRIALS SEED [A+B] - a line for each trial: its pair and its seed.
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
		# Those that the host begins can begin when the guest goes down already.
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

# pairs_run - boot a guest, and try what the plan on standard input says.
pairs_run() {
	pairs_start
	{
		cat "$LAB_TOP/tests/lab/complaints.sh" "$LAB_TOP/tests/vm/eh/pairs-guest"
		printf 'pairs_begin\n'
		awk '{ print "pairs_trial", NR, $0 }'
		printf 'pairs_end\n'
	} | card_run
}
