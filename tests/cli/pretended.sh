# shellcheck shell=bash
# pretended.sh - for tests of the package's program with simulated kernels and programs, which take
# seconds where dkms and a real kernel take minutes. Source it after cli.sh and cli_machine.

# program NAME - make a program that precedes the real one in PATH; its text is standard input.
# shellcheck disable=SC2154 # root is cli.sh's
program() { cat >"$root/usr/local/sbin/$1" && chmod 755 "$root/usr/local/sbin/$1"; }

# kernels ARG... - run update-kernels; its output goes to the file "said", too.
said=$TEST_DIR/said
kernels() {
	machine env DPKG_RUNNING_VERSION= /usr/lib/pvscsi-dkms/update-kernels "$@" >"$said" 2>&1 ||
		fail "it failed: $(cat "$said")"
	cat "$said"
}
