# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # variables of the other parts
# change.sh - what the commands share that change something: each step leaves a machine that
# boots, is done at once or not at all, and is done again, or skipped, by the next run.

# begin_change - one of them at a time; what one that was killed left behind goes.
# (Its children hold the lock, too: if they live, they are still at it.)
begin_change() {
	[ "$(id -u)" = 0 ] || die "this is for root: sudo pvscsictl $command"
	take_lock || die "another pvscsictl, or the package's own program, is at work: wait until it has ended"
	if [ -z "$dry" ]; then
		rm -f /boot/pvscsi-dkms.before-*.part
		# (nor is what was kept for a kernel that is gone of use)
		for _before in /boot/pvscsi-dkms.before-*; do
			[ -d "/lib/modules/${_before#/boot/pvscsi-dkms.before-}" ] || rm -f "$_before"
		done
	fi
	begin change-
	[ -n "$work" ] || die "there is no room in /var/tmp, /tmp or /run: nothing was changed"
	failed=
}

# (a command may hold backslashes, which sh's echo takes for its own)
say() { printf 'pvscsictl: %s\n' "$*"; }
warn() {
	failed=1
	printf 'pvscsictl: WARNING: %s\n' "$*" >&2
}
# step TEXT - say what is done next; fails if it is only to be said.
step() {
	if [ -n "$dry" ]; then
		say "would $1"
		return 1
	fi
	say "$1"
}

# renew_image KERNEL [discard] - its initramfs, and every copy; the one from before is kept if there
# is room, unless it is to be discarded.
renew_image() {
	local keep="/boot/pvscsi-dkms.before-$1"
	# no more than two at a time of one kernel
	rm -f "$keep"
	[ -z "${2:-}" ] || keep=
	_rc=0
	renew_initramfs "$1" >"$work/log" 2>&1 || _rc=$?
	if [ $_rc != 0 ]; then
		case $_rc in
		2) warn "a copy of the initramfs of kernel $1, which a boot loader reads, could not be replaced: it is the one from before." ;;
		*) warn "the initramfs of kernel $1 could not be replaced: it is the one from before." ;;
		esac
		tail -n 8 "$work/log" | sed 's/^/  /' >&2
		return 1
	fi
	[ -z "$keep" ] || [ "$(room_in /boot)" -ge "$(largest_image)" ] || rm -f "$keep"
}

# renew_menus - make GRUB's menu of its settings. (grub-mkconfig writes into the file that
# is there: here it is another one.)
renew_menus() {
	for _menu in $(menus); do
		_made=$_menu.pvscsictl
		rm -f "$_made" "$_made.new"
		_make=grub-mkconfig
		command -v $_make >/dev/null || _make=grub2-mkconfig
		if $_make -o "$_made" >"$work/log" 2>&1 && [ -s "$_made" ] && ! is_full "${_menu%/*}"; then
			sync "$_made"
			mv "$_made" "$_menu"
		else
			rm -f "$_made" "$_made.new"
			warn "$_menu could not be made again: $(tail -n 1 "$work/log")"
		fi
	done
}

# renew_command [KERNEL...] - pvscsictl renew: the initramfs of these kernels, or of all, with every copy.
renew_command() {
	local kernel
	dry=
	for kernel; do
		[ -d "/lib/modules/$kernel" ] || die "there is no kernel $kernel here; there are: $(kernels | xargs)"
	done
	begin_change
	# shellcheck disable=SC2086 # a list
	[ $# -gt 0 ] || set -- $kernels
	for kernel; do
		say "make the initramfs of kernel $kernel"
		renew_image "$kernel" discard || :
	done
	[ -z "$failed" ] || exit 1
}

# end VERDICT - what check finds now, the VERDICT of the command, and its exit status.
end() {
	[ -z "$dry" ] || exit "$(exit_status "$(worst '')")"
	look
	say_text
	_status=$(exit_status "$(worst '')")
	[ -z "$failed" ] || [ "$_status" != 0 ] || _status=1
	$1
	exit "$_status"
}
