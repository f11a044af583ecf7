# shellcheck shell=bash
# debian-root.sh - shared functions of the package tests: make a Debian root with a kernel and its
# headers, run apt in it, and check which driver a kernel of this root would use.

set -euo pipefail
# shellcheck source=scripts/build/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../scripts/build/common.sh"
# shellcheck source=tests/lab/disk-guest.sh
. "$LAB_TOP/tests/lab/disk-guest.sh"

TEST_DIR=${TEST_DIR:-$(mkdir -p "$LAB_BUILD/test" && mktemp -d "$LAB_BUILD/test/package-XXXXXX")}
mkdir -p "$TEST_DIR"

fail() {
	printf 'FAIL: %s\n' "$*"
	exit 1
}

# life_ram DIR [GIGABYTES] - mount a tmpfs (default: 4 GB) on DIR, if this machine has plenty of
# memory: unpacking kernels and building initramfs images is mostly writing. The mount ends with the
# test; the test must have called boot_alone.
life_ram() {
	local size=${2:-4}
	mkdir -p "$1"
	[ "$(awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo)" -gt $((size * 2000000)) ] ||
		return 0
	mount -t tmpfs -o "size=${size}g,mode=755" tmpfs "$1"
}

# life_deb VERSION - build the package, of this tree with its version set to VERSION, and print its
# path.
life_deb() {
	local version=$1 tree deb
	tree=$TEST_DIR/tree-$version
	deb=pvscsi-dkms_${version}_all.deb
	if [ "$version" = "$LAB_VERSION" ]; then
		"$LAB_TOP/scripts/build/deb" >&2
		cp "$LAB_BUILD/deb/$deb" "$TEST_DIR/"
	else
		lab_tree "$tree"
		sed -i "s/^PACKAGE_VERSION=.*/PACKAGE_VERSION=\"$version\"/" "$tree/dkms.conf"
		sed -i "1s/(.*)/($version)/" "$tree/debian/changelog"
		PVSCSI_BUILD=$TEST_DIR/build-$version "$tree/scripts/build/deb" >&2
		cp "$TEST_DIR/build-$version/deb/$deb" "$TEST_DIR/"
	fi
	printf '%s\n' "$TEST_DIR/$deb"
}

# life_kernels DIR SUITE - print the kernels for which apt in DIR has an image and headers, oldest
# first. They are those of the suite, for trixie also of its backports, for forky also of sid.
life_kernels() {
	local series
	case $2 in
	bullseye) series='5\.10\.' ;;
	bookworm) series='6\.1\.' ;;
	trixie) series='6\.12\.|7\.' ;;
	forky) series='7\.' ;;
	esac
	# compare without the flavour: 6.12.115+deb13.1 is newer than 6.12.115
	lab_in "$1" apt-cache pkgnames linux- |
		sed -nE "s/^linux-(headers|image)-(($series)[0-9].*)-amd64\$/\\2/p" |
		grep -v -e '-cloud$' -e '-rt$' | sort -V | uniq -d | sed 's/$/-amd64/'
}

# life_root DIR SUITE - make DIR a Debian with the second newest kernel and its headers (on trixie:
# the newest one that is not from backports). Sets OLD, the installed kernel, NEW, the kernel to
# upgrade to, and NEW_FROM, the options with which apt installs NEW.
life_root() {
	local dir=$1 suite=$2 tarball
	tarball=$LAB_CACHE/life-$2.$(declare -f life_make life_few_modules life_compress life_ccache |
		sha256sum | cut -c1-8).tar
	boot_need
	lab_lock "life-$suite" life_make "$suite" "$tarball"
	mountpoint -q "$dir" || life_ram "$dir"
	tar -C "$dir" --numeric-owner --xattrs -xf "$tarball"
	life_compress "$dir" "$suite"
	OLD=$(basename "$dir"/boot/vmlinuz-*)
	OLD=${OLD#vmlinuz-}
	boot_apt lab_in "$dir" "$suite" update -qq
	NEW=$(life_kernels "$dir" "$suite" | tail -n 1)
	# shellcheck disable=SC2034 # for the tests
	case $suite in
	trixie) NEW_FROM=(-t trixie-backports) ;;
	forky) NEW_FROM=(-t sid) ;;
	*) NEW_FROM=() ;;
	esac
	[ "$OLD" != "$NEW" ] || fail "there is no kernel newer than $OLD in $suite"
	lab_say "Debian $suite with kernel $OLD, to be upgraded to $NEW"
}

