# shellcheck shell=bash
# firmware.sh - UEFI firmware for guests: Debian's OVMF, with and without Secure Boot, and a driver
# for PVSCSI. Source this file after common.sh and disk-guest.sh.
#
# VMware's firmware reads PVSCSI disks. OVMF does so if it includes PvScsiDxe; Debian's OVMF does
# not. So this file builds that driver from Debian's source and makes it the adapter's option ROM,
# as on real adapters. With Secure Boot the driver must be signed. Its key, like that of a site with
# its own key, is in the firmware's "db", beside Microsoft's keys, which verify Debian's shim.
# Modules may be signed with it, too.

# firmware_make - set FIRMWARE to a directory with OVMF (code.fd, code-secure.fd), its initial
# variables (variables.fd, variables-secure.fd), the driver (pvscsi.rom, pvscsi-secure.rom) and the
# site's key (site.key, with the certificate site.der). Make the directory if it does not exist.
firmware_make() {
	lab_need mtools
	FIRMWARE=$LAB_CACHE/firmware.$(declare -f firmware_build firmware_build_inside |
		sha256sum | cut -c1-8)
	[ -d "$FIRMWARE" ] || lab_lock firmware firmware_build
}

# firmware_build - the part of firmware_make that takes a minute.
firmware_build() {
	local dir=$LAB_BUILD/firmware log=$LAB_BUILD/log/firmware.log
	[ ! -d "$FIRMWARE" ] || return 0 # another test made it meanwhile
	mkdir -p "$LAB_BUILD/log"
	lab_say "building the firmware's driver (log: ${log#"$LAB_TOP"/})"
	lab_chroot "$dir" trixie ca-certificates eatmydata
	lab_sources trixie | sed -n '1s/^deb /deb-src /p' >>"$dir/etc/apt/sources.list"
	declare -f firmware_build_inside >"$dir/root/build"
	{
		boot_apt lab_in "$dir" trixie update -qq
		boot_apt lab_in "$dir" trixie install -qq build-essential nasm uuid-dev python3 \
			dpkg-dev openssl sbsigntool python3-virt-firmware ovmf
		lab_in "$dir" bash -euc '. /root/build; firmware_build_inside'
	} >"$log" 2>&1 || {
		tail -n 20 "$log" >&2
		lab_die "the firmware's driver could not be built (above)"
	}
	rm -rf "$FIRMWARE.part"
	cp -r "$dir/root/firmware" "$FIRMWARE.part"
	mv "$FIRMWARE.part" "$FIRMWARE"
	rm -rf --one-file-system "$dir"
}

# firmware_build_inside - make that directory, /root/firmware, in a Debian with the build tools.
firmware_build_inside() {
	local out=/root/firmware driver=Build/OvmfX64/RELEASE_GCC/X64/PvScsiDxe.efi tool
	local variables=/usr/share/OVMF/OVMF_VARS_4M
	mkdir -p $out /root/edk2
	cd /root/edk2 || return
	apt-get source --tar-only edk2
	tar --strip-components=1 -xf edk2_*.orig.tar.xz
	for tool in Common GenFw EfiRom; do
		make -C BaseTools/Source/C/$tool
	done
	(
		set +eu # edksetup.sh fails with either
		export PYTHON_COMMAND=python3
		# shellcheck source=/dev/null
		. ./edksetup.sh BaseTools
		build -a X64 -t GCC -b RELEASE -p OvmfPkg/OvmfPkgX64.dsc -D PVSCSI_ENABLE=TRUE \
			-m OvmfPkg/PvScsiDxe/PvScsiDxe.inf
	)
	openssl req -new -x509 -nodes -days 3650 -newkey rsa:2048 -subj "/CN=pvscsi-lab site" \
		-addext extendedKeyUsage=codeSigning -keyout $out/site.key -out site.pem
	openssl x509 -in site.pem -outform DER -out $out/site.der
	sbsign --key $out/site.key --cert site.pem --output signed.efi $driver
	BaseTools/Source/C/bin/EfiRom -f 0x15ad -i 0x07c0 -e $driver -o $out/pvscsi.rom
	BaseTools/Source/C/bin/EfiRom -f 0x15ad -i 0x07c0 -e signed.efi -o $out/pvscsi-secure.rom
	cp /usr/share/OVMF/OVMF_CODE_4M.fd $out/code.fd
	cp /usr/share/OVMF/OVMF_CODE_4M.ms.fd $out/code-secure.fd
	cp $variables.fd $out/variables.fd
	virt-fw-vars --input $variables.ms.fd --output $out/variables-secure.fd \
		--add-db 5d9d6ad1-4bd7-4c51-a1b7-5b7f4c9b7f3a site.pem
}

# firmware_arguments VARIABLES [secure] - print the arguments for QEMU, one per line, that boot
# through UEFI (with Secure Boot). The file VARIABLES stores the firmware's variables; it is created
# if it does not exist.
firmware_arguments() {
	local kind=${2:+-$2}
	[ -e "$1" ] || cp "$FIRMWARE/variables$kind.fd" "$1"
	printf '%s\n' -machine q35,smm=on -global driver=cfi.pflash01,property=secure,value=on \
		-drive "if=pflash,unit=0,format=raw,readonly=on,file=$FIRMWARE/code$kind.fd" \
		-drive "if=pflash,unit=1,format=raw,file=$1" \
		-global "pvscsi.romfile=$FIRMWARE/pvscsi$kind.rom"
}
