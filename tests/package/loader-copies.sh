# shellcheck shell=bash
# loader-copies.sh SUITE GENERATOR LOADER - what happens to the copies that a boot loader reads when
# an image is made, lacks the driver, or does not fit on the partition, and when the driver changes.
# (For the arguments, see tests/matrix/matrix.sh.) Sourced by the tests loader-copies-*.
#
# Each trial starts from the state after the installation. All trials are run, even if one fails.
# TRIALS (names) selects trials.

suite=$1 generator=$2 BOOT_LOADER=$3 BOOT_ESP_MB=256
# shellcheck source=tests/lab/debian-root.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lab/debian-root.sh"
# shellcheck source=tests/lab/firmware.sh
. "$LAB_TOP/tests/lab/firmware.sh"
# shellcheck source=tests/lab/esp.sh
. "$LAB_TOP/tests/lab/esp.sh"
lab_root "$0" "$@"
boot_alone "$0" "$@"

esp_need
life_disk 3600 efi
life_generator "$generator"
esp_configure "$root" \
	"console=ttyS0 mitigations=off oops=panic panic=1 init=/usr/local/sbin/pvscsi-report"
# shellcheck disable=SC2046 # a list of packages
life_apt "$TEST_DIR/install.log" install $(esp_packages)

# --- actions of trials --------------------------------------------------------------

# run COMMAND... - run it in the root. Its output is in said, its status in rc.
run() {
	lab_say "$*"
	rc=0
	boot_in "$root" "$@" >"$TEST_DIR/said" 2>&1 || rc=$?
	grep -v -e '^Creating ' -e '^dracut\[I\]' "$TEST_DIR/said" | sed 's/^/    | /'
}
# ctl STATUS ARGUMENT... - pvscsictl must exit with STATUS.
ctl() {
	local want=$1
	shift
	run pvscsictl "$@"
	[ "$rc" = "$want" ] || fail "pvscsictl $* exits with $rc, expected $want"
}
# reconfigure - have every initramfs made again, which must not fail.
reconfigure() {
	run dpkg-reconfigure pvscsi-dkms
	[ "$rc" = 0 ] || fail "dpkg-reconfigure exits with $rc"
}
said() { grep -qE -- "$1" "$TEST_DIR/said" || fail "it does not say: $1"; }
ours() { uses_driver "$OLD" updates/dkms "$LAB_VERSION"; }
own() { uses_driver "$OLD" kernel/drivers/scsi; }

# esp - print the files on the EFI system partition, with checksums.
esp() { (cd "$root/boot/efi" && find . -type f -print0 | sort -z | xargs -0 sha256sum); }
# tidy - there must be no temporary file of ours on the partition or in /boot.
tidy() {
	local left
	left=$(find "$root/boot" -name '*pvscsi*' ! -name 'pvscsi-dkms.before-*')
	[ -z "$left" ] || fail "left: $left"
}

# careless - make settings that keep the driver out of every initramfs made from now on.
careless() {
	case $generator in
	most | dep)
		small_initramfs
		lab_in "$root" dpkg-divert --local --rename --divert /root/hook \
			--add /usr/share/initramfs-tools/hooks/pvscsi
		: >"$root/etc/initramfs-tools/modules"
		;;
	*)
		printf '%s\n' 'add_drivers="sd_mod"' 'omit_drivers+=" vmw_pvscsi "' \
			>"$root/etc/dracut.conf.d/zz-careless.conf"
		;;
	esac
}
careful() {
	case $generator in
	most | dep)
		usual_initramfs
		lab_in "$root" dpkg-divert --local --rename --remove /usr/share/initramfs-tools/hooks/pvscsi
		;;
	*) rm -f "$root/etc/dracut.conf.d/zz-careless.conf" ;;
	esac
}
# make_image FILE [ARGUMENT...] - make an initramfs without running hooks. ARGUMENTs are for dracut.
make_image() {
	case $generator in
	most | dep) lab_in "$root" mkinitramfs -o "$1" "$OLD" ;;
	*)
		lab_in "$root" env NO_POST_UPDATE_HOOKS=1 dracut --quiet --force \
			"${@:2}" "$1" "$OLD"
		;;
	esac >"$TEST_DIR/make.log" 2>&1 || fail "it cannot be made: $(cat "$TEST_DIR/make.log")"
}
# give FILE - replace the boot loader's copy by FILE, in the same way as the hooks do.
give() {
	local program=(kernel-install add "$OLD" "/boot/vmlinuz-$OLD" "$1")
	# (dracut, as the generator of UKIs, takes no initramfs)
	[ "${UKI_BY:-}" != dracut ] ||
		program=(ukify build --linux="/boot/vmlinuz-$OLD" --initrd="$1" --uname="$OLD"
			--cmdline=@/etc/kernel/cmdline --os-release=@/etc/os-release
			--output="$(cd "$root" && find boot/efi -path '*/EFI/Linux/*.efi' -printf '/%p')")
	boot_in "$root" "${program[@]}" >"$TEST_DIR/give.log" 2>&1 ||
		fail "${program[0]} fails: $(cat "$TEST_DIR/give.log")"
}
# bigger - make every initramfs from now on larger by 16 MiB.
bigger() {
	local hook=$root/etc/initramfs-tools/hooks/bigger
	head -c 16777216 /dev/urandom >"$root/root/ballast"
	case $generator in
	most | dep)
		cat >"$hook" <<-'END'
			#!/bin/sh
			[ "$1" = prereqs ] || cp /root/ballast "$DESTDIR/"
		END
		chmod 755 "$hook"
		;;
	*) echo 'install_items+=" /root/ballast "' >"$root/etc/dracut.conf.d/zz-bigger.conf" ;;
	esac
}
usual_size() {
	rm -f "$root/etc/initramfs-tools/hooks/bigger" "$root/etc/dracut.conf.d/zz-bigger.conf"
}

