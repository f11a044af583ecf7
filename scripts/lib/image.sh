# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # variables of the other parts
# image.sh - examine and replace an initramfs. The package, pvscsictl and the RPMs replace one only
# through renew_initramfs.

# --- room for unpacking --------------------------------------------------------------

# room_in FOLDER - print the free space in KiB.
room_in() { df -Pk "$1" 2>/dev/null | awk 'NR == 2 { print $4 }'; }

# begin_work NAME - create a temporary folder, and set work to its path. It is in /var/tmp; if that
# has little room, it is in the folder with the most. Sets work to nothing if there is no room.
begin_work() {
	local dir best=/var/tmp kib most
	most=$(room_in /var/tmp)
	if [ "${most:-0}" -lt 500000 ]; then
		for dir in /tmp /run; do
			kib=$(room_in $dir)
			[ "${kib:-0}" -le "${most:-0}" ] || { most=$kib best=$dir; }
		done
	fi
	work=$(mktemp -d "$best/pvscsictl-$1XXXXXX" 2>/dev/null) || work=
	trap 'rm -rf ${work:+"$work"}' EXIT
	trap 'exit 3' INT TERM HUP
}

# take_lock SECONDS - take the lock under which one program at a time changes drivers and images.
# Waits for another program that holds it, and says so after 2 s. Fails after SECONDS more. (Child
# processes inherit the lock on descriptor 9, and hold it after the program's end. So close it for
# programs that leave processes behind: dkms 3 leaves a "sleep 3". Only root can write to /run.)
take_lock() {
	[ -z "${PVSCSI_LOCKED:-}" ] || return 0
	# for all child processes, even if there is no flock
	export PVSCSI_LOCKED=1
	# (a subshell first, since a failing redirection of exec would exit this shell)
	command -v flock >/dev/null && (true >/run/pvscsi-dkms.lock) 2>/dev/null || return 0
	exec 9>/run/pvscsi-dkms.lock
	if ! flock -w 2 9; then
		say "another pvscsictl or update-kernels is running: waiting up to $1 s for its end" >&2
		flock -w "$1" 9 || return 1
	fi
	clear_leftovers
}

# clear_leftovers - delete temporary files of programs that were killed. The caller has the lock, so
# no other program that takes it is running. (check takes no lock: its folders must be a day old.)
clear_leftovers() {
	local dir
	for dir in /var/tmp /tmp /run; do
		rm -rf "$dir"/pvscsictl-change-?????? "$dir"/pvscsictl-kernels-??????
		find "$dir" -maxdepth 1 -user 0 -name 'pvscsictl-??????' -mtime +0 -exec rm -rf {} + 2>/dev/null
	done
	rm -f /boot/pvscsi-dkms.new-*
}

# is_full FOLDER - true if it is almost full, so that a write may have been truncated.
is_full() { [ "$(room_in "$1")" -lt 1024 ] 2>/dev/null; }

# decompressor IMAGE - print the program that decompresses it, or nothing if that is not known. An
# image may begin with archives that are not compressed, of microcode for example. Each ends with
# TRAILER!!! and zeros.
decompressor() {
	local _at
	{
		echo 0
		LC_ALL=C grep -abo 'TRAILER!!!' "$1" 2>/dev/null | awk -F : '{ print $1 + 10 }'
	} | while read -r _at; do
		case $(tail -c "+$((_at + 1))" "$1" 2>/dev/null | head -c 4096 | tr -d '\0' | od -An -tx1 -N 3 | tr -d ' ') in
		303730) continue ;;
		1f8b*) echo gzip ;;
		28b52f) echo zstd ;;
		fd377a | 5d*) echo xzcat ;;
		02214c | 04224d) echo lz4cat ;;
		425a68) echo bzip2 ;;
		894c5a) echo lzop ;;
		esac
		break
	done
}

# package_of PROGRAM - print the package that contains this decompressor.
package_of() {
	case $1-$(installer) in
	xzcat-apt) echo xz-utils ;;
	*) echo "${1%cat}" ;;
	esac
}

