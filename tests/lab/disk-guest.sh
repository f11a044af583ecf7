# shellcheck shell=bash
# disk-guest.sh - disk images of complete Debian guests: make an image, change files in it, boot it
# in QEMU from a PVSCSI disk, read what the guest reported. Source this file after common.sh.
#
# An image is a disk with an ext4 partition at 1 MiB. It is an MBR disk for SeaBIOS, or a GPT disk
# with an EFI system partition at its end for UEFI (see firmware.sh). Its boot loader is GRUB, or
# the one that BOOT_LOADER names (see esp.sh). At boot, a guest runs pvscsi-report (below) and
# powers off, but only if QEMU requests it with the serial number of the product. Booted by hand, it
# is an ordinary machine. A test can install /usr/local/sbin/pvscsi-more, which pvscsi-report runs
# at its end. With init=/usr/local/sbin/pvscsi-report, the guest runs only the report.

# shellcheck source=tests/lab/complaints.sh
. "$LAB_TOP/tests/lab/complaints.sh"

# The packages that a guest needs in addition to its kernel. grub-pc-bin has the loader for SeaBIOS.
# eatmydata keeps dpkg from waiting for the host's disk.
# shellcheck disable=SC2034 # for the scripts that source this file
BOOT_PACKAGES="dkms initramfs-tools zstd systemd-sysv udev login kmod
	e2fsprogs grub-pc-bin grub2-common eatmydata"
# The additional packages for UEFI, with or without Secure Boot.
# shellcheck disable=SC2034
BOOT_PACKAGES_EFI="grub-efi-amd64 grub-efi-amd64-signed shim-signed"
BOOT_OFFSET=1048576
# The size of the EFI system partition; it must be larger if kernels and initramfs images are on it.
BOOT_ESP_MB=${BOOT_ESP_MB:-64}
BOOT_LOADER=${BOOT_LOADER:-grub}

# boot_need - install what the host needs to make and boot images.
boot_need() {
	lab_need mmdebstrap ca-certificates qemu-system-x86 seabios e2fsprogs fdisk util-linux \
		mount kmod xz-utils zstd
}

# boot_alone "$0" "$@" - run the calling script again in a new mount namespace. However it ends, its
# mounts are gone and its loop devices are free.
boot_alone() {
	[ -z "${BOOT_ALONE:-}" ] || return 0
	BOOT_ALONE=1 exec unshare --mount --propagation private -- "$@"
}

# boot_disk IMAGE MEGABYTES - make an empty disk with one ext4 partition.
boot_disk() {
	rm -f "$1"
	truncate -s "${2}M" "$1"
	echo '2048,,L,*' | sfdisk --quiet --label dos "$1"
	mke2fs -q -t ext4 -m 0 -O ^metadata_csum_seed,^orphan_file -E "offset=$BOOT_OFFSET" \
		"$1" "$(($2 - 1))m"
}

# boot_disk_efi IMAGE MEGABYTES - the same, with GPT and an empty EFI system partition. (mtools
# format it, because the host's kernel may not support vfat.)
boot_disk_efi() {
	local esp=$((($2 - BOOT_ESP_MB - 1) * 1048576))
	rm -f "$1"
	truncate -s "${2}M" "$1"
	sfdisk --quiet --label gpt "$1" <<-END
		start=2048, size=$((esp / 512 - 2048)), type=L
		start=$((esp / 512)), size=${BOOT_ESP_MB}MiB, type=U
	END
	mke2fs -q -t ext4 -m 0 -O ^metadata_csum_seed,^orphan_file -E "offset=$BOOT_OFFSET" \
		"$1" "$(($2 - BOOT_ESP_MB - 2))m"
	boot_format_esp "$1"
}

# boot_esp IMAGE - print the EFI system partition of such a disk in the syntax of mtools.
boot_esp() { echo "$1@@$(($(stat -c %s "$1") - (BOOT_ESP_MB + 1) * 1048576))"; }

