# shellcheck shell=bash
# fallback.sh GENERATOR - a Debian trixie with our driver, whose initramfs is made by GENERATOR
# (initramfs-tools or dracut), boots although its kernel refuses our driver. Some options are
# supported only by ours; each driver gets the options that it supports. Sourced by the tests
# fallback-*.

generator=$1
suite=trixie
# shellcheck source=tests/lab/debian-root.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lab/debian-root.sh"
lab_root "$0" "$@"
boot_alone "$0" "$@"

life_disk 3072
# for any machine, because the guest has other hardware
[ "$generator" != dracut ] || life_generator generic
# A list that only our driver supports, an option that both support, and an invalid value.
options='ring_pages=8,0000:03:00.0=32 disable_msi=Y cmd_per_lun=abc'
site=$root/etc/modprobe.d/site.conf
echo "options vmw_pvscsi $options" >"$site"
# Report the values that the driver uses.
cat >"$root/usr/local/sbin/pvscsi-more" <<-'END'
	#!/bin/sh
	for file in /sys/module/vmw_pvscsi/parameters/*; do
		echo "pvscsi-report: ${file##*/} $(cat "$file")"
	done
	echo "pvscsi-report: interrupt $(grep vmw_pvscsi /proc/interrupts | head -n 1)"
END
chmod 755 "$root/usr/local/sbin/pvscsi-more"
life_apt "$TEST_DIR/install.log" install "/root/${deb##*/}"
uuid=$(blkid -p -s UUID -o value "$(findmnt -n -o SOURCE --mountpoint "$root")")
module=$root/lib/modules/$OLD/updates/dkms/vmw_pvscsi.ko.xz

# What is under test ends when the root disk is mounted, so the guest runs only the report.
init=init=/usr/local/sbin/pvscsi-report

# boots_with NAME VERSION [ARGUMENT...] - boot with these kernel arguments; VERSION of the driver
# must have the root disk.
boots_with() {
	local name=$1 version=$2 log=$TEST_DIR/$1-console.log rings
	shift 2
	cp "$root/boot/vmlinuz-$OLD" "$TEST_DIR/vmlinuz"
	cp "$root/boot/initrd.img-$OLD" "$TEST_DIR/initrd"
	boot_umount "$root"
	lab_say "booting it: $name"
	boot_run "$image" "$log" 500 -kernel "$TEST_DIR/vmlinuz" -initrd "$TEST_DIR/initrd" \
		-append "root=UUID=$uuid ro console=ttyS0 mitigations=off panic=1 $init $*" ||
		fail "$name: it does not boot"
	boot_judge "$log" "$OLD" "$version" '*' '' || fail "$name: it does not boot as expected"
	lab_say "$name: $(boot_fact "$log" version) on $(boot_fact "$log" disk)"
	case $version in
	"$LAB_VERSION") rings=8,0000:03:00.0=32 ;;
	*) rings=8 ;;
	esac
	[ "$(boot_fact "$log" ring_pages)" = $rings ] ||
		fail "$name: ring_pages is $(boot_fact "$log" ring_pages), expected $rings"
	# without disable_msi, it would be PCI-MSI
	case $(boot_fact "$log" interrupt) in
	*IO-APIC*) ;;
	*) fail "$name: disable_msi=Y has no effect: $(boot_fact "$log" interrupt)" ;;
	esac
	boot_mount "$image" "$root"
}
# said NAME TEXT - the kernel log of that boot must contain TEXT.
said() {
	grep -aF "pvscsi-dkms: $2" "$TEST_DIR/$1-console.log" || fail "$1: the log does not say: $2"
}

boots_with usual "$LAB_VERSION"
! grep -a 'pvscsi-dkms:' "$TEST_DIR/usual-console.log" || fail "it has something to say"

boots_with told-so '1.0.*-k' pvscsi.oot=0
said told-so 'pvscsi.oot=0: loading the in-tree driver'
said told-so "the in-tree driver is loaded with ring_pages=8 instead of ring_pages=8,0000:03:00.0=32: "
said told-so "the in-tree driver is loaded without cmd_per_lun=abc: "

# As with Secure Boot and a key that is not enrolled.
boots_with signature '1.0.*-k' module.sig_enforce=1
said signature 'kernel rejected the DKMS driver'

# Both generators use the same script for the decision, so one of them is enough here.
if [ "$generator" != dracut ]; then
	# A build for another kernel. (A kernel with symbol versions compares only the part of the
	# vermagic after the release.)
	xz -dc "$module" | sed '/vermagic=/s/ mod_unload / mod_unl0ad /' >"$TEST_DIR/other.ko"
	! cmp -s <(xz -dc "$module") "$TEST_DIR/other.ko" || fail "the module was not changed"
	xz -c --check=crc32 "$TEST_DIR/other.ko" >"$module"
	boot_in "$root" update-initramfs -u -k "$OLD"
	boots_with vermagic '1.0.*-k'
	said vermagic 'kernel rejected the DKMS driver'
fi

# An initramfs with the in-tree driver alone.
boot_in "$root" pvscsictl rollback --to in-tree || [ $? = 1 ] || fail "the rollback fails"
uses_driver "$OLD" kernel
boots_with rolled-back '1.0.*-k'
said rolled-back "the in-tree driver is loaded without cmd_per_lun=abc: "

# And without the package.
[ "$generator" != dracut ] || exit 0
life_apt "$TEST_DIR/remove.log" remove pvscsi-dkms
grep -qF '/etc/modprobe.d/site.conf' "$TEST_DIR/remove.log" || fail "it does not say what was set aside"
grep -qxF 'options vmw_pvscsi ring_pages=8 disable_msi=Y' "$site" || fail "$(cat "$site")"
grep -qxF "#pvscsi-dkms# options vmw_pvscsi $options" "$site" || fail "$(cat "$site")"
# as for the next kernel
boot_in "$root" update-initramfs -u -k "$OLD"
boots_with removed '1.0.*-k'
