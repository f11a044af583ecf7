# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # variables of the other parts
# check-machine.sh - pvscsictl check for the machine: the names by which it finds its disks,
# settings that forbid the driver, the controllers under /, free space in /boot.

# stable DEVICE - print a persistent name for it. Fails if it has none or does not exist.
stable() {
	local _tag _value
	for _tag in UUID PARTUUID; do
		_value=$(blkid -s $_tag -o value "$1" 2>/dev/null)
		[ -z "$_value" ] || { echo "$_tag=$_value"; return 0; }
	done
	return 1
}

# --- files that name disks ---------------------------------------------------------

# names_in FIELD FILE - print the disk names in this field of its lines.
names_in() {
	awk -v field="$1" '/^[[:space:]]*[^#[:space:]]/ { print $field }' "$2" 2>/dev/null |
		grep -Ex "$disk_names" | sort -u
}

# disk_uses - print where disks have names that may change: CODE<tab>FILE<tab>DEVICE.
disk_uses() {
	local _conf _device
	names_in 1 /etc/fstab | sed "s@^@fstab-name$tab/etc/fstab$tab@"
	names_in 2 /etc/crypttab | sed "s@^@crypttab-name$tab/etc/crypttab$tab@"
	for _conf in /etc/initramfs-tools/initramfs.conf /etc/initramfs-tools/conf.d/*; do
		_device=$(sed -n 's/^RESUME="\{0,1\}\([^"]*\)"\{0,1\}$/\1/p' "$_conf" 2>/dev/null |
			grep -Ex "$disk_names" | tail -n 1)
		[ -z "$_device" ] || printf 'resume-name\t%s\t%s\n' "$_conf" "$_device"
	done
}

check_names() {
	local _code _conf _device _text
	while IFS=$tab read -r _code _conf _device; do
		[ -n "$_code" ] || continue
		_text="$_conf contains a disk name that may change with the controller: $_device"
		if stable "$_device" >/dev/null; then
			finding warning "$_code" "$_text" "pvscsictl fix $_code"
		elif [ "$_code" = resume-name ]; then
			finding warning "$_code" "$_text (there is no such device)" "pvscsictl fix $_code"
		else
			finding warning "$_code" "$_text. The device does not exist or has no UUID: edit $_conf by hand"
		fi
	done <<-END
		$(disk_uses)
	END
}

# --- the kernel's command line ----------------------------------------------------

# arguments FILE - print the kernel arguments in it, one per line.
arguments() {
	case $1 in
	/etc/default/*) sed -n 's/^[[:space:]]*GRUB_CMDLINE_LINUX[A-Z_]*=//p' "$1" ;;
	*/grub.cfg) sed -n 's/^[[:space:]]*linux[a-z0-9]*[[:space:]]//p' "$1" ;;
	*.conf) entry_values "$1" options ;;
	*.efi) uki_section "$1" .cmdline | tr -d '\0' ;;
	*) cat "$1" ;;
	esac | tr -s "\"' \t" '\n'
}

# all_arguments - print the kernel arguments in all files.
all_arguments() {
	local _file
	{
		loader_sources
		loader_files
	} | while read -r _file; do
		arguments "$_file"
	done
}

# Kernel arguments that name a disk, and those that forbid the driver.
argument_disks="[a-z_.]+=$disk_names"
argument_blacklists='(module_blacklist|modprobe\.blacklist|rd\.driver\.blacklist)=(.*,)?vmw[-_]pvscsi(,.*)?'

check_arguments() {
	local _all _bad
	_all=$(all_arguments | sort -u)
	_bad=$(echo "$_all" | grep -Ex "$argument_disks" | tr '\n' ' ')
	[ -z "$_bad" ] ||
		finding warning loader-name "the kernel command line contains a disk name that may change with the controller: ${_bad% }" \
			"pvscsictl fix loader-name"
	if echo "$_all" | grep -qx 'pvscsi\.oot=0'; then
		finding warning oot-off "the kernel command line has pvscsi.oot=0: every kernel uses the in-tree driver" \
			"pvscsictl fix oot-off"
	fi
	_bad=$(echo "$_all" | grep -Ex "$argument_blacklists" | head -n 1)
	[ -z "$_bad" ] ||
		finding error loader-blacklist "the kernel command line blacklists the driver ($_bad): a kernel would not boot from a PVSCSI disk" \
			"pvscsictl fix loader-blacklist"
}

