# shellcheck shell=bash
# life-cycle.sh SUITE - install, upgrade, remove and purge the package in a Debian SUITE. Sourced by
# the tests life-cycle-*.

suite=$1
# shellcheck source=tests/lab/debian-root.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lab/debian-root.sh"
lab_root "$0" "$@"
boot_alone "$0" "$@"

next=$(life_deb 99.0.1)
life_chroot
cp "$next" "$root/root/"

# Installing: the driver is built, has precedence, and is in the existing initramfs.
life_apt "$TEST_DIR/install.log" install "/root/${deb##*/}"
uses_driver "$OLD" updates/dkms "$LAB_VERSION"
initramfs_count "$TEST_DIR/install.log" "$OLD" 1
if grep -iE 'deprecat|warning|error' "$TEST_DIR/install.log" "$root"/var/log/pvscsi-dkms/*; then
	fail "installing was not quiet (above)"
fi

# A kernel upgrade builds the driver for the new kernel before its initramfs is made.
life_apt "$TEST_DIR/kernel.log" install "${NEW_FROM[@]}" \
	"linux-image-$NEW" "linux-headers-$NEW"
uses_driver "$NEW" updates/dkms "$LAB_VERSION"
uses_driver "$OLD" updates/dkms "$LAB_VERSION"
initramfs_count "$TEST_DIR/kernel.log" "$NEW" 1
initramfs_count "$TEST_DIR/kernel.log" "$OLD" 0

# An upgrade of the package, together with a reinstallation of a kernel. The driver is also in an
# initramfs that includes no disk driver by itself.
small_initramfs
life_apt "$TEST_DIR/upgrade.log" install --reinstall "/root/${next##*/}" "linux-image-$OLD"
uses_driver "$OLD" updates/dkms 99.0.1
uses_driver "$NEW" updates/dkms 99.0.1
initramfs_count "$TEST_DIR/upgrade.log" "$NEW" 1

usual_initramfs

# Removal restores the in-tree drivers, also if dkms cannot remove ours because its dkms.conf is
# gone. Purging leaves nothing.
[ "$suite" = bookworm ] || rm "$root/usr/src/pvscsi-99.0.1/dkms.conf"
life_apt "$TEST_DIR/remove.log" remove pvscsi-dkms
uses_driver "$OLD" kernel/drivers/scsi
uses_driver "$NEW" kernel/drivers/scsi
life_apt "$TEST_DIR/purge.log" purge pvscsi-dkms
rm -f "$root"/root/*.deb
left=$(find "$root" -xdev -path "$root/proc" -prune -o -path '*pvscsi*' -print |
	grep -v -e /kernel/drivers/scsi/vmw_pvscsi.ko -e '/linux-headers-' || :)
[ -z "$left" ] || fail "purging left: $left"
left=$(find "$root/lib/modules/" -path '*/updates*')
[ -z "$left" ] || fail "purging left: $left"