# unpack KIND IMAGE FOLDER - unpack it with unmkinitramfs or lsinitrd. Status: 0; 1, it is damaged;
# 2, there is no tool; 3, there is no room; 4, the program to decompress it, $missing, is missing.
unpack() {
	local from="$2" rc=0
	[ -n "$work" ] || return 3
	rm -rf "$3"
	mkdir -p "$3" 2>/dev/null || return 3
	if [ "$1" = uki ]; then
		from=$work/initrd
		uki_section "$2" .initrd >"$from" 2>/dev/null || rc=1
		! is_full "$work" || return 3
		[ $rc = 0 ] || return 1
	fi
	if command -v unmkinitramfs >/dev/null; then
		TMPDIR=$work unmkinitramfs "$from" "$3"
	elif lsinitrd --help 2>/dev/null | grep -q -e --unpack; then
		(cd "$3" && lsinitrd --unpack "$from")
	else
		return 2
	fi >/dev/null 2>&1 || rc=1
	! is_full "$work" || return 3
	[ $rc = 1 ] || return 0
	missing=$(decompressor "$from")
	[ -z "$missing" ] || command -v "$missing" >/dev/null || return 4
	return 1
}

# --- what is in it -----------------------------------------------------------------------

# name_image KERNEL IMAGE - print its name for a sentence about the kernel.
name_image() {
	if [ "$2" = "$(image_of "$1")" ]; then echo "its initramfs"; else echo "its initramfs $2"; fi
}

# cannot_look STATUS NAME KERNEL - add the finding for this status of unpack.
cannot_look() {
	local fix=
	case $1 in
	1) finding error bad-image "$2 is damaged: it cannot be unpacked" "$(renew "$3")" ;;
	2)
		case $(installer) in
		# (Debian 13 moved unmkinitramfs to another package)
		apt) fix="apt install --reinstall $(owner_of /usr/bin/unmkinitramfs || echo initramfs-tools-core)" ;;
		'') ;;
		*) fix=$(to_install dracut) ;;
		esac
		finding unknown unknown-image "$2 cannot be examined: there is neither unmkinitramfs nor an lsinitrd with --unpack" "$fix"
		;;
	3) finding unknown unknown-image "$2 cannot be examined: no space left in /var/tmp" ;;
	*)
		fix=$(package_of "$missing")
		fix=$(! can_have "$fix" || to_install "$fix")
		finding unknown unknown-image "$2 cannot be examined: $missing, which decompresses it, is not installed" "$fix"
		;;
	esac
}

# check_image KERNEL KIND IMAGE - check that it contains the driver $file and all that is needed to
# use it. Sets fallback if it also contains the in-tree driver beside ours. Sets filter if it
# contains the load script, which gives each driver only the options that it understands.
check_image() {
	local name rc=0
	fallback='' filter=
	name=$(name_image "$1" "$3")
	if [ ! -s "$3" ]; then
		finding error no-image "$name is missing or empty" "$(renew "$1")"
		return
	fi
	unpacked=$work/image
	unpack "$2" "$3" "$unpacked" || rc=$?
	if [ $rc != 0 ]; then
		cannot_look $rc "$name" "$1"
	else
		check_held "$1" "$name"
		check_sd "$1" "$name"
		check_image_names "$1" "$name"
	fi
	rm -rf "$unpacked"
}

# of_image KERNEL NAME - print the module's file in $unpacked. If there are several, print the one
# that depmod prefers, which is not the in-tree one.
of_image() {
	find "$unpacked" -path "*/modules/$1/*" -name "$2.ko*" |
		awk '/\/kernel\// { print "2", $0; next } { print "1", $0 }' | sort | sed -n '1s/^..//p'
}