# --- boot loaders --------------------------------------------------------------------

# check_entries - check that GRUB's menu has an initramfs for every kernel in it.
check_entries() {
	local _bare _menu
	for _menu in $(menus); do
		_bare=$(awk '
			$1 ~ /^linux/ { kernel = $2; sub(/.*\/vmlinuz-/, "", kernel); bare[kernel] = 1; last = kernel }
			$1 ~ /^initrd/ { bare[last] = 0 }
			END { for (kernel in bare) if (bare[kernel]) print kernel }' "$_menu")
		for subject in $kernels; do
			! echo "$_bare" | grep -qxF "$subject" ||
				finding error loader-image "$_menu starts it without its initramfs: it would not boot from a PVSCSI disk" "pvscsictl fix loader-image"
		done
	done
	subject=machine
}

# Hooks that run when an initramfs has changed, and that either make no copy for a boot loader, or
# one that boot_images finds.
known_hooks=' systemd-boot dracut-systemd-boot zz-update-grub zz-u-boot-menu u-boot-menu '

# check_loaders - report copies of an initramfs that cannot be examined.
check_loaders() {
	local _hook _kernel _point _uki
	for _hook in /etc/initramfs/post-update.d/*; do
		case "$known_hooks" in *" ${_hook##*/} "*) continue ;; esac
		[ ! -x "$_hook" ] ||
			finding unknown unknown-copy "$_hook may copy an initramfs for a boot loader: such a copy cannot be examined"
	done
	for _uki in $(ukis); do
		kernel_of_uki "$_uki" >/dev/null ||
			finding unknown unknown-copy "$_uki is a unified kernel image of an unknown kernel"
	done
	if starts_systemd_boot && [ -z "$(for _kernel in $kernels; do entries_of "$_kernel"; done)$(ukis)" ]; then
		_point=$(awk '$1 !~ /^#/ && $3 == "vfat" { print $2; exit }' /etc/fstab 2>/dev/null)
		finding unknown unknown-copy "systemd-boot has no entry for an installed kernel: is the EFI system partition mounted?" \
			"${_point:+mount $_point}"
	fi
}

# --- modprobe's settings, and the generator's --------------------------------------

# blacklists - print the files in modprobe.d that forbid the driver.
blacklists() {
	grep -lE "$blacklist_lines" /etc/modprobe.d/*.conf /run/modprobe.d/*.conf /usr/local/lib/modprobe.d/*.conf 2>/dev/null
}
generator_settings=/etc/initramfs-tools/update-initramfs.conf

check_settings() {
	local _where
	_where=$(blacklists | tr '\n' ' ')
	[ -z "$_where" ] ||
		finding error blacklisted "modprobe does not load the driver: it is blacklisted in ${_where% }" "pvscsictl fix blacklisted"
	if grep -qs '^[[:space:]]*update_initramfs=no' $generator_settings && [ "$(generator)" = initramfs-tools ]; then
		finding warning updates-off "$generator_settings disables updates of an initramfs" "pvscsictl fix updates-off"
	fi
}

# --- what / is on --------------------------------------------------------------------

# under NODE - print the disks that a block device is made of, through partitions, LVM, md and
# dm-crypt. NODE and the disks are folders in sysfs.
under() {
	local _below _slave
	_below=$(ls "$1/slaves" 2>/dev/null)
	if [ -n "$_below" ]; then
		for _slave in $_below; do
			# a subshell, since the recursive call uses the same variables
			(under "$(readlink -f "$1/slaves/$_slave")")
		done
	elif [ -e "$1/partition" ]; then
		(under "${1%/*}")
	else
		echo "$1"
	fi
}

# adapter_of NODE - print the address of the PVSCSI adapter that a disk is attached to. Fails if
# there is none.
adapter_of() {
	local _up
	_up=$1
	while [ -n "$_up" ] && [ "$_up" != /sys/devices ]; do
		if is_adapter "$_up"; then
			echo "${_up##*/}"
			return 0
		fi
		_up=${_up%/*}
	done
	return 1
}

# node_of MOUNTPOINT - print the folder in sysfs of its block device. (A btrfs has a device number
# that belongs to no block device; then the mount source is used.)
node_of() {
	local _at
	_at=$(awk -v point="$1" '$5 == point { number = $3; for (i = 6; i < NF; i++) if ($i == "-") source = $(i + 2) }
		END { if (number != "") print number, source }' /proc/self/mountinfo)
	[ -n "$_at" ] || return 1
	if [ -e "/sys/dev/block/${_at%% *}" ]; then
		readlink -f "/sys/dev/block/${_at%% *}"
		return
	fi
	case $_at in
	*' /dev/'*) node_named "${_at#* }" ;;
	*) return 1 ;;
	esac
}
# node_named DEVICE - the same for a name in /dev.
node_named() {
	local _class
	_class=/sys/class/block/$(basename "$(readlink -f "$1")")
	[ -e "$_class" ] && readlink -f "$_class"
}

# check_chain - report whether /, /boot, /boot/efi, /usr and swap are on a PVSCSI adapter now.
check_chain() {
	local _adapter _disk _node _nodes _off _on _point _swap
	_nodes=$(
		for _point in / /boot /boot/efi /usr; do
			! _node=$(node_of "$_point") || echo "$_point $_node"
		done
		awk '$1 ~ /^\/dev\// { print $1 }' /proc/swaps | while read -r _swap; do
			! _node=$(node_named "$_swap") || echo "swap $_node"
		done
	)
	_on='' _off=''
	while read -r _point _node; do
		[ -n "$_node" ] || continue
		for _disk in $(under "$_node"); do
			if _adapter=$(adapter_of "$_disk"); then
				_on="$_on, $_point on ${_disk##*/} ($_adapter)"
			else
				_off="$_off, $_point on ${_disk##*/}"
			fi
		done
	done <<-END
		$_nodes
	END
	[ -z "$_on" ] || finding good root-on-pvscsi "on a PVSCSI adapter: ${_on#, }"
	[ -z "$_off" ] ||
		finding good root-elsewhere "on another controller: ${_off#, } (before a change to PVSCSI: pvscsictl prepare)"
}

