# shellcheck shell=bash
# matrix.sh SUITE GENERATOR [LOADER] [SCENARIO...] - run scenarios (default: all) in which kernels
# and the package are installed, upgraded and removed on a Debian SUITE. GENERATOR makes its
# initramfs: most or dep is initramfs-tools with that MODULES, hostonly or generic is dracut.
# LOADER boots it: grub (the default) reads /boot; sdboot (systemd-boot) and uki read the copies
# that Debian's hooks put on the EFI system partition. Sourced by the tests in this folder.
#
# A scenario ends with a boot from the disk, on a PVSCSI adapter, through the boot loader. It writes
# a line to build/matrix/SUITE-GENERATOR[-LOADER]: its name, which driver had the root disk ("ours",
# "own" for the in-tree driver, or "FAIL"), and what was seen. Its log is in a folder of its name.

suite=$1 generator=$2 environment=$1-$2
shift 2
case ${1:-} in
grub) shift ;;
sdboot | uki)
	BOOT_LOADER=$1 BOOT_ESP_MB=256
	environment=$environment-$1
	shift
	;;
esac
scenarios=("$@")
# shellcheck source=tests/lab/debian-root.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lab/debian-root.sh"
# shellcheck source=tests/lab/firmware.sh
. "$LAB_TOP/tests/lab/firmware.sh"
# shellcheck source=tests/lab/esp.sh
. "$LAB_TOP/tests/lab/esp.sh"
lab_root "$0" "$@"
boot_alone "$0" "$@"

boot_need
[ "$BOOT_LOADER" = grub ] || esp_need
root=$TEST_DIR/root
root_in=boot_in
disks=$TEST_DIR/disks
table=$(dirname "${BASH_SOURCE[0]}")/scenarios.tsv
results=$LAB_BUILD/matrix/$environment
logs=$results.logs
rm -rf "$results" "$logs"
mkdir -p "$logs"
life_ram "$disks" 8
deb=$(life_deb "$LAB_VERSION")
next=$(life_deb 99.0.1)

# matrix_base - make the disk for all scenarios: a Debian with a kernel and its headers.
matrix_base() {
	local arguments="console=ttyS0 mitigations=off oops=panic panic=1 init=/usr/local/sbin/pvscsi-report"
	if [ "$BOOT_LOADER" = grub ]; then
		boot_disk "$disks/base.img" 3072
	else
		boot_disk_efi "$disks/base.img" 3400
	fi
	boot_mount "$disks/base.img" "$root"
	life_root "$root" "$suite"
	boot_configure "$root"
	sed -i "s|^GRUB_TIMEOUT=.*|GRUB_TIMEOUT=0|
		s|^GRUB_CMDLINE_LINUX=.*|GRUB_CMDLINE_LINUX=\"$arguments\"|" "$root/etc/default/grub"
	life_generator "$generator"
	if [ "$BOOT_LOADER" = grub ]; then
		boot_loader "$disks/base.img" "$root"
	else
		esp_configure "$root" "$arguments"
		# shellcheck disable=SC2046 # a list of packages
		life_apt "$TEST_DIR/apt.log" install $(esp_packages)
	fi
	cp "$deb" "$next" "$root/root/"
	boot_umount "$root"
}

# matrix_none - the same without a kernel.
matrix_none() {
	cp --sparse=always "$disks/base.img" "$disks/none.img"
	boot_mount "$disks/none.img" "$root"
	purge_old
	boot_umount "$root"
}

# --- actions and checks of scenarios -----------------------------------------------

# apt ARG... - run apt-get, which must succeed and leave no package half-configured.
apt() {
	life_apt "$TEST_DIR/apt.log" "$@"
	cat "$TEST_DIR/apt.log" >>"$TEST_DIR/all-apt.log"
	saw "apt 0"
}
# purge_old - purge the old kernel with all of its packages: since Linux 7.2, modules and image are
# in separate packages, which apt's autoremove keeps for a while.
purge_old() {
	local packages=("$root/var/lib/dpkg/info"/linux-*-"$OLD".list)
	packages=("${packages[@]##*/}")
	apt purge --autoremove "${packages[@]%.list}"
}

saw() { printf '%s; ' "$*" >>"$TEST_DIR/seen"; }