check_held() {
	local held
	held=$(of_image "$1" vmw_pvscsi)
	fallback=$(find "$unpacked" -path '*/usr/lib/pvscsi/vmw_pvscsi.ko' | head -n 1)
	filter=$(find "$unpacked" -path '*/usr/lib/pvscsi/load' | head -n 1)
	if [ -n "$held" ] && ! fits "$held" "$1"; then
		finding error not-in-image "$2 contains a driver that is damaged or was built for another kernel" "$(include "$1")"
	elif [ -z "$held" ]; then
		finding error not-in-image "$2 lacks the driver: the kernel would not boot from a PVSCSI disk" "$(include "$1")"
	elif [ "$(identity "$held")" != "$(identity "$file")" ]; then
		finding warning stale-image "$2 contains another build of the driver ($(kind "$(field "$held" version)" "$(field "$held" intree)"))" \
			"$(renew "$1")"
	elif is_in_tree "$file"; then
		finding good in-image "$2 contains this driver"
	elif [ -n "$fallback" ]; then
		finding good in-image "$2 contains this driver, and the in-tree driver as the fallback"
	elif has_own "$1"; then
		finding warning no-fallback "$2 lacks the fallback, the in-tree driver" "$(renew "$1")"
	else
		finding good in-image "$2 contains this driver; the kernel has no in-tree driver as the fallback"
	fi
	# an unsigned fallback is useless if signatures are enforced
	[ -z "$fallback" ] || fallback=$(field "$fallback" signer)
}

# check_sd KERNEL NAME - check that it contains sd_mod, the driver of SCSI disks. An initramfs made
# on a machine with NVMe or virtio disks may lack it.
check_sd() {
	case $(modinfo -k "$1" -F filename sd_mod 2>/dev/null) in
	/*) ;;
	*) return ;;
	esac
	[ -n "$(of_image "$1" sd_mod)" ] ||
		finding error no-sd "$2 lacks sd_mod, the driver of SCSI disks: the kernel would not boot from a PVSCSI disk" "$(include "$1")"
}

# check_image_names KERNEL NAME - check the files that were copied from /etc when it was made.
check_image_names() {
	local line table _conf
	line=$(find "$unpacked" -path '*/conf/conf.d/*' -type f | sort | while read -r _conf; do
		grep -hE '^RESUME=' "$_conf"
	done | tail -n 1 | grep -E "=$disk_names\$")
	table=$(find "$unpacked" \( -path '*/cryptroot/crypttab' -o -path '*/etc/crypttab' \) \
		-exec grep -hE "^[^#[:space:]]+[[:space:]]+$disk_names([[:space:]]|\$)" {} + | head -n 1)
	[ -z "$line$table" ] ||
		finding warning image-name "$2 contains a disk name that may change with the controller: ${line:-$table}" \
			"$(renew "$1")"
	if find "$unpacked" -path '*/modprobe.d/*' -type f ! -name pvscsi-fallback.conf \
		-exec grep -hE "$blacklist_lines" {} + | grep -q .; then
		finding error image-blacklist "$2 blacklists the driver (in its modprobe.d)" "$(renew "$1")"
	fi
}

# include KERNEL - print the command that adds the driver to its initramfs.
include() { if is_told; then renew "$1"; else echo "pvscsictl prepare"; fi; }

