# shellcheck shell=sh
# shellcheck disable=SC2154 # variables of update-kernels
# refresh.sh - part of update-kernels: what is done at the end of dpkg's run. Failed builds are
# reported ($failures has a file for each), and initramfs images are made again if the driver of
# their kernel changed ($notes has a file for each such kernel).

# tell_failures - report builds that failed. The image and the headers of a kernel both start a
# build; the administrator gets one report, at the end of dpkg's run.
tell_failures() {
	local kernel note
	for note in "$failures"/*; do
		[ -e "$note" ] || continue
		kernel=${note##*/}
		[ ! -d "/lib/modules/$kernel" ] || build_failed "$kernel" "$logs/$kernel.log" "$(cat "$note")"
		rm -f "$note"
	done
}

build_failed() {
	warn "WARNING: DKMS driver $3 could not be built for kernel $1. $(going_on "$1")"
	grep -m1 -E 'error:|Error[: ]|No such file|No space left' "$2" | sed 's/^/pvscsi-dkms:   First error: /' >&2
	warn "  Log: $2"
	warn "  To try again: $(to_build)"
}

# stale - record every initramfs as out of date, except those of kernels without a driver.
stale() {
	local dir kernel
	for dir in /lib/modules/*/; do
		dir=${dir%/}
		kernel=${dir##*/}
		! works_in "$kernel" || [ -z "$(boot_images "$kernel")" ] || note_stale "$kernel"
	done
}

# is_fresh KERNEL - true if its initramfs and every copy were written after its driver changed, and
# boot with that driver.
is_fresh() {
	local image kind
	boot_images "$1" | {
		while IFS=$tab read -r kind image; do
			[ -n "$(find "$image" -newer "$notes/$1" 2>/dev/null)" ] && is_fit "$1" "$kind" "$image" >/dev/null ||
				exit 1
		done
	}
}

# renew_kdump KERNEL - update its kdump image. kdump-tools has a separate image for the kernel that
# runs after a crash, and its hook makes it only for a new kernel. If the hook does nothing (in a
# chroot), delete the image: kdump-tools makes a missing image at the next boot.
renew_kdump() {
	local hook image log
	image=/var/lib/kdump/initrd.img-$1 hook=/etc/kernel/postinst.d/kdump-tools
	log=$logs/kdump-$1.log
	[ -e "$image" ] && [ -x $hook ] || return 0
	[ -z "$(find "$image" -newer "$notes/$1")" ] || return 0
	say "rebuilding the kdump image of kernel $1"
	mkdir -p "$logs"
	# without the variable that maintainer scripts of kernel packages set for the hooks
	if env -u DEB_MAINT_PARAMS $hook "$1" >"$log" 2>&1; then
		[ -n "$(find "$image" -newer "$notes/$1" 2>/dev/null)" ] || rm -f "$image"
		[ ! -e "$image" ] || is_fit "$1" initramfs "$image" >>"$log" && return 0
	fi
	warn "WARNING: the kdump image of kernel $1 could not be rebuilt: a crash may leave no"
	warn "  dump. Log: $log"
	warn "  After you have fixed the cause: $hook $1"
}

refresh() {
	local cause kernel log note rc
	tell_failures
	for note in "$notes"/*; do
		[ -e "$note" ] || continue
		kernel=${note##*/}
		renew_kdump "$kernel"
		log=$logs/initramfs-$kernel.log
		# without an image, the kernel was removed, or boots without one
		if [ ! -d "/lib/modules/$kernel" ] || [ -z "$(boot_images "$kernel")" ] || ! works_in "$kernel" ||
			is_fresh "$kernel"; then
			rm -f "$note"
			continue
		fi
		say "rebuilding the initramfs of kernel $kernel"
		mkdir -p "$logs" 2>/dev/null && (true >"$log") 2>/dev/null || log=/dev/null
		rc=0
		renew_initramfs "$kernel" >"$log" 2>&1 || rc=$?
		case $rc in
		0)
			rm -f "$note"
			continue
			;;
		2) warn "WARNING: a copy of the initramfs of kernel $kernel, which a boot loader reads, could not be rebuilt:" ;;
		*) warn "WARNING: the initramfs of kernel $kernel could not be rebuilt:" ;;
		esac
		warn "  $(next_boot "$kernel"). Log: $log"
		cause=$(grep -E 'could not|cannot|[Nn]o space|lacks|damaged|failed' "$log" | tail -n 2)
		[ -n "$cause" ] || cause=$(tail -n 2 "$log")
		echo "$cause" | sed 's/^ */pvscsi-dkms:   /' >&2
		warn "  After you have fixed the cause: $(renew "$kernel")"
	done
	renew_guarded_menu
}
