# shellcheck shell=bash
# pretended.sh - for tests of the package's program on kernels and with programs that only pretend:
# what is told in a second, where dkms and a kernel's own words would take minutes. Read after
# cli.sh and cli_machine.

# program NAME - one that comes before the real one; its text is standard input.
# shellcheck disable=SC2154 # root is cli.sh's
program() { cat >"$root/usr/local/sbin/$1" && chmod 755 "$root/usr/local/sbin/$1"; }

# kernels ARG... - run it; what it says goes to "said", too.
said=$TEST_DIR/said
kernels() {
	machine env DPKG_RUNNING_VERSION= /usr/lib/pvscsi-dkms/update-kernels "$@" >"$said" 2>&1 ||
		fail "it failed: $(cat "$said")"
	cat "$said"
}
