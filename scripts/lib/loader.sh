# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # variables of the other parts
# loader.sh - what the boot loaders of this machine read: entries, and images of a kernel that
# are not the one in /boot: copies on the EFI system partition, unified kernel images (UKIs).

# boot_folders - where boot loaders find entries (loader/entries) or UKIs (EFI/Linux).
boot_folders() {
	{
		printf '%s\n' /boot /boot/efi /efi
		awk '{ for (i = 6; i < NF; i++) if ($i == "-" && $(i + 1) == "vfat") print $5 }' /proc/self/mountinfo 2>/dev/null
	} | while read -r _dir; do
		if [ -d "$_dir/loader/entries" ] || [ -d "$_dir/EFI/Linux" ]; then
			readlink -f "$_dir"
		fi
	done | sort -u
}

# --- entries ----------------------------------------------------------------------

# entry_values FILE KEY - of an entry, as the Boot Loader Specification has them.
entry_values() { sed -n "s/^[[:space:]]*$2[[:space:]]\{1,\}//p" "$1"; }

# entries_of KERNEL - FOLDER<tab>ENTRY, one a line.
entries_of() {
	boot_folders | while read -r _dir; do
		for _entry in "$_dir"/loader/entries/*.conf; do
			[ -e "$_entry" ] || continue
			if [ "$(entry_values "$_entry" version | head -n 1)" != "$1" ]; then
				case $(entry_values "$_entry" linux | head -n 1) in
				*/"$1"/* | *-"$1") ;;
				*) continue ;;
				esac
			fi
			printf '%s\t%s\n' "$_dir" "$_entry"
		done
	done
}

# entry_initrd FOLDER ENTRY - the file of its initramfs. Of several the kernel unpacks the last one
# over the others: with dracut, kernel-install puts two into an entry. (GRUB looks from the root of
# the file system that /boot is on; microcode has a file of its own; $tuned_initrd and its like
# are GRUB's variables.)
entry_initrd() {
	entry_values "$2" initrd | tr -s ' \t' '\n' | while read -r _initrd; do
		case $_initrd in
		'$'* | *ucode*) continue ;;
		/boot/*) [ -e "$1$_initrd" ] || { echo "$_initrd"; continue; } ;;
		esac
		echo "$1$_initrd"
	done | tail -n 1
}

# --- unified kernel images ---------------------------------------------------------

# For awk: the bytes that od prints, and a number that begins at one of them.
# shellcheck disable=SC2016 # for awk to expand
pe_bytes='
	function number(at, bytes,  n) { for (n = 0; bytes-- > 0; ) n = n * 256 + byte[at + bytes]; return n }
	{ for (i = 1; i <= NF; i++) byte[count++] = $i }'
# pe_section FILE NAME - the offset and the size of a section of a UKI, in bytes: it is a
# program for UEFI, in the format PE.
pe_section() {
	od -An -v -tu1 -N 65536 "$1" 2>/dev/null | awk -v want="$2" "$pe_bytes"'
		END {
			pe = number(60, 4)
			if (byte[pe] != 80 || byte[pe + 1] != 69) exit 1
			table = pe + 24 + number(pe + 20, 2)
			for (i = number(pe + 6, 2); i > 0; i--) {
				name = ""
				for (k = 0; k < 8 && byte[table + k]; k++) name = name sprintf("%c", byte[table + k])
				if (name == want) {
					size = number(table + 8, 4)
					raw = number(table + 16, 4)
					printf "%d %d\n", number(table + 20, 4), (size && size < raw) ? size : raw
					exit 0
				}
				table += 40
			}
			exit 1
		}'
}
# uki_section FILE NAME - its content.
uki_section() {
	local at
	at=$(pe_section "$1" "$2") && [ -n "$at" ] || return 1
	tail -c +$((${at% *} + 1)) "$1" | head -c "${at#* }"
}
# is_signed_uki FILE - has it a signature, for Secure Boot? (The fifth entry of the table that
# follows the header of the format PE32+, or PE32.)
is_signed_uki() {
	od -An -v -tu1 -N 4096 "$1" 2>/dev/null | awk "$pe_bytes"'
		END {
			header = number(60, 4) + 24
			exit !number(header + (number(header, 2) == 523 ? 144 : 128) + 4, 4)
		}'
}
# ukis - every one there is.
ukis() {
	boot_folders | while read -r _dir; do
		for _uki in "$_dir"/EFI/Linux/*.efi; do
			[ ! -e "$_uki" ] || echo "$_uki"
		done
	done
}
# kernel_of_uki FILE - its version; fails if it cannot be told.
kernel_of_uki() {
	local kernel
	kernel=$(uki_section "$1" .uname | tr -d '\0\n')
	if [ -z "$kernel" ]; then
		for kernel in ${kernels:-$(kernels)} ''; do
			case ${1##*/} in *-"$kernel".efi | *-"$kernel"-* | *-"$kernel"+*) break ;; esac
		done
	fi
	[ -n "$kernel" ] && echo "$kernel"
}

# --- images ---------------------------------------------------------------------------

# boot_images KERNEL - every image that a boot loader may start it with: KIND<tab>FILE, one a
# line; the kind is initramfs or uki. The one in /boot, if there is one, comes first.
boot_images() {
	local image
	image=$(image_of "$1")
	[ ! -e "$image" ] || printf 'initramfs\t%s\n' "$image"
	{
		entries_of "$1" | while IFS=$tab read -r _dir _entry; do
			entry_initrd "$_dir" "$_entry" | sed "s/^/initramfs$tab/"
			entry_values "$_entry" efi | sed "s@^@uki$tab$_dir@"
		done
		ukis | while read -r _uki; do
			[ "$(kernel_of_uki "$_uki")" != "$1" ] || printf 'uki\t%s\n' "$_uki"
		done
	} | sort -u | while IFS=$tab read -r _kind _file; do
		[ "$_file" -ef "$image" ] || printf '%s\t%s\n' "$_kind" "$_file"
	done
}

# menus - GRUB's, where there are some.
menus() {
	for _menu in /boot/grub/grub.cfg /boot/grub2/grub.cfg; do
		[ ! -e "$_menu" ] || echo "$_menu"
	done
}

# loader_sources - the files with the kernel's command line that people edit. (The entries, too, are
# files of their own.) loader_files - what else boot loaders read.
loader_sources() {
	ls /etc/default/grub /etc/default/grub.d/*.cfg /etc/kernel/cmdline 2>/dev/null
	boot_folders | while read -r _dir; do
		ls "$_dir"/loader/entries/*.conf 2>/dev/null
	done
}
loader_files() {
	menus
	ukis
}

# starts_systemd_boot - does the firmware start systemd-boot here? A running machine knows; a folder
# that is to become one has its hooks, perhaps.
starts_systemd_boot() {
	if [ -d "/lib/modules/$(uname -r)" ]; then
		tr -d '\0' 2>/dev/null <"/sys/firmware/efi/efivars/LoaderInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f" |
			grep -q 'systemd-boot'
	else
		[ -e /etc/kernel/postinst.d/zz-systemd-boot ]
	fi 2>/dev/null
}
