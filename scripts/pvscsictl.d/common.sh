# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # variables of the other parts
# common.sh - what several commands of pvscsictl(8) use.

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
	images | while read -r _image; do
		du -k "$_image"
	done | awk '$1 > max { max = $1 } END { print max + 0 }'
}
