# shellcheck shell=bash
# esp.sh - boot loaders that read copies of kernel and initramfs. Debian's hooks for systemd-boot
# put both on the EFI system partition, as files with an entry (BOOT_LOADER=sdboot) or as one
# unified kernel image (BOOT_LOADER=uki), which ukify makes, or dracut if UKI_BY is dracut. Source
# this file after common.sh, disk-guest.sh and firmware.sh.
#
# The host's kernel may not support vfat. So boot/efi is a tmpfs of the partition's size where the
# root of an image is mounted. boot_mount copies the partition's files into it, boot_umount copies
# them back. A guest mounts the partition itself.

# esp_packages - print the packages that a guest needs in addition to BOOT_PACKAGES.
# (systemd-boot-efi contains the stub of each UKI; no package depends on it.)
esp_packages() {
	echo systemd-boot systemd-boot-efi
	[ "$BOOT_LOADER" != uki ] || echo systemd-ukify
}

# esp_need - install what the host needs in addition to boot_need.
esp_need() {
	lab_need mtools binutils
	firmware_make
}

# esp_open IMAGE DIR - mount the files of its EFI system partition on DIR/boot/efi.
esp_open() {
	local esp
	esp=$(boot_esp "$1")
	mkdir -p "$2/boot/efi"
	mount -t tmpfs -o "size=${BOOT_ESP_MB}m,mode=700" tmpfs "$2/boot/efi"
	[ -z "$(mdir -b -i "$esp" ::)" ] || mcopy -s -n -i "$esp" '::*' "$2/boot/efi/"
}

# esp_close DIR - unmount boot/efi; its files go into the image whose root is mounted on DIR.
esp_close() {
	local dir=$1 image esp
	image=$(findmnt -n -o SOURCE --mountpoint "$dir")
	image=$(cat "/sys/block/${image##*/}/loop/backing_file")
	esp=$(boot_esp "$image")
	boot_format_esp "$image"
	[ -z "$(ls -A "$dir/boot/efi")" ] || mcopy -s -i "$esp" "$dir"/boot/efi/* ::
	umount "$dir/boot/efi"
}

# esp_configure DIR ARGUMENTS - have the root of a mounted image boot through BOOT_LOADER with these
# kernel arguments. The packages of esp_packages, installed afterwards, do the rest.
esp_configure() {
	local dir=$1 uuid
	uuid=$(blkid -p -s UUID -o value "$(findmnt -n -o SOURCE --mountpoint "$dir")")
	echo "UUID=$BOOT_ESP_UUID /boot/efi vfat umask=0077,nofail 0 1" >>"$dir/etc/fstab"
	mkdir -p "$dir/etc/kernel"
	echo "root=UUID=$uuid ro $2" >"$dir/etc/kernel/cmdline"
	[ "$BOOT_LOADER" != uki ] || printf '%s\n' layout=uki "uki_generator=${UKI_BY:-ukify}" >"$dir/etc/kernel/install.conf"
}

# esp_images DIR KERNEL - print the path in DIR of each initramfs that the boot loader reads for
# KERNEL. Fails, with a message, unless exactly one entry starts this kernel.
esp_images() {
	local dir=$1 kernel=$2 at=0 file
	case $BOOT_LOADER in
	sdboot)
		for file in "$dir"/boot/efi/loader/entries/*.conf; do
			[ "$(awk '$1 == "version" { print $2 }' "$file" 2>/dev/null)" = "$kernel" ] || continue
			at=$((at + 1))
			cmp "$dir/boot/efi$(awk '$1 == "linux" { print $2 }' "$file")" \
				"$dir/boot/vmlinuz-$kernel" >&2 || return 1
			awk '$1 == "initrd" { print "/boot/efi" $2 }' "$file"
		done
		;;
	uki)
		for file in "$dir"/boot/efi/EFI/Linux/*.efi; do
			# (dracut writes no .uname)
			[[ $(esp_section "$file" .uname) = "$kernel" ]] ||
				[[ -z $(esp_section "$file" .uname) && $file = *-"$kernel".efi ]] || continue
			at=$((at + 1))
			cmp -n "$(stat -c %s "$dir/boot/vmlinuz-$kernel")" <(esp_section "$file" .linux) \
				"$dir/boot/vmlinuz-$kernel" >&2 || return 1
			esp_section "$file" .initrd >"$dir/var/tmp/initrd-of-uki"
			echo /var/tmp/initrd-of-uki
		done
		;;
	esac
	[ "$at" = 1 ] || {
		echo "the boot loader has $at entries of $kernel" >&2
		return 1
	}
}

# esp_section FILE NAME - print a section of a UKI.
esp_section() {
	local file
	file=$(mktemp)
	objcopy -O binary --only-section="$2" "$1" "$file" && cat "$file"
	rm -f "$file"
}