# boot_format_esp IMAGE - format the EFI system partition, with the UUID BOOT_ESP_UUID.
BOOT_ESP_UUID=5056-5343
boot_format_esp() {
	mformat -i "$(boot_esp "$1")" -F -T "$((BOOT_ESP_MB * 2048))" -h 64 -s 32 \
		-N "${BOOT_ESP_UUID/-/}" ::
}

# boot_mount IMAGE DIR - mount the root of IMAGE on DIR. update-grub refuses a root on /dev/loop0 to
# 9, because it treats these as another kind of loop device; so use a longer name.
boot_mount() {
	local n
	for n in {100..163}; do
		if losetup --offset "$BOOT_OFFSET" "/dev/loop$n" "$1" 2>/dev/null; then
			mkdir -p "$2"
			mount -o noatime "/dev/loop$n" "$2"
			losetup -d "/dev/loop$n" # takes effect when it is unmounted
			[ "$BOOT_LOADER" = grub ] || esp_open "$1" "$2"
			return 0
		fi
	done
	lab_die "no loop device for $1: are they in use (losetup -a), or forbidden here?"
}

boot_umount() {
	[ "$BOOT_LOADER" = grub ] || esp_close "$1"
	umount "$1"
}

# boot_in DIR COMMAND... - run COMMAND in the root of a mounted image. update-grub needs the device
# node of / and its link by UUID there. The kernel's hook skips update-grub if systemd-detect-virt
# reports a container. bootctl accepts a tmpfs (see esp.sh) as the EFI system partition only if
# SYSTEMD_ESP_PATH names it.
boot_in() {
	local dir=$1 device uuid
	shift
	device=$(findmnt -n -o SOURCE --mountpoint "$dir")
	uuid=$(blkid -p -s UUID -o value "$device")
	# shellcheck disable=SC2016 # the shell in the chroot expands it
	lab_in "$dir" /bin/sh -ec '
		device=$1 uuid=$2
		shift 2
		mknod "$device" b 7 "${device#/dev/loop}"
		mkdir -p /dev/disk/by-uuid
		ln -s "$device" "/dev/disk/by-uuid/$uuid"
		[ -e /usr/local/bin/systemd-detect-virt ] || mount --bind /bin/false /usr/bin/systemd-detect-virt
		! mountpoint -q /boot/efi || export SYSTEMD_ESP_PATH=/boot/efi
		exec "$@"' sh "$device" "$uuid" "$@"
}