# life_chroot - the start of most tests: a Debian of $suite in $root, with the package, $deb, in its
# /root.
life_chroot() {
	root=$TEST_DIR/root
	deb=$(life_deb "$LAB_VERSION")
	life_root "$root" "$suite"
	cp "$deb" "$root/root/"
}

# life_disk MEGABYTES [efi] - the same on a disk image, $image, which QEMU boots once it has a boot
# loader. The test must have called boot_alone. LIFE_DISK_GB is the room for images in memory.
life_disk() {
	boot_need
	# shellcheck disable=SC2034 # for life_apt
	root=$TEST_DIR/root root_in=boot_in
	image=$TEST_DIR/disk/guest.img
	life_ram "$TEST_DIR/disk" "${LIFE_DISK_GB:-4}"
	"boot_disk${2:+_$2}" "$image" "$1"
	boot_mount "$image" "$root"
	life_chroot
	boot_configure "$root"
}

# life_compress DIR SUITE - have the initramfs compressed fast, because no test depends on its
# compression. Debian 11 supports no level, and its level for zstd is 19.
life_compress() {
	local how=zstd
	[ "$2" != bullseye ] || how=gzip
	printf 'COMPRESS=%s\nCOMPRESSLEVEL=1\n' "$how" >"$1/etc/initramfs-tools/conf.d/lab"
}

# life_few_modules DIR - have dpkg unpack only the modules for the disks and file systems of the
# tests, of each kernel. Each module takes time whenever an initramfs is made, read and unpacked;
# boots-after-upgrade has them all. (Of drivers/scsi, the drivers in folders are left out: they are
# large, and for adapters of hardware.)
life_few_modules() {
	printf '%s\n' 'path-exclude=*/lib/modules/*/kernel/*' \
		path-include='*/lib/modules/*/kernel/'{arch,block,crypto,lib}/\* \
		path-include='*/lib/modules/*/kernel/fs/'{autofs,configfs,efivarfs,ext4,fat,fuse,jbd2,mbcache,nls}\* \
		path-include='*/lib/modules/*/kernel/drivers/'{ata,block,char,md,message,nvme,scsi,virtio}/\* \
		'path-exclude=*/lib/modules/*/kernel/drivers/scsi/*/*' \
		>"$1/etc/dpkg/dpkg.cfg.d/few-modules"
}

# life_ccache DIR - put ccache before each compiler, so that a driver is compiled once per kernel,
# not once per test. Its cache is in the download cache (see lab_in). A booted guest has no access
# to it and compiles.
life_ccache() {
	mkdir -p "$1/var/cache/ccache"
	echo 'cache_dir = /var/cache/ccache' >"$1/etc/ccache.conf"
	cp -a "$1/usr/lib/ccache/." "$1/usr/local/bin/"
	# (the PATH that apt gives dpkg lacks this directory)
	echo 'DPkg::Path "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";' >"$1/etc/apt/apt.conf.d/ccache"
}

