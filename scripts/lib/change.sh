# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # variables of the other parts
# change.sh - functions shared by the commands that change something. Each step is atomic and
# leaves a bootable machine. After an interruption, the next run repeats or skips the step.

# begin_change - take the lock, and delete the leftovers of a command that was killed.
begin_change() {
	local _before
	[ "$(id -u)" = 0 ] || die "root is required: sudo pvscsictl $command"
	take_lock 30 || die "another pvscsictl or update-kernels is still running: try again when it has ended"
	if [ -z "$dry" ]; then
		rm -f /boot/pvscsi-dkms.before-*.part
		# (an image kept for a kernel that was removed is useless, too)
		for _before in /boot/pvscsi-dkms.before-*; do
			[ -d "/lib/modules/${_before#/boot/pvscsi-dkms.before-}" ] || rm -f "$_before"
		done
	fi
	begin change-
	[ -n "$work" ] || die "no space left in /var/tmp, /tmp or /run: nothing was changed"
	failed=
}

# (printf, since a command may contain backslashes, which the echo of sh interprets)
say() { printf 'pvscsictl: %s\n' "$*"; }
warn() {
	failed=1
	printf 'pvscsictl: WARNING: %s\n' "$*" >&2
}
# step TEXT - announce the next step. Returns 1 in a dry run, where the step must be skipped.
step() {
	if [ -n "$dry" ]; then
		say "would $1"
		return 1
	fi
	say "$1"
}

# renew_image KERNEL [discard] - rebuild its initramfs and every copy. Keeps the previous
# initramfs if there is room, but not with discard.
renew_image() {
	local _rc
	local keep="/boot/pvscsi-dkms.before-$1"
	# at most two initramfs per kernel at a time
	rm -f "$keep"
	[ -z "${2:-}" ] || keep=
	_rc=0
	renew_initramfs "$1" >"$work/log" 2>&1 || _rc=$?
	if [ $_rc != 0 ]; then
		case $_rc in
		2) warn "a copy of the initramfs of kernel $1, which a boot loader reads, could not be replaced: $(next_boot "$1")" ;;
		*) warn "the initramfs of kernel $1 could not be replaced: $(next_boot "$1")" ;;
		esac
		tail -n 8 "$work/log" | sed 's/^/  /' >&2
		return 1
	fi
	[ -z "$keep" ] || [ "$(room_in /boot)" -ge "$(largest_image)" ] || rm -f "$keep"
}

# renew_menus - rebuild GRUB's menus from its settings.
renew_menus() {
	local menu why
	for menu in $(menus); do
		why=$(renew_menu "$menu") || warn "$menu could not be rebuilt and is unchanged: $why"
	done
}

# renew_command [KERNEL...] - pvscsictl renew: rebuild the initramfs of these kernels, or of all
# kernels, and every copy.
renew_command() {
	local kernel
	dry=
	for kernel; do
		[ -d "/lib/modules/$kernel" ] || die "kernel $kernel is not installed; installed kernels: $(kernels | xargs)"
	done
	begin_change
	# shellcheck disable=SC2086 # a list
	[ $# -gt 0 ] || set -- $kernels
	for kernel; do
		say "rebuild the initramfs of kernel $kernel"
		renew_image "$kernel" discard || :
	done
	[ -z "$failed" ] || exit 1
}

# end VERDICT - run the checks again, print the findings, call VERDICT, and exit.
end() {
	local _status
	[ -z "$dry" ] || exit "$(exit_status "$(worst '')")"
	look
	say_text
	_status=$(exit_status "$(worst '')")
	[ -z "$failed" ] || [ "$_status" != 0 ] || _status=1
	$1
	exit "$_status"
}