# boot_apt IN DIR SUITE ARG... - run apt-get in the root DIR, entered with IN (lab_in or boot_in).
# Downloaded packages are kept in the cache for other roots.
boot_apt() {
	local in=$1 dir=$2 kept=$LAB_CACHE/debs-$3 archives=$2/var/cache/apt/archives deb part rc=0
	shift 3
	mkdir -p "$kept" "$archives"
	find "$kept" -name '*.deb' -mtime +30 -delete
	# hard links, if both are on one file system
	cp -ln "$kept"/*.deb "$archives/" 2>/dev/null || cp -n "$kept"/*.deb "$archives/" 2>/dev/null || :
	"$in" "$dir" eatmydata apt-get -y -o Acquire::Languages=none -o Acquire::Retries=3 \
		-o Acquire::Check-Valid-Until=false -o APT::Install-Recommends=false \
		-o APT::Keep-Downloaded-Packages=true -o Dpkg::Use-Pty=0 \
		-o Dpkg::Options::=--force-confdef "$@" || rc=$?
	for deb in "$archives"/*.deb; do
		if [ -e "$deb" ] && [ ! -e "$kept/${deb##*/}" ]; then
			# by rename, because another test may be copying from there
			part=$(mktemp "$kept/.part-XXXXXX")
			cp "$deb" "$part" && chmod 644 "$part" && mv "$part" "$kept/${deb##*/}"
		fi
	done
	rm -f "$archives"/*.deb
	return "$rc"
}

# boot_configure DIR - make the root of a mounted image bootable: fstab, settings of GRUB, a serial
# console, root without a password, the report.
boot_configure() {
	local dir=$1 uuid
	uuid=$(blkid -p -s UUID -o value "$(findmnt -n -o SOURCE --mountpoint "$dir")")
	echo "UUID=$uuid / ext4 defaults,noatime 0 1" >"$dir/etc/fstab"
	echo pvscsi-guest >"$dir/etc/hostname"
	sed -i 's/^root:[^:]*:/root::/' "$dir/etc/shadow"
	# set it now, or systemd treats each boot of a new image as the first one
	echo 0123456789abcdef0123456789abcdef >"$dir/etc/machine-id"
	cat >"$dir/etc/default/grub" <<-'END'
		GRUB_DEFAULT=0
		GRUB_TIMEOUT=1
		GRUB_DISABLE_OS_PROBER=true
		GRUB_TERMINAL="serial"
		GRUB_SERIAL_COMMAND="serial --unit=0 --speed=115200"
		GRUB_CMDLINE_LINUX="console=ttyS0 mitigations=off oops=panic panic=1"
	END
	local unit
	for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer \
		e2scrub_all.timer e2scrub_reap.service fstrim.timer systemd-networkd.service \
		systemd-timesyncd.service systemd-binfmt.service systemd-hwdb-update.service \
		systemd-update-utmp.service systemd-journal-catalog-update.service \
		ldconfig.service systemd-sysusers.service systemd-update-done.service \
		dkms.service getty@tty1.service; do
		ln -sf /dev/null "$dir/etc/systemd/system/$unit"
	done
	mkdir -p "$dir/usr/local/sbin" "$dir/etc/systemd/system/multi-user.target.wants"
	cat >"$dir/etc/systemd/system/pvscsi-report.service" <<-'END'
		[Unit]
		Description=Report on the driver under the root disk
		# a login prompt hangs up the line
		Before=serial-getty@ttyS0.service
		[Service]
		Type=oneshot
		ExecStart=/usr/local/sbin/pvscsi-report
	END
	ln -sf ../pvscsi-report.service \
		"$dir/etc/systemd/system/multi-user.target.wants/pvscsi-report.service"
	boot_report_script >"$dir/usr/local/sbin/pvscsi-report"
	chmod 755 "$dir/usr/local/sbin/pvscsi-report"
}

# boot_report_only DIR - have GRUB in the root of a mounted image start the report alone, at once.
boot_report_only() {
	sed -i 's,^GRUB_CMDLINE_LINUX=",&init=/usr/local/sbin/pvscsi-report ,
		s/^GRUB_TIMEOUT=.*/GRUB_TIMEOUT=0/' "$1/etc/default/grub"
}

