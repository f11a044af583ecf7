# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # variables of the other parts
# common.sh - functions that several commands of pvscsictl(8) use.

# hosts_of ADDRESS - print the folders of its SCSI hosts in sysfs (one, if it has a driver).
hosts_of() {
	local _host
	for _host in "/sys/bus/pci/devices/$1"/host*/scsi_host/host*; do
		[ ! -e "$_host" ] || echo "$_host"
	done
}

# This file has what `pvscsictl rollback` chose instead of the installed version: "in-tree" or a
# version. The package's kernel hooks and dkms.conf obey it.
switch=/etc/pvscsi-dkms/driver
chosen() {
	local _chosen
	_chosen=
	{ read -r _chosen <"$switch"; } 2>/dev/null
	echo "$_chosen"
}

# versions - print the versions of our driver whose source is here, oldest first: the package's
# version, and the previous ones that upgrades kept.
kept_sources=/var/lib/pvscsi-dkms/previous
versions() {
	local _conf
	for _conf in /usr/src/pvscsi-*/dkms.conf "$kept_sources"/pvscsi-*/dkms.conf; do
		[ ! -e "$_conf" ] || basename "${_conf%/dkms.conf}"
	done | sed 's/^pvscsi-//' | sort -Vu
}

# has_package - true if the source of any version of our driver is here.
has_package() { ls -d /usr/src/pvscsi-*/dkms.conf >/dev/null 2>&1; }

# largest_image - print the size of the largest initramfs, in KiB.
largest_image() {
	local _image
	images | while read -r _image; do
		du -k "$_image"
	done | awk '$1 > max { max = $1 } END { print max + 0 }'
}
