# shellcheck shell=bash
# trials.sh - run the faults of tests/device in a guest: for each one, put load on a disk, switch
# the fault on for a while, and observe the disk. For the catalogue tests and for
# tests/tools/adversary. Source this file after ram-guest.sh and device.sh.
#
# The guest prints a line for each fault:
#   trial NAME outcome=recovered|offline|hung|wrong-data after=SECONDS good=N failed=N ...
# SECONDS is the time from switching the fault on to the outcome.

# trials_names REGEX - print the names of the matching faults, one per line.
trials_names() { "$(device_program)" --list | cut -f1 | grep -Ex "$1"; }

# trials_run NAME... - boot a guest, and try these faults in it, one after another.
trials_run() {
	# shellcheck disable=SC2034 # for ram-guest.sh
	GUEST_CPUS=2
	guest_program "$LAB_TOP/tests/vm/adversary/hammer.c" /bin/hammer
	device_start --disk "0:64:$TEST_DIR/disk0.img" --disk "1:32:$TEST_DIR/disk1.img" \
		--threshold 8 --seed "${TRIALS_SEED:-1}"
	{
		cat "$LAB_TOP/tests/vm/adversary/trials-guest"
		printf 'trial %s\n' "$@"
	} | guest_run
}
