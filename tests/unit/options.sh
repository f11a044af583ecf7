# shellcheck shell=bash
# options.sh - a simulated machine in a directory, for the tests of the options for vmw_pvscsi: with
# kmod's real modprobe and modinfo, two drivers that modinfo can read, and any shell. Sourced by
# these tests.

set -euo pipefail
# shellcheck source=scripts/build/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../scripts/build/common.sh"
# shellcheck source=tests/lab/disk-guest.sh
. "$LAB_TOP/tests/lab/disk-guest.sh"
lab_root "$0" "$@"
lab_need busybox-static klibc-utils dash kmod gcc libc6-dev util-linux
boot_alone "$0" "$@"

out=${TEST_DIR:-$(mktemp -d)}
machine=$out/machine
kernel=$(uname -r)
own_file=/lib/modules/$kernel/kernel/drivers/scsi/vmw_pvscsi.ko
built=/lib/modules/$kernel/updates/dkms/vmw_pvscsi.ko

fail() {
	printf 'FAIL: %s\n' "$*"
	exit 1
}

# copy_program FILE TARGET ROOT - copy it to TARGET in ROOT, with its libraries.
copy_program() {
	local library
	mkdir -p "$3${2%/*}"
	cp "$(readlink -f "$1")" "$3$2"
	{ ldd "$1" 2>/dev/null || :; } | grep -oE '/[^ ]+' | while read -r library; do
		mkdir -p "$3${library%/*}"
		cp -n "$library" "$3$library"
	done
}

# copy_shell NAME ROOT - copy this shell to /bin/sh.
copy_shell() {
	rm -f "$2/bin/sh"
	case $1 in
	busybox) cp /bin/busybox "$2/bin/sh" ;;
	klibc)
		# (it searches for its library in one of these folders, depending on its release)
		mkdir -p "$2/lib" "$2/usr/lib"
		cp -n /lib/klibc-*.so "$2/lib/"
		cp -n /lib/klibc-*.so "$2/usr/lib/"
		cp /usr/lib/klibc/bin/sh "$2/bin/sh"
		;;
	*) copy_program "$(command -v "$1")" /bin/sh "$2" ;;
	esac
}

# module FILE INTREE PARAMETER:TYPE... - make a module that modinfo can read.
module() {
	local file=$1 intree=$2 n=0 text
	shift 2
	mkdir -p "${file%/*}"
	for text in name=vmw_pvscsi "intree=$intree" "depends=scsi_mod" "${@/#/parmtype=}"; do
		n=$((n + 1))
		printf 'static const char i%d[] %s = "%s";\n' "$n" \
			'__attribute__((section(".modinfo"), used, aligned(1)))' "$text"
	done | gcc -x c -c -o "$file" -
}

# machine - make the machine, with both drivers.
machine() {
	local program
	[ ! -e "$machine" ] || fail "there is one already: $machine"
	mkdir -p "$machine"/{bin,boot,dev,etc/modprobe.d,etc/default/grub.d,lib,tmp,usr/sbin} \
		"$machine/usr/lib/pvscsi-dkms"
	ln -s usr/sbin "$machine/sbin"
	cp /bin/busybox "$machine/bin/busybox"
	for program in awk cat chmod cp env find grep head ls mkdir mv readlink rm sed sort sync tail tr; do
		ln -s busybox "$machine/bin/$program"
	done
	mknod -m 666 "$machine/dev/null" c 1 3
	for program in modprobe modinfo depmod; do
		copy_program /bin/kmod "/real/$program" "$machine"
	done
	ln -s ../real/modinfo "$machine/bin/modinfo"
	module "$machine$own_file" Y {use_req_threshold,use_msg,disable_msix,disable_msi}:bool \
		{cmd_per_lun,msg_ring_pages,ring_pages}:int
	module "$machine$built" '' {disable_msi,use_msg}:bool {ring_pages,cmd_per_lun}:'list of uint'
	: >"$machine/boot/vmlinuz-$kernel"
	cp -r "$LAB_TOP/scripts/initramfs" "$machine/usr/lib/pvscsi-dkms/initramfs"
	mkdir -p "$machine/usr/share/pvscsi-dkms"
	cp -r "$LAB_TOP/scripts/lib" "$machine/usr/share/pvscsi-dkms/pvscsictl"
}
