# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # variables of the other parts
# guard.sh - boot loaders start the newest kernel by default. If that kernel has no driver, and the
# machine has a PVSCSI adapter, make an older kernel the default. This is undone when the newest
# kernel has a driver or was removed, and when the package is removed.

guard_grub=/etc/default/grub.d/pvscsi-dkms.cfg
guard_mark='#pvscsi-dkms#'

# guard_default - check the newest kernel, and change or restore the default if necessary.
guard_default() {
	local kernel newest='' good=''
	[ -n "$(addresses)" ] || return 0
	for kernel in $(kernels); do
		newest=$kernel
		! works_in "$kernel" || good=$kernel
	done
	if [ "$newest" = "$good" ]; then
		unguard_default
	elif [ -n "$good" ]; then
		guard_menu "$good" "$newest"
		guard_entries "$good" "$newest"
	fi
}

# note_menu - record that GRUB's menu must be rebuilt.
note_menu() { mkdir -p "$state" && true >"$state/menu"; } 2>/dev/null

# guard_said GOOD NEWEST
guard_said() {
	warn "WARNING: kernel $2 has no vmw_pvscsi driver: until it has one, the boot menu starts kernel $1 by default."
}

# guard_menu GOOD NEWEST - set the default in GRUB's settings, with the entry names of its menu.
guard_menu() {
	local menu sub entry text
	[ -d "${guard_grub%/*}" ] || [ -e /etc/default/grub ] || return 0
	for menu in $(menus); do
		sub=$(sed -n "s/^submenu .*menuentry_id_option '\([^']*\)'.*/\1/p" "$menu" | head -n 1)
		entry=$(sed -n "s/.*menuentry .*menuentry_id_option '\(gnulinux-$1-advanced-[^']*\)'.*/\1/p" "$menu" | head -n 1)
		[ -n "$entry" ] || continue
		text="# Written by pvscsi-dkms: kernel $2 has no vmw_pvscsi driver and would not boot
# from a PVSCSI disk. This file is deleted when it has one.
GRUB_DEFAULT='${sub:+$sub>}$entry'"
		[ "$(cat "$guard_grub" 2>/dev/null)" != "$text" ] || return 0
		note_menu
		echo "$text" | put "$guard_grub" || return 0
		guard_said "$1" "$2"
		return 0
	done
}

# guard_entries GOOD NEWEST - set the default in systemd-boot's loader.conf.
guard_entries() {
	local dir entry conf _uki
	boot_folders | while read -r dir; do
		conf=$dir/loader/loader.conf
		[ -e "$conf" ] || continue
		entry=$(entries_of "$1" | sed -n "s@^$dir$tab.*/@@p" | head -n 1)
		for _uki in "$dir"/EFI/Linux/*.efi; do
			[ -n "$entry" ] || [ ! -e "$_uki" ] || [ "$(kernel_of_uki "$_uki")" != "$1" ] || entry=${_uki##*/}
		done
		[ -n "$entry" ] && ! grep -qxF "default $entry" "$conf" || continue
		{
			# (keep the administrator's default as a comment)
			if grep -q "^$guard_mark" "$conf"; then
				sed '/^default[[:space:]]/d' "$conf"
			else
				echo "$guard_mark"
				# (awk, unlike sed, ends a last line that has no newline)
				awk -v mark="$guard_mark" '/^default[ \t]/ { $0 = mark " " $0 } { print }' "$conf"
			fi
			echo "default $entry"
		} | put "$conf" && guard_said "$1" "$2"
	done
}

unguard_default() {
	local dir conf
	if [ -e "$guard_grub" ]; then
		note_menu
		rm -f "$guard_grub"
	fi
	boot_folders | while read -r dir; do
		conf=$dir/loader/loader.conf
		grep -qs "^$guard_mark" "$conf" || continue
		sed "/^$guard_mark\$/d; /^default[[:space:]]/d; s/^$guard_mark //" "$conf" | put "$conf"
	done
}

# renew_guarded_menu - rebuild GRUB's menu if note_menu was called and it was not rebuilt since.
renew_guarded_menu() {
	local menu why
	[ -e "$state/menu" ] || return 0
	for menu in $(menus); do
		[ ! "$menu" -nt "$state/menu" ] || continue
		why=$(renew_menu "$menu") || warn "WARNING: $menu could not be rebuilt and is unchanged: $why"
	done
	rm -f "$state/menu"
}
