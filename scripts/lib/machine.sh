# shellcheck shell=sh
# machine.sh - locations and names on this machine. Used by pvscsictl(8), scripts/install,
# /usr/lib/pvscsi-dkms/update-kernels and the hooks of the initramfs generators.

# attribute FILE - print its first line, or a dash if there is none.
attribute() {
	local _line
	_line=
	{ read -r _line <"$1"; } 2>/dev/null
	printf '%s\n' "${_line:--}" # (echo of some shells would interpret backslashes)
}

# --- adapters -----------------------------------------------------------------

# addresses - print the PCI addresses of the PVSCSI adapters, one per line.
addresses() {
	local _dir
	for _dir in /sys/bus/pci/devices/*; do
		! is_adapter "$_dir" || echo "${_dir##*/}"
	done
}
# is_adapter DIR - true if this folder in sysfs is a PVSCSI adapter.
is_adapter() { [ "$(attribute "$1/vendor") $(attribute "$1/device")" = '0x15ad 0x07c0' ]; }

# --- packages -----------------------------------------------------------------

# family - print the family of this machine's distribution: debian, redhat, suse, arch, or nothing.
family() {
	local _id
	(
		ID='' ID_LIKE=''
		# shellcheck source=/dev/null
		. /etc/os-release 2>/dev/null
		for _id in $ID $ID_LIKE; do
			case $_id in
			debian | ubuntu) echo debian ;;
			fedora | rhel | centos) echo redhat ;;
			suse | opensuse* | sles) echo suse ;;
			arch) echo arch ;;
			*) continue ;;
			esac
			break
		done
	)
}

# --- kernels, and their initramfs ---------------------------------------------

# is_kernel KERNEL - true if it can be booted. A removed kernel may leave its folder behind.
# (On Debian a vmlinuz in that folder may be left behind as well.)
is_kernel() {
	[ ! -e "/boot/vmlinuz-$1" ] || return 0
	[ -e "/lib/modules/$1/vmlinuz" ] && [ "$(family)" != debian ]
}
# kernels - print the installed kernels, oldest first.
kernels() {
	local _dir
	for _dir in /lib/modules/*; do
		! is_kernel "${_dir##*/}" || echo "${_dir##*/}"
	done | sort -V
}

# image_of KERNEL - print the path of its initramfs, as Debian, Fedora or SUSE names it. The file
# may be missing.
image_of() {
	local _name
	for _name in "initrd.img-$1" "initramfs-$1.img" "initrd-$1"; do
		[ ! -e "/boot/$_name" ] || { echo "/boot/$_name"; return 0; }
	done
	case $(family) in
	redhat) echo "/boot/initramfs-$1.img" ;;
	suse) echo "/boot/initrd-$1" ;;
	*) echo "/boot/initrd.img-$1" ;;
	esac
}
# images - print every initramfs in /boot, including those of removed kernels.
images() {
	local _image
	for _image in /boot/initrd.img-* /boot/initramfs-*.img /boot/initrd-*; do
		[ ! -f "$_image" ] || echo "$_image"
	done
}

# generator - print which program makes the initramfs here. A mkinitramfs alone proves nothing: a
# part of initramfs-tools may remain beside dracut, and dracut may install an update-initramfs.
generator() {
	if grep -qs '^[^#]*mkinitramfs' "$(command -v update-initramfs)"; then
		echo initramfs-tools
	elif command -v dracut >/dev/null; then
		echo dracut
	fi
}