# --- room, and the package -------------------------------------------------------------

# leftovers - print files in /boot of removed kernels and of programs that were killed.
leftovers() {
	local _kernel _left
	{ images; ls /boot/pvscsi-dkms.* 2>/dev/null; } | while read -r _left; do
		_kernel=${_left#/boot/initrd.img-}
		_kernel=${_kernel#/boot/initramfs-}
		_kernel=${_kernel#/boot/initrd-}
		_kernel=${_kernel%.img}
		if [ ! -e "/boot/vmlinuz-$_kernel" ] && [ ! -d "/lib/modules/$_kernel" ]; then
			case $_left in
			# other kinds of images, whose kernel may still be installed
			*rescue* | *kdump*) ;;
			*) echo "$_left" ;;
			esac
		fi
	done
}

# check_room - check that /boot has room for one more copy of the largest initramfs, which a
# rebuild needs.
check_room() {
	local _command _left _need _room _text
	_need=$(largest_image) _room=$(room_in /boot)
	[ -n "$_room" ] || return 0
	[ "$_room" -lt "$_need" ] || return 0
	_text="/boot has $((_room / 1024)) MiB of free space; rebuilding an initramfs needs $((_need / 1024)) MiB"
	_left=$(leftovers | sed "s/.*[^A-Za-z0-9_.,:=+/-].*/'&'/" | tr '\n' ' ')
	if [ -n "$_left" ]; then
		finding warning boot-full "$_text; it contains files that no kernel needs" "rm ${_left% }"
	else
		case $(family) in
		redhat) _command="dnf remove --oldinstallonly" ;;
		debian) _command="apt autoremove --purge" ;;
		suse) _command="zypper purge-kernels" ;;
		*) _command= ;;
		esac
		finding warning boot-full "$_text" "$_command"
	fi
}

# check_package - check that dpkg has fully installed or removed the package.
check_package() {
	local _status
	# shellcheck disable=SC2016 # dpkg-query expands it
	_status=$(dpkg-query -W -f '${db:Status-Status}' pvscsi-dkms 2>/dev/null) || return 0
	case $_status in
	installed | config-files | not-installed) ;;
	*) finding warning half-installed "the package pvscsi-dkms is $_status" "dpkg --configure -a" ;;
	esac
}

check_machine() {
	check_chain
	check_names
	check_arguments
	check_entries
	check_loaders
	check_settings
	check_room
	check_package
}
