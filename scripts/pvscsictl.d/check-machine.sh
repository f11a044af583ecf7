# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # variables of the other parts
# check-machine.sh - pvscsictl check, of the machine: the names by which it looks for its
# disks, what forbids the driver, the chain of devices under /, room in /boot.

# Names that change with the controller, as extended regular expressions.
# (Volumes of LVM, md and dm-crypt have names of their own.)
disk_names='/dev/((sd|hd|vd|xvd|nvme|dm-|loop)[a-z0-9]+|disk/by-path/[^],"[:space:]]+|disk/by-id/(ata|nvme|scsi|usb|virtio|wwn)-[^],"[:space:]]+)'
blacklist_lines='^[[:space:]]*(blacklist|install)[[:space:]]+vmw[-_]pvscsi([[:space:]]|$)'

# stable DEVICE - a name for it that stays; fails if it has none, or is not there.
stable() {
	for _tag in UUID PARTUUID; do
		_value=$(blkid -s $_tag -o value "$1" 2>/dev/null)
		[ -z "$_value" ] || { echo "$_tag=$_value"; return 0; }
	done
	return 1
}

# rename_in FILE CODE DEVICE FROM [AFTER] - the finding that FILE names it, and the command
# that has sed put a stable name in the place of "@" in FROM, a pattern. (sed -i renames:
# there is always a whole file.)
rename_in() {
	_text="$1 names $3, which may be another disk after a change of controller"
	if _stable=$(stable "$3"); then
		_from=$(printf '%s' "$4" | sed "s@%@$3@")
		finding warning "$2" "$_text" "sed -i 's@$_from@\\1$_stable\\2@' $1${5:+ && $5}"
	elif [ "$2" = resume-name ]; then
		finding warning "$2" "$_text (it is not here now)" \
			"sed -i 's@^RESUME=$3@RESUME=none@' $1${5:+ && $5}"
	else
		finding warning "$2" "$_text; it is not here now, or has no UUID: $1 is to be edited by hand"
	fi
}

# names_in FIELD FILE - the disks that its lines name there.
names_in() {
	awk -v field="$1" '/^[[:space:]]*[^#[:space:]]/ { print $field }' "$2" 2>/dev/null |
		grep -Ex "$disk_names" | sort -u
}

check_names() {
	for _device in $(names_in 1 /etc/fstab); do
		rename_in /etc/fstab fstab-name "$_device" '^\([[:space:]]*\)%\([[:space:]]\)'
	done
	for _device in $(names_in 2 /etc/crypttab); do
		rename_in /etc/crypttab crypttab-name "$_device" \
			'^\([[:space:]]*[^#[:space:]]*[[:space:]]*\)%\([[:space:]]\|$\)' "$(renew_all)"
	done
	for _conf in /etc/initramfs-tools/initramfs.conf /etc/initramfs-tools/conf.d/*; do
		_device=$(sed -n 's/^RESUME="\{0,1\}\([^"]*\)"\{0,1\}$/\1/p' "$_conf" 2>/dev/null |
			grep -Ex "$disk_names" | tail -n 1)
		[ -z "$_device" ] ||
			rename_in "$_conf" resume-name "$_device" '^\(RESUME="\{0,1\}\)%\("\{0,1\}\)$' "$(renew_all)"
	done
}

# --- the kernel's command line ----------------------------------------------------

# What people edit, and what the boot loader reads.
loader_sources() { ls /etc/default/grub /etc/default/grub.d/*.cfg /etc/kernel/cmdline 2>/dev/null; }
loader_files() {
	ls /boot/grub/grub.cfg /boot/grub2/grub.cfg /boot/loader/entries/*.conf \
		/boot/efi/loader/entries/*.conf /efi/loader/entries/*.conf 2>/dev/null
}

# arguments FILE - the kernel arguments in it, one a line.
arguments() {
	case $1 in
	/etc/default/*) sed -n 's/^[[:space:]]*GRUB_CMDLINE_LINUX[A-Z_]*=//p' "$1" ;;
	*/grub.cfg) sed -n 's/^[[:space:]]*linux[a-z0-9]*[[:space:]]//p' "$1" ;;
	*.conf) sed -n 's/^options[[:space:]]//p' "$1" ;;
	*) cat "$1" ;;
	esac | tr -s "\"' \t" '\n'
}

