# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # variables of the other parts
# change.sh - what prepare and rollback share: each step leaves a machine that boots, is
# done at once or not at all, and is done again, or skipped, by the next run.

# begin_change NAME - one of them at a time; what one that was killed left behind goes.
# (Its children hold the lock, too: if they live, they are still at it.)
begin_change() {
	mkdir -p /run/lock
	exec 9>/run/lock/pvscsictl
	if command -v flock >/dev/null && ! flock -n 9; then
		die "another pvscsictl is at work"
	fi
	if [ -z "$dry" ]; then
		rm -rf /var/tmp/pvscsictl-change-*
		rm -f /boot/pvscsi-dkms.new-* /boot/pvscsi-dkms.before-*.part
		# (nor is what was kept for a kernel that is gone of use)
		for _before in /boot/pvscsi-dkms.before-*; do
			[ -d "/lib/modules/${_before#/boot/pvscsi-dkms.before-}" ] || rm -f "$_before"
		done
	fi
	begin change-
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

# put FILE - replace it by standard input, whole or not at all; its mode and owner stay.
put() {
	mkdir -p "${1%/*}"
	# not a name that the programs which read that folder would take
	_new=${1%/*}/.${1##*/}.pvscsictl
	rm -f "$_new"
	[ ! -e "$1" ] || cp -p "$1" "$_new"
	cat >"$_new" && sync "$_new" && mv "$_new" "$1"
}

# tell_generator - that every initramfs needs the two modules of a PVSCSI disk.
tell_generator() {
	case $(generator) in
	initramfs-tools)
		_conf=/etc/initramfs-tools/modules
		step "add vmw_pvscsi and sd_mod to $_conf" || return 0
		{
			cat $_conf 2>/dev/null
			for _module in vmw_pvscsi sd_mod; do
				grep -qsx $_module $_conf || echo $_module
			done
		} >"$work/modules"
		put $_conf <"$work/modules"
		;;
	dracut)
		_conf=/etc/dracut.conf.d/pvscsictl.conf
		step "write $_conf, which adds vmw_pvscsi and sd_mod" || return 0
		echo 'add_drivers+=" vmw_pvscsi sd_mod "' | put $_conf
		;;
	*) warn "neither initramfs-tools nor dracut is installed: which program makes an initramfs here?" ;;
	esac
}

# make_image KERNEL FILE
make_image() {
	if [ "$(generator)" = initramfs-tools ]; then
		TMPDIR=$work mkinitramfs -o "$2" "$1"
	else
		dracut --force --tmpdir "$work" "$2" "$1"
	fi
}

# is_fit KERNEL IMAGE - does that boot it? (The findings are kept apart.)
is_fit() {
	(
		findings=$work/fit subject=$1 file=$(loaded_by "$1")
		: >"$findings"
		case $file in
		/*) check_image "$1" "$2" ;;
		esac
		[ "$(worst '')" != 2 ] || { say_findings "$1" && exit 1; }
		! found "$1" stale-image
	)
}

# keep_image KERNEL - the one that it has gets a second name, which takes no more room now.
keep_image() {
	_before=/boot/pvscsi-dkms.before-$1
	[ -s "$2" ] || return 0
	# (FAT knows no links)
	ln -f "$2" "$_before" 2>/dev/null || {
		cp -p "$2" "$_before.part" && mv "$_before.part" "$_before"
	} 2>/dev/null || rm -f "$_before" "$_before.part"
}

# renew_image KERNEL - make its initramfs under another name, look into it, and then put it
# in the place of the one that it has: there is always one, and a whole one.
renew_image() {
	_target=$(image_of "$1") _made=/boot/pvscsi-dkms.new-$1 _log=$work/log
	# no more than two at a time of one kernel
	rm -f "/boot/pvscsi-dkms.before-$1" "$_made"
	if ! make_image "$1" "$_made" >"$_log" 2>&1; then
		warn "the initramfs of kernel $1 could not be made; it is the one from before."
		tail -n 5 "$_log" | sed 's/^/  /' >&2
		rm -f "$_made"
		return 1
	fi
	if ! is_fit "$1" "$_made" >"$_log"; then
		warn "the initramfs made for kernel $1 is not fit; the one from before stays."
		sed 's/^/  /' "$_log" >&2
		rm -f "$_made"
		return 1
	fi
	sync "$_made" 2>/dev/null
	keep_image "$1" "$_target"
	mv -f "$_made" "$_target" || return 1
	# (after that it is as if update-initramfs had made it, and in place of what the
	# package's own refresh kept when it was killed)
	rm -f "/boot/pvscsi-dkms.kept-$1"
	if [ -e "/var/lib/initramfs-tools/$1" ]; then
		sha1sum "$_target" | put "/var/lib/initramfs-tools/$1"
	fi
	if [ -d /etc/initramfs/post-update.d ]; then
		run-parts --arg="$1" --arg="$_target" /etc/initramfs/post-update.d >"$_log" 2>&1 ||
			warn "a program in /etc/initramfs/post-update.d failed for kernel $1"
	fi
	[ "$(room)" -ge "$(largest_image)" ] || rm -f "/boot/pvscsi-dkms.before-$1"
}

# renew_loader - make GRUB's menu of its settings. (grub-mkconfig writes into the file that
# is there: here it is another one.)
renew_loader() {
	for _menu in /boot/grub/grub.cfg /boot/grub2/grub.cfg; do
		[ -e "$_menu" ] || continue
		_made=$_menu.pvscsictl
		rm -f "$_made" "$_made.new"
		_make=grub-mkconfig
		command -v $_make >/dev/null || _make=grub2-mkconfig
		if $_make -o "$_made" >"$work/log" 2>&1 && [ -s "$_made" ]; then
			sync "$_made"
			mv "$_made" "$_menu"
		else
			rm -f "$_made" "$_made.new"
			warn "$_menu could not be made anew: $(tail -n 1 "$work/log")"
		fi
	done
}

# end - what check finds now, and its exit status.
end() {
	[ -z "$dry" ] || exit "$(worst '')"
	look
	say_text
	_status=$(worst '')
	[ -z "$failed" ] || [ "$_status" != 0 ] || _status=1
	$1
	exit "$_status"
}
