# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # variables of the other parts
# report.sh - pvscsictl report: information for a bug report, as one text. It contains no
# environment variables, no serial numbers of disks or adapters and no passwords.

# without_secrets - remove values that may be secret from fstab options and kernel arguments.
without_secrets() {
	sed -E 's/(^|[^a-z])((pass(word|wd|phrase)?|credentials|cred|secret|token|user(name)?|key(file)?|rd\.luks\.key|psk)[a-z_]*)=[^,[:space:]"]*/\1\2=(removed)/Ig
		s#(//)[^/@[:space:]]+@#\1(removed)@#g'
}

# section TITLE COMMAND... - print the title and the command's output, including its errors.
section() {
	printf '\n==== %s\n\n' "$1"
	shift
	"$@" </dev/null 2>&1 | awk '{ print } END { if (!NR) print "(nothing)" }'
}

report_packages() {
	if command -v dpkg-query >/dev/null; then
		dpkg-query -W -f '${db:Status-Abbrev} ${Package} ${Version}\n' pvscsi-dkms dkms kmod \
			initramfs-tools dracut mokutil open-vm-tools 'linux-image-*' 'linux-headers-*' 2>/dev/null | grep '^[^u]'
	else
		rpm -q pvscsi-dkms dkms kmod dracut mokutil open-vm-tools kernel-core kernel-devel
	fi
}
report_system() {
	local _file
	uname -srvm
	grep -h '^PRETTY_NAME=' /etc/os-release
	for _file in sys_vendor product_name; do
		attribute "/sys/class/dmi/id/$_file"
	done
	without_secrets </proc/cmdline
}
report_status() { status_text | grep -vE '^  (serial number|node wwn): '; }
report_check() {
	pvscsictl_check=$0
	"$pvscsictl_check" check
	echo "(exit status $?)"
}
report_parameters() { grep -s . /sys/module/vmw_pvscsi/parameters/* /etc/modprobe.d/*pvscsi*; }
report_counters() { grep -s . /sys/bus/pci/drivers/vmw_pvscsi/*/statistics/*; }
report_interrupts() { grep -iE 'CPU|pvscsi' /proc/interrupts; }
# Kernel log lines about the driver, its disks, and modules that were refused.
report_log() {
	dmesg 2>/dev/null | grep -iE 'pvscsi|15ad:07c0|\bsd[a-z]+\b|scsi host|module verification|unavailable key|lockdown|secure boot|I/O error' |
		without_secrets | tail -n 500
}
report_lspci() {
	local _address
	if command -v lspci >/dev/null; then
		lspci -vv -d 15ad:07c0 | grep -vi 'serial number'
		return
	fi
	for _address in $(addresses); do
		echo "-- $_address (lspci is not installed; configuration space)"
		od -Ax -tx1 "/sys/bus/pci/devices/$_address/config"
	done
}
report_dkms() { dkms status; }
report_logs() {
	local _log
	for _log in /var/log/pvscsi-dkms/*.log /var/lib/dkms/pvscsi/*/build/make.log \
		/var/lib/dkms/pvscsi/*/*/*/log/make.log; do
		[ ! -e "$_log" ] || { echo "-- $_log" && tail -n 100 "$_log"; }
	done
}
report_fstab() {
	local _file
	for _file in /etc/fstab /etc/crypttab; do
		[ ! -r "$_file" ] || { echo "-- $_file" && grep -v '^[[:space:]]*#' "$_file" | without_secrets; }
	done
}
report_files() {
	ls -l /boot /boot/grub /boot/efi/EFI/Linux /boot/efi/loader/entries /etc/pvscsi-dkms /etc/initramfs-tools /etc/dracut.conf.d /etc/modprobe.d 2>/dev/null
}
report_blocks() { lsblk -o NAME,TYPE,SIZE,FSTYPE,MOUNTPOINT; }
report_images() {
	local _image _kernel _kind
	kernels=$(kernels)
	for _kernel in $kernels; do
		boot_images "$_kernel" | while IFS=$tab read -r _kind _image; do
			echo "-- $_image"
			[ "$_kind" = initramfs ] || continue
			{ lsinitramfs "$_image" 2>/dev/null || lsinitrd "$_image" 2>/dev/null; } |
				grep -E 'pvscsi|sd_mod|modprobe\.d|conf/conf\.d|crypttab'
		done
	done
}

report_text() {
	cat <<-END
		pvscsictl $version report, $(date -u +%Y-%m-%dT%H:%M:%SZ)

		Content: kernel, distribution, hypervisor, kernel command line; status and check;
		parameters, counters, interrupts and rates; the kernel's log about the driver and its
		disks; the adapters' PCI registers; dkms, its logs, package versions; /etc/fstab and
		/etc/crypttab with their passwords removed; file names in /boot, in each initramfs and
		in /etc where drivers are chosen; disks by size and use. Read it before you send it.
	END
	section system report_system
	section status report_status
	section check report_check
	section parameters report_parameters
	section counters report_counters
	section interrupts report_interrupts
	section rates report_rates
	section "kernel log" report_log
	section lspci report_lspci
	section dkms report_dkms
	section packages report_packages
	section disks report_blocks
	section "mount tables" report_fstab
	section files report_files
	section initramfs report_images
	section "build logs" report_logs
}
report_rates() { (stats 1 2); }

report() {
	local _part
	[ $# -le 1 ] || wrong_usage
	[ "$(id -u)" = 0 ] || die "root is required: sudo pvscsictl report"
	case ${1:-} in
	'')
		report_text
		return
		;;
	-*) wrong_usage ;;
	esac
	[ ! -d "$1" ] || die "$1 is a directory: give the name of a file"
	umask 077
	# (a new, unpredictable name, since another user may have created a link in this folder)
	_part=$(mktemp "$1.XXXXXX") || die "$1 could not be written"
	if ! report_text >"$_part" || ! mv "$_part" "$1"; then
		rm -f "$_part"
		die "$1 could not be written"
	fi
	echo "pvscsictl: the report is in $1; read it before you send it"
}
