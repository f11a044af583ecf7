# shellcheck shell=sh
# shellcheck disable=SC2154 # variables of update-kernels
# removal.sh - part of update-kernels: removal of the package. Each kernel gets its in-tree driver
# back, or keeps ours if it has none.

# is_listed - true if the generator includes only the modules that its settings list.
is_listed() {
	[ "$(generator)" = initramfs-tools ] || return 1
	[ "$(cat /etc/initramfs-tools/initramfs.conf /etc/initramfs-tools/conf.d/* 2>/dev/null |
		sed -n 's/^MODULES=//p' | tail -n 1)" = list ]
}

# forget - change the machine's settings so that it boots without the package.
forget() {
	local mark source
	if [ -n "$(addresses)" ] && is_listed && ! is_told_here; then
		say "MODULES=list: without this package, an initramfs would lack the PVSCSI driver. To prevent that:"
		tell_generator
	fi
	# the in-tree driver does not load with options that only ours understands
	options_set_aside
	for mark in /usr/src/pvscsi-*/.rolled-back; do
		[ -e "$mark" ] || continue
		source=${mark%/*}
		! preserve_all || dkms remove -m pvscsi -v "${source#*/pvscsi-}" --all >/dev/null 2>&1 9>&-
		rm -rf "$source"
	done
}

# preserve_all - for each kernel that has no other driver, keep ours in a folder that dkms does not
# know. Fails if that is impossible; then dkms must not remove any driver.
preserve_all() {
	local dir found kernel rc
	rc=0
	for dir in /lib/modules/*/; do
		dir=${dir%/}
		kernel=${dir##*/} to=$dir/updates/pvscsi-kept
		! has_own "$kernel" || continue
		found=$(foreign_of "$kernel" | grep -vF "$to/" | head -n 1)
		[ -n "$found" ] || continue
		rm -rf "$to.new"
		# (a hard link takes no room)
		if mkdir -p "$to.new" && { ln "$found" "$to.new/" 2>/dev/null || cp -p "$found" "$to.new/"; } &&
			fits "$to.new/${found##*/}" "$kernel"; then
			rm -rf "$to"
			mv "$to.new" "$to"
		else
			rm -rf "$to.new"
			warn "WARNING: kernel $kernel has no in-tree driver, and no space is left for a copy of the DKMS driver: the driver is not removed"
			rc=1
		fi
	done
	return $rc
}

# sweep_one KERNEL - restore the in-tree driver and remove ours if dkms did not do so. A kernel that
# has no other driver keeps ours.
sweep_one() {
	local file found was
	was=$(in_tree_of "$1")
	restore_in_tree "$1"
	if [ -z "$was" ] && in_tree_of "$1" >/dev/null; then
		rm -rf "$records/original_module/$1"
		depmod "$1"
		warn "WARNING: dkms did not restore the in-tree driver of kernel $1; it is restored now."
	fi
	if ! has_own "$1"; then
		[ -d "/lib/modules/$1/updates/pvscsi-kept" ] || [ -n "$(foreign_of "$1")" ] || return 0
		[ ! -d "/lib/modules/$1/updates/pvscsi-kept" ] || rm -f "/lib/modules/$1"/updates/dkms/vmw_pvscsi.ko*
		depmod "$1"
		say "kernel $1 has no in-tree driver: it keeps DKMS driver $(field "$(loaded_by "$1")" version), also in its initramfs."
		say "  The driver will not be built for new kernels."
		is_told_here || tell_generator
		return 0
	fi
	rm -rf "/lib/modules/$1/updates/pvscsi-kept"
	for file in "/lib/modules/$1"/updates/dkms/vmw_pvscsi.ko* "/lib/modules/$1"/updates/vmw_pvscsi.ko* \
		"/lib/modules/$1"/extra/vmw_pvscsi.ko*; do
		[ -e "$file" ] || continue
		found=$(modinfo -F version "$file" 2>/dev/null)
		case $ours in *" $found "*) ;; *) continue ;; esac
		# a file of an RPM belongs to that package
		! rpm -qf "$file" >/dev/null 2>&1 || continue
		rm -f "$file" && depmod "$1"
		rmdir "${file%/*}" "/lib/modules/$1/updates" 2>/dev/null
		warn "WARNING: dkms did not remove DKMS driver $found from kernel $1; it is removed now."
	done
}

# sweep - remove our driver from every kernel with dkms, and then what dkms left. Also remove dkms's
# records of our driver, since dkms fails on them once the source is gone.
sweep() {
	local dir keep_all old ours record
	keep_all=
	preserve_all || keep_all=1
	ours=" $package $(find "$previous" -mindepth 1 -maxdepth 1 -name 'pvscsi-*' 2>/dev/null | sed 's/.*pvscsi-//' | xargs) "
	for record in "$records"/*/source; do
		[ -L "$record" ] || continue
		old=${record%/source}
		# (skip records whose source is not ours)
		case $(readlink "$record") in "/usr/src/pvscsi-$package" | "$previous"/*) ;; *) continue ;; esac
		ours="$ours${old##*/} "
		[ -n "$keep_all" ] || dkms remove -m pvscsi -v "${old##*/}" --all 9>&-
		rm -rf "$old"
	done
	rm -rf "${records:?}/$package"
	for dir in /lib/modules/*/; do
		dir=${dir%/}
		[ -d "$dir/kernel" ] || continue
		sweep_one "${dir##*/}"
		heal "${dir##*/}"
	done
	find "$records" -maxdepth 1 -type l ! -exec test -e {} ';' -exec rm {} + 2>/dev/null
	rmdir "$records/original_module" "$records" 2>/dev/null
	unguard_default
}
