# shellcheck shell=bash
# trials.sh - the faults of tests/device in a guest: for each, a disk under load, the
# fault for a while, and what became of the disk. For the tests of the catalogue and for
# tests/tools/adversary. Source it after ram-guest.sh and device.sh.
#
# The guest says a line for each fault:
#   trial NAME outcome=recovered|offline|hung|wrong-data after=SECONDS good=N failed=N ...
# outcome counts from the moment when the fault was switched on.

# trials_names REGEX - the catalogue's faults that match, one a line.
trials_names() { "$(device_program)" --list | cut -f1 | grep -Ex "$1"; }

# trials_run NAME... - boot a guest, try them in it, one after another.
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
