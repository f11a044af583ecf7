# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # variables of the other parts
# common.sh - what several commands of pvscsictl(8) use.

# attribute FILE - its first line; a dash if there is none.
attribute() {
	_line=
	{ read -r _line <"$1"; } 2>/dev/null
	echo "${_line:--}"
}

# addresses - of the PVSCSI adapters, one a line.
addresses() {
	for _dir in /sys/bus/pci/devices/*; do
		! is_adapter "$_dir" || echo "${_dir##*/}"
	done
}
# is_adapter DIR - is the PCI device with this folder in sysfs one?
is_adapter() { [ "$(attribute "$1/vendor") $(attribute "$1/device")" = '0x15ad 0x07c0' ]; }

# hosts_of ADDRESS - the folders of its SCSI hosts (one, with a driver).
hosts_of() {
	for _host in "/sys/bus/pci/devices/$1"/host*/scsi_host/host*; do
		[ ! -e "$_host" ] || echo "$_host"
	done
}

# kind VERSION INTREE - whose driver a module is.
kind() {
	case $2 in
	'') echo "pvscsi-dkms $1" ;;
	*) echo "the kernel's own $1" ;;
	esac
}

# kernels - what is installed, oldest first. (What only left a folder behind is not.)
kernels() {
	for _dir in /lib/modules/*; do
		_kernel=${_dir##*/}
		if [ -e "/boot/vmlinuz-$_kernel" ] || [ -e "$_dir/vmlinuz" ]; then
			echo "$_kernel"
		fi
	done | sort -V
}

# image_of KERNEL - the path of its initramfs, as Debian or as others name it.
image_of() {
	if [ ! -e "/boot/initrd.img-$1" ] && [ -e "/boot/initramfs-$1.img" ]; then
		echo "/boot/initramfs-$1.img"
	else
		echo "/boot/initrd.img-$1"
	fi
}

# generator - the program that makes initramfs here. Not every mkinitramfs is at work: with
# dracut a part of initramfs-tools may be left; and dracut may bring an update-initramfs.
generator() {
	if grep -qs '^[^#]*mkinitramfs' "$(command -v update-initramfs)"; then
		echo initramfs-tools
	elif command -v dracut >/dev/null; then
		echo dracut
	fi
}

# field FILE NAME - of a module.
field() { modinfo -F "$2" "$1" 2>/dev/null; }
# loaded_by KERNEL - the file that modprobe would load there, if any.
loaded_by() { modinfo -k "$1" -F filename vmw_pvscsi 2>/dev/null; }
# identity FILE - what two files of one build have in common.
identity() { echo "$(field "$1" version) $(field "$1" srcversion) $(field "$1" vermagic)"; }

# What `pvscsictl rollback` chose in the place of the installed version, if anything:
# "in-tree" or a version. The package's kernel hook and dkms.conf heed it.
switch=/etc/pvscsi-dkms/driver
chosen() {
	_chosen=
	{ read -r _chosen <"$switch"; } 2>/dev/null
	echo "$_chosen"
}

# versions - of our driver that there is source of, oldest first: the package's own and the
# one before it, which an upgrade keeps.
kept_sources=/var/lib/pvscsi-dkms/previous
versions() {
	for _conf in /usr/src/pvscsi-*/dkms.conf "$kept_sources"/pvscsi-*/dkms.conf; do
		[ ! -e "$_conf" ] || basename "${_conf%/dkms.conf}"
	done | sed 's/^pvscsi-//' | sort -Vu
}

# has_package - is the source of our driver here, of whichever version?
has_package() { ls -d /usr/src/pvscsi-*/dkms.conf >/dev/null 2>&1; }

# room - for files in /boot, KiB. largest_image - what one more of that takes.
room() { df -Pk /boot | awk 'NR == 2 { print $4 }'; }
largest_image() {
	for _image in /boot/initrd.img-* /boot/initramfs-*.img; do
		[ ! -e "$_image" ] || du -k "$_image"
	done | awk '$1 > max { max = $1 } END { print max + 0 }'
}
