# shellcheck shell=bash
# cli.sh - shared functions of the tests of pvscsictl: a Debian with the package installed, which is
# made once and copied for each test, and a simulated machine under it.

suite=${suite:-trixie}
# shellcheck source=tests/lab/debian-root.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lab/debian-root.sh"
lab_root "$0" "$@"
boot_alone "$0" "$@"

root=$TEST_DIR/root
# shellcheck disable=SC2034 # for debian-root.sh
root_in=boot_in

# cli_machine - make $root a copy, on a separate disk because GRUB needs one. Sets OLD, its kernel,
# image, its initramfs, and modules, the directory of its modules.
cli_machine() {
	local base deb
	lab_need python3
	boot_need
	life_ram "$TEST_DIR/disk" 3
	mkdir -p "$LAB_BUILD/cli"
	deb=$(life_deb "$LAB_VERSION")
	base=$LAB_BUILD/cli/$suite-$(sha256sum <"$deb" | cut -c1-12).img
	lab_lock "cli-$suite" cli_make "$base" "$deb"
	cp --sparse=always "$base" "$TEST_DIR/disk/guest.img"
	boot_mount "$TEST_DIR/disk/guest.img" "$root"
	OLD=$(basename "$root"/boot/vmlinuz-*)
	OLD=${OLD#vmlinuz-}
	# shellcheck disable=SC2034 # for the tests
	image=$root/boot/initrd.img-$OLD modules=$root/lib/modules/$OLD
	sys=$root/root/sys
	mkdir -p "$sys"
}

cli_make() {
	local made=$TEST_DIR/disk/base.img
	[ ! -s "$1" ] || return 0 # another test made it meanwhile
	rm -f "$LAB_BUILD/cli/$suite"-*.img
	(
		set -e
		boot_disk "$made" 2560
		boot_mount "$made" "$root"
		life_root "$root" "$suite"
		boot_configure "$root"
		small_initramfs
		cp "$2" "$root/root/"
		# dkms signs modules only if openssl is configured first
		life_apt "$TEST_DIR/openssl.log" install openssl
		life_apt "$TEST_DIR/install.log" install "/root/${2##*/}"
		mkdir -p "$root/boot/grub"
		boot_in "$root" update-grub 2>/dev/null
		boot_umount "$root"
		cp --sparse=always "$made" "$1.part"
		mv "$1.part" "$1"
	)
	rm -f "$made"
}

# other_disk - add a /dev/sda1 with a file system to the machine.
other_disk() {
	local n
	lab_need e2fsprogs
	truncate -s 16M "$TEST_DIR/disk/sda.img"
	mke2fs -q -F "$TEST_DIR/disk/sda.img"
	for n in {164..199}; do
		# the loop device is released when the last process closes it, which is this test
		if losetup "/dev/loop$n" "$TEST_DIR/disk/sda.img" 2>/dev/null; then
			# shellcheck disable=SC2034 # to be kept open
			exec {sda}<"/dev/loop$n"
			losetup -d "/dev/loop$n"
			sda_minor=$n
			# shellcheck disable=SC2034 # for the tests
			uuid=$(blkid -p -s UUID -o value "$TEST_DIR/disk/sda.img")
			return
		fi
	done
	lab_die "no loop device for $TEST_DIR/disk/sda.img"
}

# machine COMMAND... - run COMMAND in the root, on a machine that the files in $sys describe: they
# are bind-mounted over parts of /sys and /proc.
machine() {
	# shellcheck disable=SC2016 # the shell inside expands it
	boot_in "$root" sh -ec '
		[ -z "$1" ] || mknod /dev/sda1 b 7 "$1"
		shift
		if [ -e /root/sys/enforce ]; then
			mount -t tmpfs tmpfs /sys/module
			mkdir -p /sys/module/module/parameters
			cp /root/sys/enforce /sys/module/module/parameters/sig_enforce
		fi
		if [ -e /root/sys/secure-boot ]; then
			mount -t tmpfs tmpfs /sys/firmware
			mkdir -p /sys/firmware/efi/efivars
			cp /root/sys/secure-boot /sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c
		fi
		if [ -e /root/sys/lockdown ]; then
			mount -t tmpfs tmpfs /sys/kernel/security
			cp /root/sys/lockdown /sys/kernel/security/
		fi
		if [ -e /root/sys/adapter ]; then
			mount -t tmpfs tmpfs /sys/bus/pci/devices
			mkdir /sys/bus/pci/devices/0000:03:00.0
			echo 0x15ad >/sys/bus/pci/devices/0000:03:00.0/vendor
			echo 0x07c0 >/sys/bus/pci/devices/0000:03:00.0/device
		fi
		[ ! -e /root/sys/keys ] || mount --bind /root/sys/keys /proc/keys
		exec "$@"' sh "${sda_minor:-}" "$@"
}

# expect STATUS COMMAND... - the exit status on the machine must be STATUS, and the output must
# equal standard input, where @K@ is the kernel, @V@ our version, @ROOT@ the disk under /.
expect() {
	local want=$1 rc=0
	shift
	lab_say "$*"
	machine "$@" </dev/null >"$TEST_DIR/said" 2>&1 || rc=$?
	sed -i "s/${OLD//./\\.}/@K@/g; s/\\b${LAB_VERSION//./\\.}\\b/@V@/g; s/\\bloop[0-9]*\\b/@ROOT@/g" "$TEST_DIR/said"
	diff -u - "$TEST_DIR/said" || fail "$* says something else (above)"
	[ "$rc" = "$want" ] || fail "$* exits with $rc, expected $want"
}

# amiss STATUS [CODE...] - pvscsictl check must exit with STATUS, and report these problems and no
# others. Sets fix to the commands that it suggests.
amiss() {
	local rc=0 want=$1 got
	shift
	machine pvscsictl check --json >"$TEST_DIR/findings" || rc=$?
	got=$(python3 -c '
import json, sys
amiss = [f for f in json.load(sys.stdin)["findings"] if f["level"] != "good"]
print(" ".join(f["code"] for f in amiss))
print(" && ".join(f["fix"] or "" for f in amiss))' <"$TEST_DIR/findings") || fail "that is no JSON: $(cat "$TEST_DIR/findings")"
	fix=
	[[ $got != *$'\n'* ]] || fix=${got#*$'\n'}
	got=${got%%$'\n'*}
	if [ "$got" != "$*" ] || [ "$rc" != "$want" ]; then
		cat "$TEST_DIR/findings"
		fail "it finds '$got' and exits with $rc; expected '$*' and $want"
	fi
}
# found CODE - this code must be among the findings.
found() { grep -q "\"$1\"" "$TEST_DIR/findings" || fail "it does not find $1"; }

# fixes STATUS CODE... - it must report these, and no problem after the suggested fix.
fixes() {
	amiss "$@"
	lab_say "$2: $fix"
	machine sh -c "$fix" < <(yes) >"$TEST_DIR/fix.log" 2>&1 || fail "that fails: $(tail "$TEST_DIR/fix.log")"
	amiss 0
}