# all_arguments - of every file.
all_arguments() {
	for _file in $(loader_sources) $(loader_files); do
		arguments "$_file"
	done
}

# regenerate - the command that makes the boot loader's files of what people edit.
regenerate() {
	if command -v update-grub >/dev/null; then
		echo "update-grub"
	elif [ -e /boot/grub2/grub.cfg ]; then
		echo "grub2-mkconfig -o /boot/grub2/grub.cfg"
	else
		echo "kernel-install add-all"
	fi
}

# edit_loader PATTERN SED - the command that applies SED (options of it) to the files people
# edit in which an argument matches PATTERN, and has the others made of them.
edit_loader() {
	if command -v grubby >/dev/null; then
		all_arguments | grep -Ex "$1" | sort -u | while read -r _argument; do
			printf "grubby --update-kernel=ALL --remove-args='%s'" "$_argument"
			case $_argument in
			*=/dev/*) ! _stable=$(stable "${_argument#*=}") || printf " --args='%s'" "${_argument%%=*}=$_stable" ;;
			esac
			printf ' && '
		done
		echo true
		return
	fi
	for _file in $(loader_sources); do
		! arguments "$_file" | grep -Eqx "$1" || printf '%s' "sed -i $2 $_file && "
	done
	regenerate
}

# check_root_argument - root=, resume= and their like.
check_root_argument() {
	_pattern="[a-z_.]+=$disk_names"
	_bad=$(all_arguments | grep -Ex "$_pattern" | sort -u)
	[ -n "$_bad" ] || return 0
	_edits=
	for _argument in $_bad; do
		# GRUB adds root= of its own
		_new=
		[ "${_argument%%=*}" = root ] || ! _new=$(stable "${_argument#*=}") ||
			_new=" ${_argument%%=*}=$_new"
		_edits="$_edits -e 's@ *\\b$_argument\\b@$_new@'"
	done
	_command=$(edit_loader "$_pattern" "${_edits# }")
	grep -qs '^[[:space:]]*GRUB_DISABLE_LINUX_UUID=["]*true' /etc/default/grub &&
		_command="sed -i '/^[[:space:]]*GRUB_DISABLE_LINUX_UUID=/d' /etc/default/grub && $_command"
	finding warning loader-name "the kernel's command line has $(echo "$_bad" | tr '\n' ' ' | sed 's/ $//'), which may be another disk after a change of controller" \
		"$_command"
}

check_arguments() {
	check_root_argument
	if all_arguments | grep -qx 'pvscsi\.oot=0'; then
		finding warning oot-off "the kernel's command line says pvscsi.oot=0: every kernel uses its own driver" \
			"$(edit_loader 'pvscsi\.oot=0' "'s@ *\\bpvscsi\\.oot=0\\b@@'")"
	fi
	_pattern='(module_blacklist|modprobe\.blacklist|rd\.driver\.blacklist)=(.*,)?vmw[-_]pvscsi(,.*)?'
	if all_arguments | grep -Eqx "$_pattern"; then
		finding error loader-blacklist "the kernel's command line forbids the driver ($(all_arguments | grep -Ex "$_pattern" | head -n 1))" \
			"$(edit_loader "$_pattern" "-E -e 's@ *\\b[a-z_.]+blacklist=vmw[-_]pvscsi\\b([^,]|\$)@\\1@' -e 's@(blacklist=)vmw[-_]pvscsi,@\\1@' -e 's@(blacklist=[^ \"]*),vmw[-_]pvscsi\\b@\\1@'")"
	fi
}

# check_entries - does GRUB give every kernel of an entry an initramfs?
check_entries() {
	for _file in /boot/grub/grub.cfg /boot/grub2/grub.cfg; do
		[ -e "$_file" ] || continue
		_bare=$(awk '
			$1 ~ /^linux/ { kernel = $2; sub(/.*\/vmlinuz-/, "", kernel); bare[kernel] = 1; last = kernel }
			$1 ~ /^initrd/ { bare[last] = 0 }
			END { for (kernel in bare) if (bare[kernel]) print kernel }' "$_file")
		for _kernel in $kernels; do
			echo "$_bare" | grep -qxF "$_kernel" || continue
			subject=$_kernel
			finding error loader-image "$_file starts it without its initramfs" "$(regenerate)"
			subject=machine
		done
	done
}

# --- modprobe's settings, and the generator's --------------------------------------

check_settings() {
	_edit='' _where=''
	for _conf in /etc/modprobe.d/*.conf /run/modprobe.d/*.conf /usr/local/lib/modprobe.d/*.conf; do
		grep -Eqs "$blacklist_lines" "$_conf" || continue
		_where="$_where $_conf"
		_edit="${_edit}sed -i -E '/$(printf '%s' "$blacklist_lines" | sed 's@/@\\/@g')/d' $_conf && "
	done
	[ -z "$_where" ] ||
		finding error blacklisted "modprobe is told not to load the driver, in$_where" "$_edit$(renew_all)"
	_conf=/etc/initramfs-tools/update-initramfs.conf
	if grep -qs '^[[:space:]]*update_initramfs=no' $_conf && [ "$(generator)" = initramfs-tools ]; then
		finding warning updates-off "$_conf forbids that an initramfs is ever made anew" \
			"sed -i 's@^\\([[:space:]]*update_initramfs=\\)no@\\1yes@' $_conf"
	fi
}

# --- what / is on --------------------------------------------------------------------

# under NODE - the disks that a block device (its folder in sysfs) is made of, through
# partitions, LVM, md and dm-crypt.
under() {
	_below=$(ls "$1/slaves" 2>/dev/null)
	if [ -n "$_below" ]; then
		for _slave in $_below; do
			# each in a shell of its own, which has its own variables
			(under "$(readlink -f "$1/slaves/$_slave")")
		done
	elif [ -e "$1/partition" ]; then
		(under "${1%/*}")
	else
		echo "$1"
	fi
}

# adapter_of NODE - the address of the PVSCSI adapter that a disk hangs on; fails if none.
adapter_of() {
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

# node_of MOUNTPOINT - its block device's folder in sysfs. (btrfs has a number of its own.)
node_of() {
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
# node_named DEVICE - the same of a name in /dev.
node_named() {
	_class=/sys/class/block/$(basename "$(readlink -f "$1")")
	[ -e "$_class" ] && readlink -f "$_class"
}

# check_chain - are /, /boot and swap on a PVSCSI adapter now?
check_chain() {
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
		finding good root-elsewhere "on another controller: ${_off#, } (before that is changed to PVSCSI: pvscsictl prepare)"
}

# --- room, and the package -------------------------------------------------------------

# leftovers - files in /boot of kernels that are gone, and of programs that were killed.
leftovers() {
	{ images; ls /boot/pvscsi-dkms.* 2>/dev/null; } | while read -r _left; do
		_kernel=${_left#/boot/initrd.img-}
		_kernel=${_kernel#/boot/initramfs-}
		_kernel=${_kernel#/boot/initrd-}
		_kernel=${_kernel%.img}
		if [ ! -e "/boot/vmlinuz-$_kernel" ] && [ ! -d "/lib/modules/$_kernel" ]; then
			case $_left in
			# what `kernels` may need yet
			*pvscsi-dkms.kept-*) ;;
			# images of other kinds, whose kernel may well be there
			*rescue* | *kdump*) ;;
			*) echo "$_left" ;;
			esac
		fi
	done
}

# check_room - for one more of the largest initramfs, which is what a rebuild takes.
check_room() {
	_need=$(largest_image) _room=$(room)
	[ "$_room" -lt "$_need" ] || return 0
	_text="/boot has room for $((_room / 1024)) MiB; to rebuild an initramfs takes $((_need / 1024)) MiB"
	_left=$(leftovers | tr '\n' ' ')
	if [ -n "$_left" ]; then
		finding warning boot-full "$_text; what no kernel needs takes some" "rm ${_left% }"
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

# check_package - is it in the middle of something?
check_package() {
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
	check_settings
	check_room
	check_package
}
