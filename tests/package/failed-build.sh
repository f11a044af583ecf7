# shellcheck shell=bash
# failed-build.sh SUITE [boot] - a kernel upgrade in a Debian SUITE with broken headers; with
# "boot", the result is booted. Sourced by the tests failed-build-*.

suite=$1 boot=${2:-}
# shellcheck source=tests/lab/debian-root.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lab/debian-root.sh"
lab_root "$0" "$@"
boot_alone "$0" "$@"

if [ -n "$boot" ]; then
	life_disk 3072
	boot_loader "$image" "$root"
else
	life_chroot
	small_initramfs
fi
life_apt "$TEST_DIR/install.log" install "/root/${deb##*/}"
uses_driver "$OLD" updates/dkms "$LAB_VERSION"

# The headers of the new kernel will have this file instead of the real one.
common=${NEW%-amd64}
header=/usr/src/linux-headers-$common-common/include/scsi/scsi_host.h
mkdir -p "$root${header%/*}"
lab_in "$root" dpkg-divert --local --no-rename --add --divert "$header.good" "$header"
echo '#error this header is broken' >"$root$header"

# apt succeeds, and the new kernel has its in-tree driver.
life_apt "$TEST_DIR/kernel.log" install "${NEW_FROM[@]}" \
	"linux-image-$NEW" "linux-headers-$NEW"
uses_driver "$NEW" kernel/drivers/scsi
uses_driver "$OLD" updates/dkms "$LAB_VERSION"

# says TEXT - did the upgrade print this?
says() { grep -qF -- "$1" "$TEST_DIR/kernel.log" || fail "it does not say: $1"; }
log=/var/log/pvscsi-dkms/$NEW.log
says "could not be built for kernel $NEW. It uses the in-tree driver."
says 'this header is broken'
says "$log"
grep -qF 'this header is broken' "$root$log" || fail "the log $log does not tell the cause"

if [ -n "$boot" ]; then
	boot_umount "$root"
	lab_say "booting it"
	boot_run "$image" "$TEST_DIR/console.log" 600 || fail "it does not boot"
	boot_judge "$TEST_DIR/console.log" "$NEW" '1.0.*-k' '*' /kernel/drivers/scsi/ ||
		fail "it does not boot as expected"
	lab_say "it booted kernel $NEW with the kernel's own driver"
	boot_mount "$image" "$root"
fi

# After the header is repaired, the command of the message works.
says 'dpkg-reconfigure pvscsi-dkms'
mv "$root$header.good" "$root$header"
lab_in "$root" dpkg-reconfigure pvscsi-dkms
uses_driver "$NEW" updates/dkms "$LAB_VERSION"
