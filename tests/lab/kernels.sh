# shellcheck shell=bash
# kernels.sh - kernels to boot: Debian's, and the series "debug", which is built here (see
# debug-kernel.sh). Source this file. It sources scripts/build/kernels.sh, which has the versions
# of the kernels and builds modules for them.
#
#   kernels_image VERSION              print a directory with vmlinuz and lib/modules/VERSION
#
# Several processes may call it at once.

# shellcheck source=scripts/build/kernels.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../scripts/build/kernels.sh"
# shellcheck source=tests/lab/debug-kernel.sh
. "$(dirname "${BASH_SOURCE[0]}")/debug-kernel.sh"

# The modules that a test may load in its guest; the rest of the 400 MB is not unpacked.
KERNELS_MODULES='arch block crypto lib drivers/scsi drivers/block drivers/cdrom drivers/nvme
	drivers/virtio drivers/net/ethernet/intel/e1000 drivers/net/net_failover
	drivers/watchdog drivers/char drivers/pci drivers/md
	fs/ext4 fs/jbd2 fs/mbcache.ko'

# The name of the directory includes a checksum of the list of modules, so that a change of the list
# makes a new one.
kernels_image() {
	local version=$1 dir
	if kernels_is_own "$version"; then
		kernels_own_image "$version"
		return
	fi
	case $version in
	*-debug-*) dir=$LAB_CACHE/kernel-$1 ;;
	*) dir=$LAB_CACHE/kernel-$1.$(sha256sum <<<"$KERNELS_MODULES" | cut -c1-8) ;;
	esac
	if [ ! -e "$dir/.ready" ]; then
		lab_lock "image-$version" kernels_image_unpack "$version" "$dir" >&2 || return
	fi
	printf '%s\n' "$dir"
}

kernels_image_unpack() {
	local version=$1 dir=$2 architecture chroot work deb packages m patterns=()
	[ ! -e "$dir/.ready" ] || return 0
	case $version in
	*-debug-*)
		kernels_debug_make "$version" "$dir"
		return
		;;
	esac
	lab_need kmod
	architecture=$(kernels_architecture "$version")
	chroot=$(kernels_suite "$version") || return
	chroot=$(kernels_chroot "$chroot" "$architecture") || return
	rm -rf "$dir"
	mkdir -p "$dir/lib/modules"
	work=$(mktemp -d "$chroot/tmp/image-XXXXXX")
	chmod 755 "$work"
	# Since about 6.17, linux-image is empty and three packages contain its files.
	packages=$(lab_in "$chroot" apt-cache pkgnames "linux-" |
		grep -xE "linux-(binary|modules|base)-${version//+/\\+}" |
		sed "s/\$/:$architecture/" | xargs)
	lab_say "downloading kernel $version"
	# shellcheck disable=SC2016,SC2086 # the chroot's shell expands it; a list
	lab_in "$chroot" bash -euc 'cd "$1"; shift; apt-get -qq -o APT::Sandbox::User=root download "$@"' \
		download "${work#"$chroot"}" ${packages:-"linux-image-$version:$architecture"} ||
		lab_die "could not download the image of $version"
	for m in $KERNELS_MODULES; do
		case $m in
		*.ko) patterns+=("*/lib/modules/$version/kernel/$m*") ;;
		*) patterns+=("*/lib/modules/$version/kernel/$m/*") ;;
		esac
	done
	for deb in "$work"/*.deb; do
		# tar fails on patterns that match nothing, and not every package has all files
		dpkg-deb --fsys-tarfile "$deb" |
			tar -x -C "$work" --wildcards '*/vmlinuz*' \
				"*/lib/modules/$version/modules.*" "${patterns[@]}" 2>/dev/null || :
	done
	find "$work" -name 'vmlinuz*' -type f -exec mv {} "$dir/vmlinuz" \;
	m=$(find "$work" -type d -path "*/lib/modules/$version")
	if [ ! -s "$dir/vmlinuz" ] || [ -z "$m" ]; then
		lab_die "the packages of kernel $version hold no vmlinuz or no modules"
	fi
	mv "$m" "$dir/lib/modules/"
	rm -rf "$work"
	depmod -b "$dir" "$version" || return
	touch "$dir/.ready"
}
