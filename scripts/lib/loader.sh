# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # variables of the other parts
# loader.sh - files that the boot loaders of this machine read: entries, and images of a kernel
# besides the one in /boot: copies on the EFI system partition, unified kernel images (UKIs).

# boot_folders - print the folders with boot loader entries (loader/entries) or UKIs (EFI/Linux).
boot_folders() {
	local _dir
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

# entry_values FILE KEY - print the values of KEY in a Boot Loader Specification entry.
entry_values() { sed -n "s/^[[:space:]]*$2[[:space:]]\{1,\}//p" "$1"; }

# entries_of KERNEL - print its entries as FOLDER<tab>ENTRY, one per line.
entries_of() {
	local _dir _entry
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

# entry_initrd FOLDER ENTRY - print the file of its initramfs. If there are several, the last one:
# the kernel unpacks it over the others. (kernel-install with dracut writes two into an entry.)
# Paths are relative to the root of the file system with /boot. Microcode has a separate file, which
# is skipped, as are variables of GRUB such as $tuned_initrd.
entry_initrd() {
	local _initrd
	entry_values "$2" initrd | tr -s ' \t' '\n' | while read -r _initrd; do
		case $_initrd in
		'$'* | *ucode*) continue ;;
		/boot/*) [ -e "$1$_initrd" ] || { echo "$_initrd"; continue; } ;;
		esac
		echo "$1$_initrd"
	done | tail -n 1
}

# --- unified kernel images ---------------------------------------------------------

# Awk code that reads bytes printed by od, and a function for a little-endian number in them.
# shellcheck disable=SC2016 # for awk to expand
pe_bytes='
	function number(at, bytes,  n) { for (n = 0; bytes-- > 0; ) n = n * 256 + byte[at + bytes]; return n }
	{ for (i = 1; i <= NF; i++) byte[count++] = $i }'
# pe_section FILE NAME - print offset and size, in bytes, of a section of a UKI, which is a UEFI
# program in PE format.
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
# uki_section FILE NAME - print the content of a section.
uki_section() {
	local at
	at=$(pe_section "$1" "$2") && [ -n "$at" ] || return 1
	tail -c +$((${at% *} + 1)) "$1" | head -c "${at#* }"
}
# is_signed_uki FILE - true if it has a Secure Boot signature: if the fifth data directory, after
# the PE32+ or PE32 header, has a size.
is_signed_uki() {
	od -An -v -tu1 -N 4096 "$1" 2>/dev/null | awk "$pe_bytes"'
		END {
			header = number(60, 4) + 24
			exit !number(header + (number(header, 2) == 523 ? 144 : 128) + 4, 4)
		}'
}
# ukis - print all UKIs.
ukis() {
	local _dir _uki
	boot_folders | while read -r _dir; do
		for _uki in "$_dir"/EFI/Linux/*.efi; do
			[ ! -e "$_uki" ] || echo "$_uki"
		done
	done
}
# kernel_of_uki FILE - print its kernel version. Fails if that is unknown.
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

# boot_images KERNEL - print every image with which a boot loader may start it, as KIND<tab>FILE,
# one per line. The kind is initramfs or uki. An initramfs in /boot comes first.
boot_images() {
	local image _dir _entry _file _kind _uki
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

# menus - print GRUB's menus that exist.
menus() {
	local _menu
	for _menu in /boot/grub/grub.cfg /boot/grub2/grub.cfg; do
		[ ! -e "$_menu" ] || echo "$_menu"
	done
}

# menu_maker - print the name of GRUB's command that makes a menu.
menu_maker() {
	if command -v grub-mkconfig >/dev/null; then echo grub-mkconfig; else echo grub2-mkconfig; fi
}

# renew_menu MENU - rebuild this menu of GRUB from its settings. grub-mkconfig overwrites its output
# in place, so it writes to another file, which replaces the menu if it is complete. Otherwise the
# menu stays as it is, and renew_menu prints the reason and fails.
renew_menu() {
	local made="$1.pvscsi-new" said
	rm -f "$made" "$made.new"
	if said=$("$(menu_maker)" -o "$made" 2>&1 9>&-) && [ -s "$made" ] && ! is_full "${1%/*}"; then
		sync "$made"
		mv "$made" "$1" && return 0
	fi
	rm -f "$made" "$made.new"
	if [ -n "$said" ]; then printf '%s\n' "$said" | tail -n 1; else echo "no space left in ${1%/*}"; fi
	return 1
}

# loader_sources - print the editable files with the kernel command line, including the boot loader
# entries. loader_files - print the generated files with it.
loader_sources() {
	local _dir
	ls /etc/default/grub /etc/default/grub.d/*.cfg /etc/kernel/cmdline 2>/dev/null
	boot_folders | while read -r _dir; do
		ls "$_dir"/loader/entries/*.conf 2>/dev/null
	done
}
loader_files() {
	menus
	ukis
}

# starts_systemd_boot - true if the firmware starts systemd-boot here. On a running machine an EFI
# variable tells. In a chroot, which may become a machine, look for systemd-boot's kernel hook.
starts_systemd_boot() {
	if [ -d "/lib/modules/$(uname -r)" ]; then
		tr -d '\0' 2>/dev/null <"/sys/firmware/efi/efivars/LoaderInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f" |
			grep -q 'systemd-boot'
	else
		[ -e /etc/kernel/postinst.d/zz-systemd-boot ]
	fi 2>/dev/null
}
