# shellcheck shell=sh
# fallback.sh - functions for the hooks of the initramfs generators, which source this file.

pvscsi_share=${pvscsi_share:-/usr/lib/pvscsi-dkms/initramfs}
pvscsi_parts=${pvscsi_parts:-/usr/share/pvscsi-dkms/pvscsictl}

# pvscsi_in_tree KERNEL - print the file of its in-tree driver, in kernel/ or saved by dkms.
pvscsi_in_tree() {
	local _own
	[ -r "$pvscsi_parts/machine.sh" ] || return 1
	(
		# shellcheck source=scripts/lib/machine.sh
		. "$pvscsi_parts/machine.sh"
		# (dracut runs bash with pipefail)
		_own=$(own_of "$1") || :
		[ -n "$_own" ] && echo "$_own"
	)
}

# pvscsi_other KERNEL - if KERNEL cannot load the driver that modprobe would choose, print the file
# of one that it can load, preferably ours.
pvscsi_other() {
	local _file
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
	local _parm _parms
	_parms=
	for _parm in $(modinfo -F parmtype "$1" | tr ' ' _); do
		_parms=${_parms:+$_parms }$_parm
	done
	echo "$_parms"
}

# pvscsi_copy FILE TARGET - copy a module, decompressed, since an initramfs may lack the program.
pvscsi_copy() {
	case $1 in
	*.xz) xz -dc "$1" ;;
	*.zst) zstd -qdc "$1" ;;
	*.gz) gzip -dc "$1" ;;
	*) cat "$1" ;;
	esac >"$2"
}

# pvscsi_fallback KERNEL DIR - add to the initramfs in DIR the load script and, beside our driver,
# the in-tree driver. Prints the modules that the in-tree driver needs. Does nothing if the driver
# is built into the kernel, or the kernel has no in-tree driver.
pvscsi_fallback() {
	local _in_tree _to
	_to=$2/usr/lib/pvscsi
	_in_tree=$(modinfo -k "$1" -F filename vmw_pvscsi 2>/dev/null) || :
	case $_in_tree in
	*/kernel/*) mkdir -p "$_to" ;;
	/*)
		_in_tree=$(pvscsi_in_tree "$1") || return 0
		mkdir -p "$_to"
		pvscsi_copy "$_in_tree" "$_to/vmw_pvscsi.ko" || {
			echo "pvscsi-dkms: WARNING: $_in_tree cannot be unpacked: this initramfs has no fallback" >&2
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
	# If load fails unexpectedly, modprobe loads the module as if load did not exist. The
	# options are in a shell comment, so they can contain any character; load reads them from
	# there.
	mkdir -p "$2/etc/modprobe.d"
	# shellcheck disable=SC2016 # modprobe expands it
	echo 'install vmw_pvscsi /bin/sh /usr/lib/pvscsi/load || /sbin/modprobe --ignore-install vmw_pvscsi # $CMDLINE_OPTS' \
		>"$2/etc/modprobe.d/pvscsi-fallback.conf"
	cat "$_to/depends"
}