# boot_report_script - print the script that the guest runs at boot. It prints facts, one
# "pvscsi-report: NAME VALUE" per line; the host judges them.
boot_report_script() {
	cat <<-'END'
		#!/bin/bash
		[ "$(cat /sys/class/dmi/id/product_serial)" = pvscsi-report ] || exit 0
		exec >/dev/ttyS0 2>&1
		end() {
			[ $$ = 1 ] || exec systemctl --no-block poweroff
			sync
			mount -o remount,ro /
			echo o >/proc/sysrq-trigger
			# (use a builtin: the disk is about to disappear)
			while :; do read -r -t 60 _; done </dev/ttyS0
		}
		trap end EXIT
		if [ $$ = 1 ]; then
			mount -o remount,rw /
			# (usually init creates this link; bash's <(...), and so dkms, needs it)
			[ -e /dev/fd ] || ln -s /proc/self/fd /dev/fd
		fi
		fact() { printf '\rpvscsi-report: %s %s\r\n' "$1" "$2"; }

		fact kernel "$(uname -r)"

		# from the root file system's block device (through LVM and LUKS) up to the PCI device
		node=$(readlink -f "/sys/dev/block/$(mountpoint -d /)")
		while below=$(readlink -e "$node"/slaves/*) && [ -n "$below" ]; do node=${below%%$'\n'*}; done
		fact root "$(findmnt -n -o SOURCE /)"
		fact disk "/dev/${node##*/}"
		while [ "$node" != /sys ] &&
			[ "$(basename "$(readlink -f "$node/subsystem")")" != pci ]; do
			node=$(dirname "$node")
		done
		fact path "$node"
		fact pci "$(cat "$node/vendor") $(cat "$node/device")"
		fact driver "$(basename "$(readlink -f "$node/driver")")"
		module=$(readlink -f "$node/driver/module")
		fact module "${module##*/}"
		fact version "$(cat "$module/version" 2>/dev/null)"
		fact srcversion "$(cat "$module/srcversion" 2>/dev/null)"
		fact file "$(modinfo -F filename "${module##*/}")"

		# Write data to the disk and compare the disk with the page cache. (drop_caches is no
		# alternative: it also drops ext4's buddy bitmaps, and then Debian's 6.1.0-55
		# crashes in the rm below.)
		file=/var/tmp/pvscsi-report.data
		head -c 4194304 /dev/urandom >"$file"
		sync
		sectors() { awk '{ print $3 }' "/sys/dev/block/$(mountpoint -d /)/stat"; }
		before=$(sectors)
		if cmp "$file" <(dd if="$file" bs=1M iflag=direct status=none); then
			fact data "same ($(($(sectors) - before)) sectors read)"
		else
			fact data different
		fi
		rm -f "$file"
		[ ! -x /usr/local/sbin/pvscsi-more ] || /usr/local/sbin/pvscsi-more
		fact end "after $(cut -d' ' -f1 /proc/uptime) s"
	END
}

# boot_loader IMAGE DIR - install GRUB into IMAGE, whose root is mounted on DIR. This installs the
# files of grub-install, which does not work on a loop device without partitions.
boot_loader() {
	local image=$1 dir=$2
	mkdir -p "$dir/boot/grub/i386-pc"
	cp "$dir"/usr/lib/grub/i386-pc/*.mod "$dir"/usr/lib/grub/i386-pc/*.lst \
		"$dir/boot/grub/i386-pc/"
	boot_in "$dir" grub-mkimage -O i386-pc -p '(hd0,msdos1)/boot/grub' \
		-o /boot/grub/i386-pc/core.img biosdisk part_msdos ext2
	dd if="$dir/usr/lib/grub/i386-pc/boot.img" of="$image" bs=440 count=1 \
		conv=notrunc status=none
	dd if="$dir/boot/grub/i386-pc/core.img" of="$image" bs=512 seek=1 \
		conv=notrunc status=none
	boot_in "$dir" update-grub
}

# boot_loader_efi IMAGE DIR - install shim and GRUB, as signed by Debian, into the EFI system
# partition of IMAGE, whose root is mounted on DIR. These are the files of grub-install --removable,
# which would have to mount the partition.
boot_loader_efi() {
	local image=$1 dir=$2 esp uuid shim=$2/usr/lib/shim file
	esp=$(boot_esp "$image")
	uuid=$(blkid -p -s UUID -o value "$(findmnt -n -o SOURCE --mountpoint "$dir")")
	# Under Secure Boot, GRUB has only its built-in modules, so it uses the firmware's console,
	# which is the serial line. Installing grub-efi-amd64 added "quiet", which hides messages
	# that tests look for.
	sed -i 's/^GRUB_TERMINAL=.*/GRUB_TERMINAL=console/
		/^GRUB_SERIAL_COMMAND=/d; /^GRUB_CMDLINE_LINUX_DEFAULT=/d' "$dir/etc/default/grub"
	file=$(mktemp)
	cat >"$file" <<-END
		search.fs_uuid $uuid root
		set prefix=(\$root)'/boot/grub'
		configfile \$prefix/grub.cfg
	END
	mmd -i "$esp" ::EFI ::EFI/BOOT ::EFI/debian
	mcopy -i "$esp" "$file" ::EFI/debian/grub.cfg
	rm -f "$file"
	mcopy -i "$esp" "$shim/shimx64.efi.signed" ::EFI/BOOT/BOOTX64.EFI
	mcopy -i "$esp" "$shim/mmx64.efi.signed" ::EFI/BOOT/mmx64.efi
	mcopy -i "$esp" "$dir/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed" \
		::EFI/BOOT/grubx64.efi
	mkdir -p "$dir/boot/grub/x86_64-efi"
	cp "$dir"/usr/lib/grub/x86_64-efi/*.mod "$dir"/usr/lib/grub/x86_64-efi/*.lst \
		"$dir/boot/grub/x86_64-efi/"
	boot_in "$dir" update-grub
}

# boot_command IMAGE - print the QEMU command that boots IMAGE from a PVSCSI disk, without its
# serial port. BOOT_CONTROLLER=virtio selects virtio-blk, for a machine that is converted to PVSCSI.
# It uses TCG, because KVM may not work even if /dev/kvm exists, and then the guest hangs in the
# firmware. It has one CPU: with two, a guest once crashed with an int3, because TCG executed the
# breakpoint of a kernel code patch that was already complete.
boot_command() {
	printf '%s' "qemu-system-x86_64 -accel tcg -cpu max -m 1024" \
		" -nodefaults -display none -no-reboot" \
		" -drive if=none,id=disk,format=raw,cache=unsafe,file=$1"
	case ${BOOT_CONTROLLER:-pvscsi} in
	pvscsi) printf '%s' " -device pvscsi,id=pvscsi0 -device scsi-hd,bus=pvscsi0.0,drive=disk" ;;
	virtio) printf '%s' " -device virtio-blk-pci,drive=disk" ;;
	esac
}

# boot_run IMAGE LOG SECONDS [ARGUMENT...] - boot IMAGE and wait until it powers off. The serial
# console goes to LOG. ARGUMENTs are for QEMU, for example a kernel to boot instead of GRUB. Fails,
# with a message, if QEMU fails or the time is exceeded.
boot_run() {
	local image=$1 log=$2 limit=$3 command firmware=() rc=0
	shift 3
	read -ra command < <(boot_command "$image"; echo)
	# (with fresh firmware variables, so that it boots what it finds on the disk)
	[ "$BOOT_LOADER" = grub ] ||
		mapfile -t firmware < <(rm -f "$log.variables" && firmware_arguments "$log.variables")
	timeout "$limit" "${command[@]}" -serial "file:$log" \
		-smbios type=1,serial=pvscsi-report ${firmware[@]+"${firmware[@]}"} "$@" \
		</dev/null || rc=$?
	rm -f "$log.variables"
	if [ "$rc" = 124 ]; then
		echo "the guest did not power off within $limit s; its console: $log" >&2
	elif [ "$rc" != 0 ]; then
		echo "QEMU failed with status $rc; the guest's console: $log" >&2
	fi
	return "$rc"
}

# boot_fact LOG NAME - print the value that the guest reported for NAME.
boot_fact() { sed -n "s/^.*pvscsi-report: $2 \(.*\)\$/\1/p" "$1" | tr -d '\r' | tail -n 1; }

# boot_judge LOG KERNEL VERSION SRCVERSION FOLDER - fail unless the guest ran KERNEL from a disk
# attached to vmw_pvscsi with that version and srcversion, from a module file in FOLDER, with intact
# data and a clean kernel log. Prints each mismatch.
boot_judge() {
	local log=$1 rc=0 what want got
	while read -r what want; do
		got=$(boot_fact "$log" "$what")
		# shellcheck disable=SC2053 # a pattern
		if [[ $got != $want ]]; then
			echo "$what is '$got', expected '$want'" >&2
			rc=1
		fi
	done <<-END
		kernel $2
		pci 0x15ad 0x07c0
		driver vmw_pvscsi
		module vmw_pvscsi
		version $3
		srcversion $4
		file *$5*
		data same*
		end ?*
	END
	if grep -aE "$complaints" "$log" |
		grep -avF 'pvscsi-dkms: WARNING:' >&2; then
		echo "the kernel complained (above)" >&2
		rc=1
	fi
	[ "$rc" = 0 ] || echo "the guest's console: $log" >&2
	return "$rc"
}