# whose KERNEL ours|own [VERSION] - check that the kernel uses this driver: according to dkms, on
# disk, in the initramfs, and in what the boot loader reads.
whose() {
	local kernel=$1 status
	# shellcheck disable=SC2016 # the shell in the chroot expands it
	status=$(lab_in "$root" /bin/sh -c '! command -v dkms >/dev/null || dkms status -m pvscsi -k "$1"' sh "$kernel")
	if [ "$2" = ours ]; then
		uses_driver "$kernel" updates/dkms "${3:-$LAB_VERSION}"
		[[ $status = *installed* && $status != *WARNING* ]] || fail "dkms status: $status"
	else
		uses_driver "$kernel" kernel/drivers/scsi
		[[ $status != *installed* ]] || fail "dkms status: $status"
	fi
	saw "$kernel: dkms ${status##*: }, disk and initramfs $2"
}

# told TEXT - apt's output must contain that line exactly once.
told() {
	local n
	n=$(grep -cF -- "$1" "$TEST_DIR/all-apt.log" || :)
	[ "$n" = 1 ] || fail "the administrator is told $n times: $1"
	saw "told: $1"
}

# spoil EXPRESSION - install a hook, as an administrator could, that edits the headers of the next
# kernel before a driver is built with them.
spoil() {
	local dir
	for dir in postinst.d header_postinst.d; do
		cat >"$root/etc/kernel/$dir/00-spoil" <<-END
			#!/bin/sh
			for header in /usr/src/linux-headers-${NEW%-amd64}-common/include/scsi/scsi_*.h; do
				[ ! -e "\$header" ] || sed -i '$1' "\$header"
			done
		END
		chmod 755 "$root/etc/kernel/$dir/00-spoil"
	done
}

# on_esp PATTERN - are there files of such a name on the EFI system partition?
on_esp() { find "$root/boot/efi" -name "$1" 2>/dev/null | grep .; }

do_fresh() {
	apt install "/root/${deb##*/}"
	whose "$OLD" ours
}
do_image_and_headers() {
	apt install "${NEW_FROM[@]}" "${new_kernel[@]}"
	whose "$NEW" ours
	whose "$OLD" ours
}
do_old_purged() {
	purge_old
	whose "$NEW" ours
	[ ! -e "$root/boot/initrd.img-$OLD" ] || fail "the initramfs of $OLD is still there"
	[ ! -e "$root/lib/modules/$OLD" ] || fail "there is still $(find "$root/lib/modules/$OLD")"
	! on_esp "*$OLD*" || fail "the boot loader still has $OLD (above)"
}
do_headers_never() {
	apt install "${NEW_FROM[@]}" "linux-image-$NEW"
	whose "$NEW" own
	whose "$OLD" ours
	told "kernel $NEW: it has no headers, so DKMS driver $LAB_VERSION was not built for it. It uses the in-tree driver."
}
do_headers_late() {
	apt install "${NEW_FROM[@]}" "linux-headers-$NEW"
	whose "$NEW" ours
	whose "$OLD" ours
}
do_with_package() {
	apt install "${NEW_FROM[@]}" "${new_kernel[@]}" "/root/${deb##*/}"
	whose "$NEW" ours
	whose "$OLD" ours
}
do_package_upgraded() {
	apt install "/root/${next##*/}"
	whose "$OLD" ours 99.0.1
	version=99.0.1
}
do_upgrade_fails() {
	sed -i '1i #error this header is broken' "$root/usr/src/linux-headers-${OLD%-amd64}-common/include/scsi/scsi_host.h"
	apt install "/root/${next##*/}"
	whose "$OLD" ours
	told "WARNING: DKMS driver 99.0.1 could not be built for kernel $OLD. It keeps DKMS driver $LAB_VERSION."
}
do_build_fails() {
	spoil '1i #error this header is broken'
	apt install "${NEW_FROM[@]}" "${new_kernel[@]}"
	whose "$NEW" own
	whose "$OLD" ours
	told "could not be built for kernel $NEW"
	told "this header is broken"
}
do_unknown_kernel() {
	spoil 's/scsi_done/scsi_finished/g'
	apt install "${NEW_FROM[@]}" "${new_kernel[@]}"
	whose "$NEW" own
	whose "$OLD" ours
	told "could not be built for kernel $NEW"
	told "Tested kernels: README.md"
}
do_dkms_reinstalled() {
	apt install --reinstall dkms
	whose "$OLD" ours
}
do_kernel_reinstalled() {
	apt install --reinstall "linux-image-$OLD"
	whose "$OLD" ours
}
# remove remove|purge NAME - remove the package. A generator that includes what the machine needs
# must run on a machine with a PVSCSI disk, because our package no longer adds the driver.
remove() {
	case $generator in
	dep | hostonly)
		life_in_guest "$disks/$2.img" "$logs/$2-apt.log" "apt-get -y $1 pvscsi-dkms"
		sed -n '/^Reading package lists/,$p' "$logs/$2-apt.log"
		saw "apt 0, in the guest"
		;;
	*) apt "$1" pvscsi-dkms ;;
	esac
}
do_removed() {
	remove remove removed
	whose "$OLD" own
}
do_purged() {
	local left
	remove purge purged
	whose "$OLD" own
	rm -f "$root"/root/*.deb
	# (the package was purged in a guest, which has another /run)
	left=$(find "$root" -xdev \( -path "$root/proc" -o -path "$root/run" \) -prune -o -path '*pvscsi*' ! -path '*/pvscsi-report*' -print |
		grep -v -e /kernel/drivers/scsi/vmw_pvscsi.ko -e '/linux-headers-' || :)
	[ -z "$left" ] || fail "purging left: $left"
}
do_before_kernel() {
	apt install "/root/${deb##*/}"
	told 'no kernel is installed: the DKMS driver is built when one is'
	apt install "${NEW_FROM[@]}" "${new_kernel[@]}"
	whose "$NEW" ours
}

