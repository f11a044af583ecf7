# shellcheck shell=bash
# loader-copies.sh SUITE GENERATOR LOADER - what becomes of the copies that a boot loader reads
# (words as in tests/matrix/matrix.sh) when an image is made, is not fit, does not fit in, and when
# the driver changes. Sourced by the thin tests loader-copies-*.
#
# Each trial begins with what was there after the installation, and all are run, whatever
# becomes of one. TRIALS (names) are run alone.

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

# --- what a trial does ------------------------------------------------------------

# run COMMAND... - in the root; its words are in said, its status in rc.
run() {
	lab_say "$*"
	rc=0
	boot_in "$root" "$@" >"$TEST_DIR/said" 2>&1 || rc=$?
	grep -v -e '^Creating ' -e '^dracut\[I\]' "$TEST_DIR/said" | sed 's/^/    | /'
}
# ctl STATUS ARGUMENT... - pvscsictl exits with that.
ctl() {
	local want=$1
	shift
	run pvscsictl "$@"
	[ "$rc" = "$want" ] || fail "pvscsictl $* exits with $rc, expected $want"
}
# reconfigure - what has every initramfs made anew, and never fails.
reconfigure() {
	run dpkg-reconfigure pvscsi-dkms
	[ "$rc" = 0 ] || fail "dpkg-reconfigure exits with $rc"
}
said() { grep -qE -- "$1" "$TEST_DIR/said" || fail "it does not say: $1"; }
ours() { uses_driver "$OLD" updates/dkms "$LAB_VERSION"; }
own() { uses_driver "$OLD" kernel/drivers/scsi; }

# esp - what is on the EFI system partition, with checksums.
esp() { (cd "$root/boot/efi" && find . -type f -print0 | sort -z | xargs -0 sha256sum); }
# tidy - nothing of ours is there by a name of its own, nor left in /boot.
tidy() {
	local left
	left=$(find "$root/boot" -name '*pvscsi*' ! -name 'pvscsi-dkms.before-*')
	[ -z "$left" ] || fail "left: $left"
}

# careless - an administrator's settings that keep the driver out of what is made from now on.
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
# make_image FILE [ARGUMENT...] - make an initramfs, which no hook sees. ARGUMENTs are for dracut.
make_image() {
	case $generator in
	most | dep) lab_in "$root" mkinitramfs -o "$1" "$OLD" ;;
	*)
		lab_in "$root" env NO_POST_UPDATE_HOOKS=1 dracut --quiet --force \
			"${@:2}" "$1" "$OLD"
		;;
	esac >"$TEST_DIR/make.log" 2>&1 || fail "it cannot be made: $(cat "$TEST_DIR/make.log")"
}
# give FILE - to the boot loader in the place of what it reads, by the way that the hooks go.
give() {
	boot_in "$root" kernel-install add "$OLD" "/boot/vmlinuz-$OLD" "$1" >"$TEST_DIR/give.log" 2>&1 ||
		fail "kernel-install fails: $(cat "$TEST_DIR/give.log")"
}
# bigger - what is made from now on is so by 16 MiB.
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

# esp_room KILOBYTES|all - leave that free.
esp_room() {
	local used
	used=$(df -k --output=used "$root/boot/efi" | tail -n 1)
	[ "$1" = all ] || set -- "$((used + $1))"
	[ "$1" != all ] || set -- "$((BOOT_ESP_MB * 1024))"
	mount -o "remount,size=${1}k" "$root/boot/efi"
}

# --- the trials ---------------------------------------------------------------------

# The copy lacks the driver, and /boot's image has it: that machine finds no disk.
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
# All images are stale, and the package renews them.
trial_refresh() {
	boot_in "$root" cp "/var/tmp/own/initrd.img-$OLD" "/boot/initrd.img-$OLD"
	give "/boot/initrd.img-$OLD"
	ctl 1 check
	said 'another build'
	run /usr/lib/pvscsi-dkms/update-kernels stale
	ours
	tidy
}
# Both lack it: what prepare makes is what both have then, by the names that they had.
trial_prepare() {
	cp "$root/var/tmp/bare/initrd.img-$OLD" "$root/boot/"
	give "/boot/initrd.img-$OLD"
	ctl 0 prepare
	ours
	tidy
}
# What the package makes lacks the driver: that from before stays, the copy too.
trial_made_without() {
	local before
	before=$(esp)
	careless
	reconfigure
	said 'could not be updated'
	[ "$before" = "$(esp)" ] || fail "what the boot loader reads is not that from before"
	ours
	tidy
}
# So where prepare makes it: what it has not looked into, no boot loader gets.
trial_prepared_without() {
	local before
	boot_in "$root" cp "/var/tmp/own/initrd.img-$OLD" "/boot/initrd.img-$OLD"
	give "/boot/initrd.img-$OLD"
	before=$(esp)
	careless
	run pvscsictl rollback --undo
	said 'is not fit'
	[ "$before" = "$(esp)" ] || fail "what the boot loader reads is not that from before"
	tidy
}
# The partition has no room: the copy from before is whole, and the administrator is told.
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
# It boots, by that boot loader.
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

# trial NAME - from the state after the installation.
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
	set +e # not "if": the trial's own set -e would be void there
	(set -e; "trial_$1")
	rc=$?
	set -e
	[ "$rc" = 0 ] || failed="$failed $1"
}

# (made while there is neither the package nor its hooks)
mkdir -p "$root/var/tmp/bare" "$root/var/tmp/own"
# (a host-only one has them on a machine that has such disks)
make_image "/var/tmp/own/initrd.img-$OLD" --add-drivers "vmw_pvscsi sd_mod"
careless
make_image "/var/tmp/bare/initrd.img-$OLD"
careful
life_apt "$TEST_DIR/install.log" install "/root/${deb##*/}"
# (not "ours": whether that tells the boot loader is a trial)
give "/boot/initrd.img-$OLD"
ours
cp -a "$root/boot" "$TEST_DIR/boot"
failed=
for name in copy_lacks_driver refresh prepare made_without prepared_without no_room rollback \
	boot removed; do
	trial "$name"
done
[ -z "$failed" ] || fail "these trials:$failed"