life_make() {
	local suite=$1 tarball=$2 dir kernel
	[ -z "$(find "$tarball" -mtime -"$LAB_CACHE_DAYS" 2>/dev/null)" ] || return 0
	dir=$TEST_DIR/life-$suite
	(
		set -e
		life_ram "$dir"
		# shellcheck disable=SC2086 # a list of packages
		lab_chroot_into "$dir" "$suite" $BOOT_PACKAGES ccache
		boot_apt lab_in "$dir" "$suite" update -qq
		case $suite in
		trixie) kernel=$(life_kernels "$dir" "$suite" | grep ^6 | tail -n 1) ;;
		*) kernel=$(life_kernels "$dir" "$suite" | tail -n 2 | head -n 1) ;;
		esac
		life_compress "$dir" "$suite"
		life_few_modules "$dir"
		boot_apt lab_in "$dir" "$suite" install -qq \
			"linux-image-$kernel" "linux-headers-$kernel"
		life_ccache "$dir"
		tar -C "$dir" --numeric-owner --xattrs -cf "$tarball.part" .
		mv "$tarball.part" "$tarball"
	)
	! mountpoint -q "$dir" || umount "$dir"
	rm -rf --one-file-system "$dir"
	[ -s "$tarball" ] || lab_die "could not make a Debian $suite with a kernel"
}

# life_apt LOG ARG... - run apt-get in $root, with its output in LOG and on standard output.
# $root_in is the command that enters $root (default lab_in).
life_apt() {
	local log=$1 rc=0
	shift
	lab_say "apt-get $*"
	boot_apt "${root_in:-lab_in}" "$root" "$suite" "$@" >"$log" 2>&1 || rc=$?
	sed 's/^/    | /' "$log"
	[ "$rc" = 0 ] || fail "apt-get $* exited with $rc"
	lab_in "$root" dpkg --audit >"$log.audit"
	[ ! -s "$log.audit" ] || fail "packages are left half-configured: $(cat "$log.audit")"
}

# life_generator GENERATOR - choose how $root builds its initramfs: most or dep (initramfs-tools
# with that value of MODULES), hostonly or generic (dracut).
life_generator() {
	case $1 in
	most) return ;;
	dep)
		echo MODULES=dep >"$root/etc/initramfs-tools/conf.d/dep"
		return
		;;
	esac
	# (dracut's level for zstd is 15, which takes minutes in a guest and is not under test. The file
	# comes first, because installing dracut makes every initramfs.)
	mkdir -p "$root/etc/dracut.conf.d"
	printf '%s\n' "hostonly=$([ "$1" = hostonly ] && echo yes || echo no)" 'compress="zstd -1 -q"' \
		>"$root/etc/dracut.conf.d/lab.conf"
	life_apt "$TEST_DIR/apt.log" install dracut
}

# life_repository - make the lists of the packages in $root/srv/repo, and have apt in $root use them.
life_repository() {
	lab_need apt-utils
	(
		cd "$root/srv/repo"
		rm -f Packages Release
		apt-ftparchive packages . >"$TEST_DIR/Packages"
		mv "$TEST_DIR/Packages" .
		apt-ftparchive -o APT::FTPArchive::Release::Origin=lab release . >"$TEST_DIR/Release"
		mv "$TEST_DIR/Release" .
	)
	echo 'deb [trusted=yes] file:/srv/repo ./' >"$root/etc/apt/sources.list.d/lab.list"
	life_apt "$TEST_DIR/update.log" update
}

# life_fetch DIR ARG... - download to DIR in $root the packages that apt would install with ARGs.
life_fetch() {
	# shellcheck disable=SC2016 # the shell in the chroot expands it
	lab_in "$root" /bin/sh -ec '
		mkdir -p "$1"
		cd "$1"
		shift
		apt-get -qq -o APT::Sandbox::User=root download $(
			apt-get -s -o APT::Install-Recommends=false install "$@" |
				sed -n "s/^Inst \([^ ]*\) \(\[[^ ]*\] \)\{0,1\}(\([^ ]*\) .*/\1=\3/p")' sh "$@"
}