# --- running them ------------------------------------------------------------------

# matrix_boot NAME WHOSE - boot its disk, and check the driver. A boot loader starts the newest
# kernel by default.
matrix_boot() {
	local kernel log=$logs/$1-console.log
	kernel=$(find "$root/boot" -name 'vmlinuz-*' | sed 's/.*vmlinuz-//' | sort -V | tail -n 1)
	boot_umount "$root"
	boot_run "$disks/$1.img" "$log" 600
	if [ "$2" = ours ]; then
		boot_judge "$log" "$kernel" "$version" '*' /updates/dkms/
	else
		boot_judge "$log" "$kernel" '1.0.*-k' '*' /kernel/drivers/scsi/
	fi
	saw "booted $kernel on $2 (srcversion $(boot_fact "$log" srcversion))"
}

# matrix_scenario NAME FROM WHOSE - run a scenario on a copy of the disk of scenario FROM.
matrix_scenario() {
	: >"$TEST_DIR/seen"
	: >"$TEST_DIR/all-apt.log"
	version=$LAB_VERSION
	[ -e "$disks/$2.img" ] || fail "there is no disk of $2, which failed"
	cp --sparse=always "$disks/$2.img" "$disks/$1.img"
	boot_mount "$disks/$1.img" "$root"
	"do_${1//-/_}"
	[ -z "$(ls "$root"/boot/pvscsi-dkms.* 2>/dev/null)" ] || fail "left in /boot: $(ls "$root"/boot/pvscsi-dkms.*)"
	! on_esp '*pvscsi*' || fail "what only we read is on the EFI system partition (above)"
	matrix_boot "$1" "$3"
}

# matrix_is_wanted NAME - was it requested, or does a requested one continue from its disk?
matrix_is_wanted() {
	local name from
	[ ${#scenarios[@]} -gt 0 ] || return 0
	[[ " ${scenarios[*]} " != *" $1 "* ]] || return 0
	while IFS=$'\t' read -r name from _; do
		[ "$from" != "$1" ] || ! matrix_is_wanted "$name" || return 0
	done <"$table"
	return 1
}

# matrix_forget - delete the disks from which no later scenario continues, for space.
matrix_forget() {
	local image name
	for image in "$disks"/*.img; do
		name=$(basename "$image" .img)
		awk -F '\t' -v done="$1" -v name="$name" '
			later && $2 == name { found = 1 }
			$1 == done { later = 1 }
			END { exit !found }' "$table" || rm -f "$image"
	done
}

matrix_run() {
	local name from want what rc failed=0 begin
	new_kernel=("linux-image-$NEW" "linux-headers-$NEW")
	while IFS=$'\t' read -r name from want what <&3; do
		[[ $name != '#'* ]] || continue
		matrix_is_wanted "$name" || continue
		begin=$SECONDS
		set +e # in an "if", set -e would have no effect
		(set -e; matrix_scenario "$name" "$from" "$want") >"$logs/$name.log" 2>&1
		rc=$?
		set -e
		! mountpoint -q "$root" || umount -R "$root" || umount -l "$root"
		if [ "$rc" = 0 ]; then
			lab_say "$name: $want: $what ($((SECONDS - begin)) s)"
		else
			failed=1 want=FAIL
			rm -f "$disks/$name.img"
			lab_say "$name: FAIL: $what ($((SECONDS - begin)) s)"
			tail -n 15 "$logs/$name.log"
		fi
		printf '%s\t%s\t%s\n' "$name" "$want" "$(cat "$TEST_DIR/seen")" >>"$results"
		matrix_forget "$name"
	done 3<"$table"
	return "$failed"
}

matrix_base
! matrix_is_wanted before-kernel || matrix_none
matrix_run