# is_fit KERNEL KIND IMAGE - true if it boots that kernel with the driver that is on disk now.
# Prints what is wrong with it. (A subshell keeps these findings apart from the others.)
is_fit() {
	(
		findings='' subject=$1 file=$(loaded_by "$1") wrong=
		case $file in
		/*)
			fits "$file" "$1" || finding error vermagic "the driver $file is damaged or was built for another kernel"
			check_image "$1" "$2" "$3"
			;;
		*) is_builtin "$1" || finding error no-driver "it has no vmw_pvscsi module for an initramfs" ;;
		esac
		case $(worst '') in error | unknown) wrong=1 ;; esac
		! found "$1" stale-image || wrong=1
		[ -z "$wrong" ] || { say_findings "$1" && exit 1; }
	)
}

# --- making and replacing it -------------------------------------------------------------

# make_image KERNEL FILE - make an initramfs with this machine's generator. (Hooks that copy it for
# a boot loader do not run yet: run_hooks starts them once the image was checked.)
make_image() {
	if [ "$(generator)" = initramfs-tools ]; then
		TMPDIR=$work mkinitramfs -o "$2" "$1"
	elif [ "$(generator)" = dracut ]; then
		set -- "$2" "$1"
		# (older versions have no --no-uefi)
		! dracut --help 2>/dev/null | grep -q -e --no-uefi || set -- --no-uefi "$@"
		NO_POST_UPDATE_HOOKS=1 dracut --force --tmpdir "$work" "$@"
	else
		echo "neither initramfs-tools nor dracut is installed"
		return 1
	fi
}

# replace FILE NEW - replace FILE atomically by a copy of NEW.
replace() {
	rm -f "$1.pvscsi-new"
	if cp "$2" "$1.pvscsi-new" && sync "$1.pvscsi-new" && cmp -s "$2" "$1.pvscsi-new"; then
		mv -f "$1.pvscsi-new" "$1"
	else
		rm -f "$1.pvscsi-new"
		echo "$1 could not be written (no space left in ${1%/*}?): the previous file is kept"
		return 1
	fi
}

# run_hooks KERNEL IMAGE - run the hooks that copy, sign or register an initramfs on this machine.
run_hooks() {
	if [ -e "/var/lib/initramfs-tools/$1" ]; then
		sha1sum "$2" >"/var/lib/initramfs-tools/$1.pvscsi-new" &&
			mv "/var/lib/initramfs-tools/$1.pvscsi-new" "/var/lib/initramfs-tools/$1"
	fi
	[ -d /etc/initramfs/post-update.d ] || return 0
	# (without the lock, which a background process of theirs would keep)
	run-parts --arg="$1" --arg="$2" /etc/initramfs/post-update.d 9>&- ||
		echo "a program in /etc/initramfs/post-update.d failed"
}

# renew_uki KERNEL UKI IMAGE - make the UKI again from that initramfs in a temporary folder, with
# kernel-install or dracut, check it, and replace the old one.
renew_uki() {
	local stage="$work/uki" made='' initramfs
	rm -rf "$stage"
	mkdir -p "$stage/boot" "$stage/conf"
	if command -v kernel-install >/dev/null && grep -qsx 'layout=uki' /etc/kernel/install.conf /usr/lib/kernel/install.conf; then
		# (kernel-install reads KERNEL_INSTALL_CONF_ROOT only, so merge the two folders)
		cp -a /usr/lib/kernel/. "$stage/conf/" 2>/dev/null
		cp -a /etc/kernel/. "$stage/conf/" 2>/dev/null
		# without a cmdline file it would take the one of the running kernel, perhaps a
		# rescue system
		[ -e "$stage/conf/cmdline" ] || uki_section "$2" .cmdline | tr -d '\0' |
			sed 's/ *systemd.machine_id=[^ ]*//' >"$stage/conf/cmdline"
		sed -i '/^BOOT_ROOT=/d' "$stage/conf/install.conf"
		echo "BOOT_ROOT=$stage/boot" >>"$stage/conf/install.conf"
		export KERNEL_INSTALL_CONF_ROOT="$stage/conf" BOOT_ROOT="$stage/boot"
		# (with dracut as UKI generator it accepts no initramfs, since dracut makes one)
		for initramfs in "$3" ''; do
			NO_POST_UPDATE_HOOKS=1 kernel-install add "$1" "$(kernel_file "$1")" ${initramfs:+"$initramfs"} 9>&-
			made=$(find "$stage/boot" -name '*.efi' -path '*EFI/Linux/*' | head -n 1)
			[ -z "$made" ] || break
		done
		unset KERNEL_INSTALL_CONF_ROOT BOOT_ROOT
	elif command -v dracut >/dev/null && grep -qsE '^[[:space:]]*uefi="?yes' /etc/dracut.conf /etc/dracut.conf.d/*.conf; then
		made=$stage/dracut.efi
		NO_POST_UPDATE_HOOKS=1 dracut --force --uefi --tmpdir "$work" --kver "$1" "$made" || made=
	fi
	if [ -z "$made" ] || [ ! -s "$made" ]; then
		echo "$2 cannot be rebuilt by kernel-install or dracut as configured: rebuild it as it was built before"
		return 1
	fi
	if is_signed_uki "$2" && ! is_signed_uki "$made"; then
		echo "$2 cannot be replaced: it is signed, and kernel-install or dracut builds an unsigned image; rebuild and sign it as it was built before"
		return 1
	fi
	is_fit "$1" uki "$made" && replace "$2" "$made"
}
kernel_file() {
	local file
	for file in "/boot/vmlinuz-$1" "/lib/modules/$1/vmlinuz"; do
		[ ! -e "$file" ] || { echo "$file"; return; }
	done
}

# renew_copies KERNEL IMAGE [again] - update the copies and UKIs that boot loaders read besides the
# one in /boot, from this checked initramfs. Fails if one could not be replaced, and keeps that one.
# With again, it rebuilds a UKI only if it is not fit.
renew_copies() {
	local _copy _kind
	boot_images "$1" | {
		rc=0
		while IFS=$tab read -r _kind _copy; do
			[ "$_copy" != "$(image_of "$1")" ] || continue
			rm -f "$_copy.pvscsi-new"
			case $_kind-${3:-} in
			initramfs-*) cmp -s "$2" "$_copy" || replace "$_copy" "$2" || rc=1 ;;
			uki-) renew_uki "$1" "$_copy" "$2" </dev/null || rc=1 ;;
			*) is_fit "$1" uki "$_copy" >/dev/null || renew_uki "$1" "$_copy" "$2" </dev/null || rc=1 ;;
			esac
		done
		return "$rc"
	}
}

# renew_initramfs KERNEL - make its initramfs under another name, check it, and only then replace
# the old one and every copy that a boot loader reads. There is a complete initramfs at all times.
# On an error it prints the cause and keeps the old one. Status: 1, nothing was replaced; 2, a copy
# was not replaced. If $keep is set, the old initramfs is kept under that name.
renew_initramfs() {
	local kernel="$1" target made="/boot/pvscsi-dkms.new-$1" rc=0
	target=$(image_of "$kernel")
	[ -n "$work" ] || { echo "no space left in /var/tmp"; return 1; }
	rm -f "$made"
	if ! make_image "$kernel" "$made"; then
		echo "the initramfs could not be built (see above)"
		rm -f "$made"
		return 1
	fi
	if ! is_fit "$kernel" initramfs "$made"; then
		echo "the new initramfs is not used (see above)"
		rm -f "$made"
		return 1
	fi
	sync "$made" 2>/dev/null
	if [ -e "$target" ] || [ -z "$(boot_images "$kernel")" ]; then
		[ -z "${keep:-}" ] || keep_image "$target" "$keep"
		mv -f "$made" "$target" || { rm -f "$made"; return 1; }
		made=$target
	fi
	if renew_copies "$kernel" "$made"; then
		run_hooks "$kernel" "$made"
		# (a hook may have written a bad copy)
		renew_copies "$kernel" "$made" again || rc=2
	else
		KERNEL_INSTALL_BYPASS=1 run_hooks "$kernel" "$made"
		rc=2
	fi
	[ "$made" = "$target" ] || rm -f "$made"
	return $rc
}

# next_boot KERNEL - say what the next boot has, after an image of it could not be replaced. The only
# one may be a copy or a UKI.
next_boot() {
	local _file _kind
	if boot_images "$1" | while IFS=$tab read -r _kind _file; do
		[ ! -s "$_file" ] || echo "$_file"
	done | grep -q .; then
		echo "the next boot uses the previous one"
	else
		echo "there is no previous one, so this kernel may not boot"
	fi
}

# keep_image IMAGE NAME - keep it under NAME too: as a hard link, which takes no room now.
keep_image() {
	[ -s "$1" ] || return 0
	# (a copy on FAT, which has no hard links)
	ln -f "$1" "$2" 2>/dev/null || {
		cp -p "$1" "$2.part" && mv "$2.part" "$2"
	} 2>/dev/null || rm -f "$2" "$2.part"
}
