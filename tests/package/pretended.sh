# shellcheck shell=bash
# pretended.sh - a machine that is a folder: the package's program, as $machine/kernels, finds
# its files below it. Read after life.sh.

machine=$TEST_DIR/machine
mkdir -p "$machine/bin"

# pretend FILE - what it would be if that folder were all there is.
pretend() {
	sed -e "s/@VERSION@/$LAB_VERSION/" \
		-e "s#\([[:space:]=\"]\)/\(sys\|lib/modules\|var\|etc\|boot\|proc\)/#\1$machine/\2/#g" \
		-e "s#/usr/share/pvscsi-dkms/pvscsictl/#$machine/#" "$1"
}
pretend "$LAB_TOP/debian/kernels" >"$machine/kernels"
pretend "$LAB_TOP/scripts/pvscsictl.d/machine.sh" >"$machine/machine.sh"

# program NAME - one that comes before the host's; its text is standard input.
program() { cat >"$machine/bin/$1" && chmod +x "$machine/bin/$1"; }

# kernels ARG... - run it; what it says goes to "said", too.
kernels() {
	PATH=$machine/bin:$PATH DPKG_RUNNING_VERSION='' sh "$machine/kernels" "$@" \
		>"$machine/said" 2>&1 || fail "it failed: $(cat "$machine/said")"
	cat "$machine/said"
}
