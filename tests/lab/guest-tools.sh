# shellcheck shell=bash
# guest-tools.sh - the programs of Debian that the guest of ram-guest.sh uses, which sources this file,
# as archives for its initramfs.

# guest_tools_cpio NAME - print the path of the archive of a set of tools (base, fio, kexec,
# inventory). All sets are made at once, from a Debian, so that the tests run on any host.
guest_tools_cpio() {
	local key dir
	key=$(declare -f guest_tools_make guest_tools_pack | sha256sum | cut -c1-12)
	dir=$LAB_BUILD/guest/$key
	lab_lock guest-tools guest_tools_make "$dir" >&2 || return
	printf '%s\n' "$dir/$1.cpio"
}

guest_tools_make() {
	local out=$1 root=$LAB_BUILD/chroot/guest
	[ ! -e "$out/.ready" ] || return 0
	lab_chroot "$root" bookworm busybox-static fio kexec-tools lshw lsscsi sg3-utils udev || return
	mkdir -p "$out"
	# (busybox's dd silently falls back from direct to buffered I/O)
	# shellcheck disable=SC2046 # a list of plain names
	guest_tools_pack "$root" "$out/base.cpio" /bin/busybox /usr/bin/{dash,dd} \
		$(cd "$root" && printf '/%s\n' usr/bin/sg_*) || return
	guest_tools_pack "$root" "$out/fio.cpio" /usr/bin/fio || return
	guest_tools_pack "$root" "$out/kexec.cpio" /usr/sbin/kexec || return
	guest_tools_pack "$root" "$out/inventory.cpio" /usr/bin/{lshw,lsscsi,udevadm} || return
	rm -rf --one-file-system "$root"
	touch "$out/.ready"
}

# guest_tools_pack ROOT CPIO PROGRAM... - archive programs of ROOT with their libraries.
guest_tools_pack() {
	local root=$1 cpio=$2 stage
	shift 2
	stage=$(mktemp -d "$LAB_BUILD/stage-XXXXXX")
	# Run all of this in the chroot: links such as that of the loader are absolute, and outside
	# they would point to files of the host. (ldd fails for scripts, which are among the
	# programs.)
	# shellcheck disable=SC2016 # the chroot's shell expands it
	lab_in "$root" sh -c 'for f; do echo "$f"; ldd "$f" 2>/dev/null || :; done |
		grep -o "/[^ :]*" | sort -u | tar -chf - --absolute-names -T -' pack "$@" |
		tar -C "$stage" -xf - || return
	(cd "$stage" && find . -print0 | cpio --quiet -0 -o -H newc) >"$cpio" || return
	rm -rf "$stage"
}