# esp_room KILOBYTES|all - leave this much space free.
esp_room() {
	local used
	used=$(df -k --output=used "$root/boot/efi" | tail -n 1)
	[ "$1" = all ] || set -- "$((used + $1))"
	[ "$1" != all ] || set -- "$((BOOT_ESP_MB * 1024))"
	mount -o "remount,size=${1}k" "$root/boot/efi"
}

# --- the trials ---------------------------------------------------------------------

# The copy lacks the driver, although the image in /boot has it: the machine would find no disk.
trial_copy_lacks_driver() {
	local before
	give "/var/tmp/bare/initrd.img-$OLD"
	ctl 2 check
	said 'lacks the driver'
	before=$(esp)
	ctl 2 prepare --dry-run
	[ "$before" = "$(esp)" ] || fail "a dry run has changed something"
	ctl 0 prepare
	said 'it is safe to change the controller'
	ours
	tidy
}
# All images are stale, and the package updates them.
trial_refresh() {
	boot_in "$root" cp "/var/tmp/own/initrd.img-$OLD" "/boot/initrd.img-$OLD"
	give "/boot/initrd.img-$OLD"
	ctl 1 check
	said 'another build'
	run /usr/lib/pvscsi-dkms/update-kernels stale
	ours
	tidy
}
# Both lack the driver: prepare makes an image, which then replaces both, under the same names.
trial_prepare() {
	cp "$root/var/tmp/bare/initrd.img-$OLD" "$root/boot/"
	give "/boot/initrd.img-$OLD"
	ctl 0 prepare
	ours
	tidy
}
# The new image lacks the driver: the previous one is kept, and so is the copy.
trial_made_without() {
	local before
	before=$(esp)
	careless
	reconfigure
	said 'could not be rebuilt'
	[ "$before" = "$(esp)" ] || fail "what the boot loader reads is not that from before"
	ours
	tidy
}
# The same with prepare: a boot loader gets no image that prepare has not checked.
trial_prepared_without() {
	local before
	boot_in "$root" cp "/var/tmp/own/initrd.img-$OLD" "/boot/initrd.img-$OLD"
	give "/boot/initrd.img-$OLD"
	before=$(esp)
	careless
	run pvscsictl rollback --undo
	said 'the new initramfs is not used'
	[ "$before" = "$(esp)" ] || fail "what the boot loader reads is not that from before"
	tidy
}
# The partition has no space: the previous copy stays intact, and the administrator is told.
trial_no_room() {
	local before
	before=$(esp)
	bigger
	esp_room 1024
	reconfigure
	[ "$before" = "$(esp)" ] || fail "what the boot loader reads is not that from before"
	said '(room|space).*/boot/efi|/boot/efi.*(room|space)'
	ours
	tidy
	esp_room all
	reconfigure
	ours
	tidy
}
trial_rollback() {
	ctl 0 rollback --to in-tree
	own
	tidy
	reconfigure
	own
	ctl 0 check
	ctl 0 rollback --undo
	ours
	tidy
	reconfigure
	ours
}
# The copy boots, with that boot loader.
trial_boot() {
	local log=$TEST_DIR/console.log srcversion
	srcversion=$(modinfo -F srcversion "$root/lib/modules/$OLD/updates/dkms"/vmw_pvscsi.ko*)
	boot_umount "$root"
	boot_run "$image" "$log" 600 || fail "it does not boot"
	boot_judge "$log" "$OLD" "$LAB_VERSION" "$srcversion" /updates/dkms/ ||
		fail "it does not boot as expected"
	boot_mount "$image" "$root"
}
trial_removed() {
	run apt-get -y remove pvscsi-dkms
	[ "$rc" = 0 ] || fail "apt-get exits with $rc"
	own
	tidy
}

# trial NAME - run it from the state after the installation.
trial() {
	local rc=0
	[[ " ${TRIALS:-$1} " = *" $1 "* ]] || return 0
	lab_say "--- ${1//_/ }"
	[ ! -e "$root/etc/pvscsi-dkms/driver" ] || run pvscsictl rollback --undo
	careful
	usual_size
	esp_room all
	find "$root/boot" -type f -delete
	cp -a "$TEST_DIR/boot/." "$root/boot/"
	set +e # in an "if", set -e would have no effect
	(set -e; "trial_$1")
	rc=$?
	set -e
	[ "$rc" = 0 ] || failed="$failed $1"
}

# (made before the package and its hooks are installed)
mkdir -p "$root/var/tmp/bare" "$root/var/tmp/own"
# (with dracut's hostonly, a machine with such disks would include the drivers by itself)
make_image "/var/tmp/own/initrd.img-$OLD" --add-drivers "vmw_pvscsi sd_mod"
careless
make_image "/var/tmp/bare/initrd.img-$OLD"
careful
life_apt "$TEST_DIR/install.log" install "/root/${deb##*/}"
# (not "ours", because updating the boot loader's copy is the subject of a trial)
give "/boot/initrd.img-$OLD"
ours
cp -a "$root/boot" "$TEST_DIR/boot"
failed=
for name in copy_lacks_driver refresh prepare made_without prepared_without no_room rollback \
	boot removed; do
	trial "$name"
done
[ -z "$failed" ] || fail "these trials:$failed"