# life_follow NAME VERSION KERNEL - put into this repository the packages linux-image-NAME and
# linux-headers-NAME, which install those of KERNEL, as linux-image-amd64 does.
life_follow() {
	local part dir=$TEST_DIR/follow
	mkdir -p "$root/srv/repo"
	for part in image headers; do
		rm -rf "$dir"
		mkdir -p "$dir/DEBIAN"
		printf '%s\n' "Package: linux-$part-$1" "Version: $2" 'Architecture: amd64' \
			'Maintainer: nobody <nobody@test.example>' "Depends: linux-$part-$3" \
			'Description: the newest kernel of this test' >"$dir/DEBIAN/control"
		dpkg-deb --root-owner-group -b "$dir" "$root/srv/repo/" >/dev/null
	done
}

# life_in_guest IMAGE LOG SCRIPT - boot IMAGE, whose root is mounted on $root, and run SCRIPT in the
# guest. This is for work that depends on the machine's disks. Its output goes to LOG, with the
# console's. Afterwards the root is mounted again.
life_in_guest() {
	local more=$root/usr/local/sbin/pvscsi-more
	{
		printf '#!/bin/sh\nset -e\nexport HOME=/root DEBIAN_FRONTEND=noninteractive\n'
		printf 'export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n'
		printf '! grep -q " /boot/efi " /etc/fstab || {\n'
		printf 'mount /boot/efi\nexport SYSTEMD_ESP_PATH=/boot/efi\n}\n'
		printf '%s\necho pvscsi-more: done\n' "$3"
	} >"$more"
	chmod 755 "$more"
	boot_umount "$root"
	boot_run "$1" "$2" 1500 || fail "it does not boot"
	boot_mount "$1" "$root"
	rm -f "$more"
	grep -aq '^pvscsi-more: done' "$2" || fail "in the guest that fails: $3"
}

# life_boot_kernel IMAGE LOG SECONDS KERNEL ARGUMENTS [QEMU ARGUMENT...] - boot IMAGE, whose root is
# mounted on $root, without its boot loader: with KERNEL and its initramfs from /boot, and with
# ARGUMENTS on the kernel's command line. Afterwards the root is mounted again.
life_boot_kernel() {
	local image=$1 log=$2 limit=$3 uuid
	uuid=$(blkid -p -s UUID -o value "$(findmnt -n -o SOURCE --mountpoint "$root")")
	cp "$root/boot/vmlinuz-$4" "$TEST_DIR/vmlinuz"
	cp "$root/boot/initrd.img-$4" "$TEST_DIR/initrd"
	boot_umount "$root"
	boot_run "$image" "$log" "$limit" -kernel "$TEST_DIR/vmlinuz" -initrd "$TEST_DIR/initrd" \
		-append "root=UUID=$uuid ro console=ttyS0 mitigations=off $5" "${@:6}" ||
		fail "$4 does not boot"
	boot_mount "$image" "$root"
}

# small_initramfs, usual_initramfs - from now on, build an initramfs that takes a second and
# includes no disk driver by itself; or Debian's default, which suits any machine.
small_initramfs() { echo MODULES=list >"$root/etc/initramfs-tools/conf.d/small"; }
usual_initramfs() { rm -f "$root/etc/initramfs-tools/conf.d/small"; }

# bytes FILE - print the checksum of a module after decompression.
bytes() {
	case $1 in
	*.xz) xz -dc "$1" ;;
	*.zst) zstd -qdc "$1" ;;
	*) cat "$1" ;;
	esac | sha256sum
}

# in_tree KERNEL - print the file of KERNEL's in-tree driver in $root.
in_tree() {
	find "$root/lib/modules/$1/kernel" "$root/var/lib/dkms/pvscsi/original_module/$1" \
		-name 'vmw_pvscsi.ko*' ! -name '*.origin' 2>/dev/null | head -n 1
}

