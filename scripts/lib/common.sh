# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # variables of the other parts
# common.sh - what several commands of pvscsictl(8) use.

# hosts_of ADDRESS - the folders of its SCSI hosts (one, with a driver).
hosts_of() {
	for _host in "/sys/bus/pci/devices/$1"/host*/scsi_host/host*; do
		[ ! -e "$_host" ] || echo "$_host"
	done
}

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

# largest_image - KiB that one more of the largest initramfs takes.
largest_image() {
	images | while read -r _image; do
		du -k "$_image"
	done | awk '$1 > max { max = $1 } END { print max + 0 }'
}