# is_told_here - true if the machine's generator settings, which stay when the package is removed,
# name the two modules that a PVSCSI disk needs.
is_told_here() {
	if [ "$(generator)" != dracut ]; then
		grep -qx vmw_pvscsi /etc/initramfs-tools/modules && grep -qx sd_mod /etc/initramfs-tools/modules
	else
		names_modules /etc/dracut.conf.d/*.conf /etc/dracut.conf
	fi 2>/dev/null
}
names_modules() { grep -qsE '^[^#]*add_drivers.* vmw_pvscsi .*sd_mod ' "$@"; }

# is_told - true if the package's hooks or the machine's generator settings add the two modules that
# a PVSCSI disk needs.
is_told() {
	if [ "$(generator)" != dracut ]; then
		[ -x /usr/share/initramfs-tools/hooks/pvscsi ]
	else
		[ -e /usr/lib/dracut/modules.d/90pvscsi/module-setup.sh ]
	fi || is_told_here
}

# Names that change with the controller, as an extended regular expression.
# (Names of LVM, md and dm-crypt volumes do not change.)
# shellcheck disable=SC2034 # for check and fix
disk_names='/dev/((sd|hd|vd|xvd|nvme|dm-|loop)[a-z0-9]+|disk/by-path/[^],"[:space:]]+|disk/by-id/(ata|nvme|scsi|usb|virtio|wwn)-[^],"[:space:]]+)'
# Lines in modprobe.d that forbid the driver.
# shellcheck disable=SC2034 # for check and fix
blacklist_lines='^[[:space:]]*(blacklist|install)[[:space:]]+vmw[-_]pvscsi([[:space:]]|$)'

# --- drivers ------------------------------------------------------------------------

# field FILE NAME - print a modinfo field of a module.
field() { modinfo -F "$2" "$1" 2>/dev/null; }
# loaded_by KERNEL - print the file that modprobe would load there, if any.
loaded_by() { modinfo -k "$1" -F filename vmw_pvscsi 2>/dev/null; }
# identity FILE - print what is equal in two files of the same build.
identity() { echo "$(field "$1" version) $(field "$1" srcversion) $(field "$1" vermagic)"; }
# kind VERSION INTREE - print a name for a driver: ours, or the in-tree one if INTREE is not empty.
kind() {
	case $2 in
	'') echo "the DKMS driver $1" ;;
	*) echo "the in-tree driver $1" ;;
	esac
}

# has_headers KERNEL - true if a module can be built for it.
has_headers() { [ -e "/lib/modules/$1/build/include" ]; }
# is_builtin KERNEL - true if the driver is built into the kernel, so that no module can replace it.
is_builtin() { grep -qs '/vmw_pvscsi\.ko' "/lib/modules/$1/modules.builtin"; }
# fits FILE KERNEL - true if that kernel can load the module. (A truncated file has no vermagic.)
fits() { case $(field "$1" vermagic) in "$2 "*) ;; *) return 1 ;; esac; }
# works_in KERNEL - true if it has a driver that it can load. A name in modules.dep is not enough.
works_in() { is_builtin "$1" || fits "$(loaded_by "$1")" "$1"; }
# installed_in KERNEL - print the versions of our driver that dkms has installed there.
installed_in() {
	dkms status -m pvscsi -k "$1" 2>/dev/null |
		sed -n 's/^pvscsi[/, ]*\([^,]*\),.*: installed.*/\1/p'
}

# is_in_tree FILE - true if that module came with a kernel.
is_in_tree() { [ -n "$(field "$1" intree)" ]; }

# all_of KERNEL - print the files of every vmw_pvscsi in its folder.
all_of() { find "/lib/modules/$1/" -name 'vmw_pvscsi.ko*' ! -name '*.origin' 2>/dev/null; }
# foreign_of KERNEL - print those that did not come with the kernel.
foreign_of() {
	local _file
	all_of "$1" | while read -r _file; do
		is_in_tree "$_file" || echo "$_file"
	done
}

