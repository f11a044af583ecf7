# shellcheck shell=sh
# fallback.sh - for the hooks of the initramfs generators, which source it.

pvscsi_share=${pvscsi_share:-/usr/lib/pvscsi-dkms/initramfs}
pvscsi_parts=${pvscsi_parts:-/usr/share/pvscsi-dkms/pvscsictl}

# pvscsi_in_tree KERNEL - print the file of the driver that came with KERNEL, wherever it is now.
pvscsi_in_tree() {
	[ -r "$pvscsi_parts/machine.sh" ] || return 1
	(
		# shellcheck source=scripts/lib/machine.sh
		. "$pvscsi_parts/machine.sh"
		# (dracut's bash fails for any part of a pipe)
		_own=$(own_of "$1") || :
		[ -n "$_own" ] && echo "$_own"
	)
}

# pvscsi_other KERNEL - print the file of a driver that KERNEL can load, if what modprobe would take
# is none: ours before the in-tree driver.
pvscsi_other() {
	[ -r "$pvscsi_parts/machine.sh" ] || return 0
	(
		# shellcheck source=scripts/lib/machine.sh
		. "$pvscsi_parts/machine.sh"
		! works_in "$1" || exit 0
		{ foreign_of "$1"; own_of "$1"; } | while read -r _file; do
			! fits "$_file" "$1" || echo "$_file"
		done | head -n 1
	) || :
}

# pvscsi_depends FILE - print the modules that the module in FILE needs.
pvscsi_depends() { modinfo -F depends "$1" | tr ',' ' '; }

# pvscsi_parms FILE - print the parameters of the module in FILE, as "NAME:TYPE ...".
pvscsi_parms() {
	_parms=
	for _parm in $(modinfo -F parmtype "$1" | tr ' ' _); do
		_parms=${_parms:+$_parms }$_parm
	done
	echo "$_parms"
}

# pvscsi_copy FILE TARGET - unpacked: an initramfs may have nothing to do that with.
pvscsi_copy() {
	case $1 in
	*.xz) xz -dc "$1" ;;
	*.zst) zstd -qdc "$1" ;;
	*.gz) gzip -dc "$1" ;;
	*) cat "$1" ;;
	esac >"$2"
}

# pvscsi_fallback KERNEL DIR - put into the initramfs in DIR what loads the driver there (see
# load), and the in-tree driver beside ours. Prints the modules that this one needs. Does
# nothing where the driver is part of the kernel, or the kernel has none of its own.
pvscsi_fallback() {
	_to=$2/usr/lib/pvscsi
	_in_tree=$(modinfo -k "$1" -F filename vmw_pvscsi 2>/dev/null) || :
	case $_in_tree in
	*/kernel/*) mkdir -p "$_to" ;;
	/*)
		_in_tree=$(pvscsi_in_tree "$1") || return 0
		mkdir -p "$_to"
		pvscsi_copy "$_in_tree" "$_to/vmw_pvscsi.ko" || {
			echo "pvscsi-dkms: WARNING: cannot unpack $_in_tree: no fallback in this initramfs" >&2
			rm -rf "$_to"
			return 0
		}
		;;
	*) return 0 ;;
	esac
	pvscsi_depends "$_in_tree" >"$_to/depends"
	pvscsi_parms "$_in_tree" >"$_to/parms"
	cp "$pvscsi_share/load" "$pvscsi_share/options.sh" "$_to/"
	chmod 755 "$_to/load"
	# Should that fail in a way that nobody thought of: as if it were not there. The options are
	# a comment for the shell, which may hold anything; load reads it.
	mkdir -p "$2/etc/modprobe.d"
	# shellcheck disable=SC2016 # modprobe expands it
	echo 'install vmw_pvscsi /bin/sh /usr/lib/pvscsi/load || /sbin/modprobe --ignore-install vmw_pvscsi # $CMDLINE_OPTS' \
		>"$2/etc/modprobe.d/pvscsi-fallback.conf"
	cat "$_to/depends"
}
