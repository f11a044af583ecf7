# shellcheck shell=sh
# fallback.sh - for the hooks of the initramfs generators, which source it.

pvscsi_share=${pvscsi_share:-/usr/lib/pvscsi-dkms/initramfs}

# pvscsi_in_tree KERNEL - print the file of the driver that came with KERNEL: where
# newer dkms has put it (with notes beside it), if it is not where it came.
pvscsi_in_tree() {
	for _file in "/lib/modules/$1/kernel/drivers/scsi"/vmw_pvscsi.ko* \
		/var/lib/dkms/pvscsi/original_module/"$1"/*/vmw_pvscsi.ko*; do
		case $_file in
		*.ko | *.ko.xz | *.ko.zst | *.ko.gz) ;;
		*) continue ;;
		esac
		if [ -s "$_file" ]; then
			echo "$_file"
			return 0
		fi
	done
	return 1
}

# pvscsi_depends FILE - print the modules that the module in FILE needs.
pvscsi_depends() { modinfo -F depends "$1" | tr ',' ' '; }

# pvscsi_fallback KERNEL DIR - put the kernel's own driver into the initramfs in DIR, and
# what decides between the two there (see load). Prints the modules that it needs beside
# it. Does nothing where the kernel's own is what modprobe takes, or there is no other.
pvscsi_fallback() {
	case $(modinfo -k "$1" -F filename vmw_pvscsi 2>/dev/null) in
	'' | */kernel/*) return 0 ;;
	esac
	_in_tree=$(pvscsi_in_tree "$1") || return 0
	_to=$2/usr/lib/pvscsi
	mkdir -p "$_to" "$2/etc/modprobe.d"
	# an initramfs may have nothing to unpack a module with
	case $_in_tree in
	*.xz) xz -dc "$_in_tree" ;;
	*.zst) zstd -qdc "$_in_tree" ;;
	*.gz) gzip -dc "$_in_tree" ;;
	*) cat "$_in_tree" ;;
	esac >"$_to/vmw_pvscsi.ko" || {
		echo "pvscsi-dkms: WARNING: cannot unpack $_in_tree: no fallback in this initramfs" >&2
		rm -rf "$_to"
		return 0
	}
	pvscsi_depends "$_in_tree" >"$_to/depends"
	cp "$pvscsi_share/load" "$_to/load"
	chmod 755 "$_to/load"
	# Should that fail in a way that nobody thought of: as if it were not there.
	# shellcheck disable=SC2016 # modprobe expands it
	echo 'install vmw_pvscsi /bin/sh /usr/lib/pvscsi/load $CMDLINE_OPTS || /sbin/modprobe --ignore-install vmw_pvscsi' \
		>"$2/etc/modprobe.d/pvscsi-fallback.conf"
	cat "$_to/depends"
}