# uses_driver KERNEL FOLDER [VERSION] - fail unless modprobe for KERNEL in $root finds vmw_pvscsi in
# FOLDER of its modules (with VERSION), and KERNEL's initramfs contains the same file, with the
# in-tree driver as the fallback if the file is not the in-tree driver. The initramfs in /boot is
# checked, and each copy that the boot loader reads.
uses_driver() {
	local kernel=$1 folder=$2 version=${3:-} file image copies=
	file=$(lab_in "$root" modinfo -k "$kernel" -F filename vmw_pvscsi) ||
		fail "$kernel: no vmw_pvscsi at all"
	case $file in
	*/"$kernel/$folder"/*) ;;
	*) fail "$kernel: modprobe takes $file, expected one in $folder" ;;
	esac
	file=$root$file
	if [ -n "$version" ] && [ "$(modinfo -F version "$file")" != "$version" ]; then
		fail "$kernel: its driver is $(modinfo -F version "$file"), expected $version"
	fi
	case $(modinfo -F vermagic "$file") in
	"$kernel "*) ;;
	*) fail "$kernel: its driver was built for $(modinfo -F vermagic "$file")" ;;
	esac
	if [ "$BOOT_LOADER" != grub ]; then
		copies=$(esp_images "$root" "$kernel") ||
			fail "$kernel: the boot loader would not start it (above)"
		[ -n "$copies" ] || fail "$kernel: the boot loader starts it without an initramfs"
	fi
	for image in "/boot/initrd.img-$kernel" $copies; do
		image_holds "$kernel" "$file" "$image"
	done
	lab_say "$kernel: ${file##*/modules/} $(modinfo -F version "$file"), on disk and in the initramfs"
}

# image_holds KERNEL FILE IMAGE - fail unless that initramfs in $root contains the driver in FILE,
# and no other one but the in-tree driver as the fallback.
image_holds() {
	local kernel=$1 file=$2 dir=$root/var/tmp/initramfs found fallback
	[ -s "$root$3" ] || fail "$kernel: there is no $3"
	rm -rf "$dir"
	# shellcheck disable=SC2016 # the shell in the chroot expands it
	lab_in "$root" /bin/sh -ec '
		mkdir -p "$2"
		! command -v unmkinitramfs >/dev/null || exec unmkinitramfs "$1" "$2"
		cd "$2"
		exec lsinitrd --unpack "$1"' sh "$3" /var/tmp/initramfs
	found=$(find "$dir" -path '*/modules/*' -name 'vmw_pvscsi.ko*')
	[ -n "$found" ] || fail "$kernel: no vmw_pvscsi in $3"
	# (dracut of Debian 11, if not host-only, includes the in-tree driver, too: then depmod chooses)
	if [ "$(wc -l <<<"$found")" = 2 ] && [[ $file != */kernel/* ]] && grep -q /kernel/drivers/scsi/ <<<"$found"; then
		found=$(find "$dir" -path "*/modules/$kernel/modules.dep" -exec sed -n 's,^\(.*/vmw_pvscsi.ko[^:]*\):.*,\1,p' {} +)
		found=$(find "$dir" -path "*/modules/$kernel/$found")
	fi
	[ "$(wc -l <<<"$found")" = 1 ] || fail "$kernel: several in $3: $found"
	[ "$(bytes "$found")" = "$(bytes "$file")" ] ||
		fail "$kernel: $3 holds another build than $file"
	fallback=$(find "$dir" -path '*/usr/lib/pvscsi/vmw_pvscsi.ko')
	case $file in
	*/kernel/*) [ -z "$fallback" ] || fail "$kernel: $3 has a fallback to itself" ;;
	*)
		[ -n "$fallback" ] || fail "$kernel: $3 has no fallback"
		[ "$(bytes "$fallback")" = "$(bytes "$(in_tree "$kernel")")" ] ||
			fail "$kernel: the fallback in $3 is not the kernel's own driver"
		;;
	esac
	rm -rf "$dir"
}

# initramfs_count LOG KERNEL N - fail unless KERNEL's initramfs was built N times in that run.
initramfs_count() {
	local n
	n=$(grep -cFx -e "update-initramfs: Generating /boot/initrd.img-$2" \
		-e "pvscsi-dkms: rebuilding the initramfs of kernel $2" "$1" || :)
	[ "$n" = "$3" ] || fail "the initramfs of $2 was made $n times in one run, expected $3 (${1##*/})"
}