# dkms_tree - print the folder with dkms's records.
dkms_tree() {
	local _conf _tree
	# (in a subshell, since its settings are bash code)
	_tree=$(
		dkms_tree=
		for _conf in /etc/dkms/framework.conf /etc/dkms/framework.conf.d/*.conf; do
			# shellcheck source=/dev/null
			[ ! -r "$_conf" ] || . "$_conf"
		done
		echo "$dkms_tree"
	) 2>/dev/null
	echo "${_tree:-/var/lib/dkms}"
}

# saved_of KERNEL - print the file in which dkms has saved the in-tree driver.
saved_of() {
	local _file _tree
	_tree=$(dkms_tree)
	find "$_tree/pvscsi/original_module/$1" "$_tree/vmw_pvscsi/original_module/$1" \
		-name 'vmw_pvscsi.ko*' ! -name '*.origin' 2>/dev/null | while read -r _file; do
		! is_in_tree "$_file" || echo "$_file"
	done | head -n 1
}

# in_tree_of KERNEL - print the file of its in-tree driver in kernel/. Fails if there is none.
in_tree_of() {
	local _file
	for _file in "/lib/modules/$1/kernel/drivers/scsi"/vmw_pvscsi.ko*; do
		case $_file in
		*.ko | *.ko.xz | *.ko.zst | *.ko.gz) [ ! -s "$_file" ] || { echo "$_file" && return; } ;;
		esac
	done
	return 1
}

# own_of KERNEL - print the file of its in-tree driver, in kernel/ or saved by dkms.
own_of() { in_tree_of "$1" || saved_of "$1" | grep .; }
# has_own KERNEL - true if it has an in-tree driver. (Debian's arm64 kernels have none.)
has_own() { is_builtin "$1" || own_of "$1" >/dev/null; }

# restore_in_tree KERNEL - make sure that its in-tree driver is in kernel/. Fails without one.
restore_in_tree() {
	local _new _saved _to
	! in_tree_of "$1" >/dev/null || return 0
	! is_builtin "$1" || return 0
	_saved=$(saved_of "$1") _to=/lib/modules/$1/kernel/drivers/scsi
	[ -n "$_saved" ] && mkdir -p "$_to" || return 1
	# a name that depmod ignores
	_new=$_to/.${_saved##*/}.pvscsictl
	cp -p "$_saved" "$_new" && sync "$_new" && mv "$_new" "$_to/${_saved##*/}"
}

# --- signatures ---------------------------------------------------------------

# enforced - print why this machine's kernel accepts signed modules only. Fails if it accepts
# others. (In a chroot for another machine the running kernel's settings do not apply.)
enforced() {
	local _variable
	[ -d "/lib/modules/$(uname -r)" ] || return 1
	_variable=/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c
	if [ -e $_variable ] && [ "$(od -An -tu1 -j4 -N1 $_variable | tr -d ' ')" = 1 ]; then
		echo "Secure Boot is on"
	elif [ "$(attribute /sys/module/module/parameters/sig_enforce)" = Y ]; then
		echo "module.sig_enforce is on"
	else
		case $(attribute /sys/kernel/security/lockdown) in
		*'[integrity]'* | *'[confidentiality]'*) echo "the kernel is locked down" ;;
		*) return 1 ;;
		esac
	fi
}

# certificate - print the file with the certificate of dkms's signing key, if it exists.
certificate() {
	local _conf _file
	(
		mok_certificate=
		for _conf in /etc/dkms/framework.conf /etc/dkms/framework.conf.d/*.conf; do
			# shellcheck source=/dev/null
			[ ! -r "$_conf" ] || . "$_conf"
		done
		for _file in "$mok_certificate" /var/lib/shim-signed/mok/MOK.der /var/lib/dkms/mok.pub; do
			[ ! -s "$_file" ] || { echo "$_file"; break; }
		done
	) 2>/dev/null
}

# is_enrolled CERTIFICATE - true if this machine's kernel trusts its key. Asks the firmware, through
# mokutil; if that gives no answer or is missing, looks in the kernel's list of keys.
is_enrolled() {
	local _id
	case $(mokutil --test-key "$1" 2>/dev/null) in
	*'already enrolled'* | *'already in db'*) return 0 ;;
	*'not enrolled'*) return 1 ;;
	esac
	_id=$(openssl x509 -inform DER -in "$1" -noout -ext subjectKeyIdentifier 2>/dev/null |
		sed -n '2s/[ :]//gp' | tr A-F a-f)
	[ -n "$_id" ] && grep -qs "asymmetri .*: $_id: X509" /proc/keys
}
# serial CERTIFICATE - print its serial number, in the format of modinfo's sig_key without colons.
serial() { openssl x509 -inform DER -in "$1" -noout -serial 2>/dev/null | sed 's/^serial=//'; }
