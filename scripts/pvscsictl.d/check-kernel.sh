# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # variables of the other parts
# check-kernel.sh - pvscsictl check, of one kernel: its module, its initramfs, signatures.

# renew_all - the command that makes all.
renew_all() {
	if [ "$(generator)" != dracut ]; then
		echo "update-initramfs -u -k all"
	else
		echo "dracut --regenerate-all --force"
	fi
}

# is_told - do the generator's settings name the two modules that a PVSCSI disk takes: the
# package's hooks, or the machine's own?
is_told() {
	if [ "$(generator)" != dracut ]; then
		[ -x /usr/share/initramfs-tools/hooks/pvscsi ]
	else
		names_modules /usr/lib/dracut/dracut.conf.d/*.conf
	fi || is_told_here
}
# include KERNEL - the command that makes its initramfs with them.
include() { if is_told; then renew "$1"; else echo "pvscsictl prepare"; fi; }

# build KERNEL - the command that has our driver built for it.
build() {
	if [ -x /usr/lib/pvscsi-dkms/kernels ]; then
		to_build
	else
		echo "dkms install pvscsi/$(in_dkms) -k $1 && $(renew "$1")"
	fi
}
# rebuild KERNEL VERSION - the command that has it built anew; that VERSION goes.
rebuild() { echo "dkms remove pvscsi/$2 -k $1; $(build "$1")"; }
# in_dkms - the version that was installed with the package, and not by a rollback; the newest
# of several.
in_dkms() {
	for _conf in /usr/src/pvscsi-*/dkms.conf; do
		_source=${_conf%/*}
		[ ! -e "$_conf" ] || [ -e "$_source/.rolled-back" ] || echo "${_source#*/pvscsi-}"
	done | sort -V | tail -n 1
}

# all_of KERNEL - the files of every vmw_pvscsi on its disk.
all_of() { find "/lib/modules/$1/" -name 'vmw_pvscsi.ko*' ! -name '*.origin' 2>/dev/null; }
# foreign_of KERNEL - those of them that did not come with the kernel.
foreign_of() {
	all_of "$1" | while read -r _file; do
		[ -n "$(field "$_file" intree)" ] || echo "$_file"
	done
}

# --- the module ---------------------------------------------------------------

check_no_driver() {
	_text="it has no vmw_pvscsi driver at all"
	if [ -n "$(all_of "$1")" ]; then
		finding error stale-dep "$_text: its modules.dep does not list it" "depmod $1 && $(renew "$1")"
	elif [ -e "/lib/modules/$1/build/include" ] && [ -n "$(in_dkms)" ]; then
		finding error no-driver "$_text" "$(rebuild "$1" "$(in_dkms)")"
	else
		finding error no-driver "$_text" "$(to_restore "$1")"
	fi
}

# check_preferred KERNEL - is ours the one that depmod prefers, and does modules.dep, which
# modprobe reads, say what depmod would?
check_preferred() {
	_would=$(depmod -n "$1" 2>/dev/null | sed -n 's/^\([^#: ]*\/vmw_pvscsi\.ko[^: ]*\):.*/\1/p')
	if [ -n "$_would" ] && [ "/lib/modules/$1/$_would" != "$file" ]; then
		finding warning stale-dep "its modules.dep is out of date: depmod would have it use $_would" \
			"depmod $1 && $(renew "$1")"
		return
	fi
	# (Debian's dkms puts it into updates/dkms, Fedora's into extra, SUSE's into updates)
	_ours=$(foreign_of "$1" | grep -F -e "/$1/updates/" -e "/$1/extra/" | head -n 1)
	if [ -z "$_ours" ] || [ "$_ours" = "$file" ]; then
		return
	fi
	_conf=$(grep -lE '^[[:space:]]*override[[:space:]]+vmw[-_]pvscsi[[:space:]]' /etc/depmod.d/*.conf 2>/dev/null |
		head -n 1)
	if [ -n "$_conf" ]; then
		finding warning not-preferred "our driver is built, but $_conf has it use ${file#/lib/modules/"$1"/}" \
			"sed -i '/^[[:space:]]*override[[:space:]]*vmw[-_]pvscsi[[:space:]]/d' $_conf && depmod $1 && $(renew "$1")"
	elif [ -z "$(field "$file" intree)" ]; then
		finding warning not-preferred "our driver is built, but another one takes its place, ${file#/lib/modules/"$1"/}" \
			"mv $file $file.disabled && depmod $1 && $(renew "$1")"
	else
		finding warning not-preferred "our driver is built, but the search order in /etc/depmod.d prefers ${file#/lib/modules/"$1"/}" \
			"grep -n search /etc/depmod.d/*"
	fi
}

# check_headers KERNEL - it has none: can they be had?
check_headers() {
	_text="it has its own driver: without headers ours cannot be built for it"
	_package=$(headers_of "$1") _newer=
	case $(family) in
	redhat)
		_had=$(dnf -q list "$_package" 2>/dev/null)
		_newer="dnf upgrade kernel-core kernel-devel"
		;;
	debian)
		_had=$(apt-cache policy "$_package" 2>/dev/null | sed -n 's/^ *Candidate: *//p')
		_newer="apt update; apt install linux-image-${1##*-} linux-headers-${1##*-}"
		;;
	*) _had=perhaps ;;
	esac
	case $_had in
	'' | '(none)')
		finding warning no-headers "$_text, and $_package cannot be had here (any more); a newer kernel has some" \
			"$_newer"
		;;
	*) finding warning no-headers "$_text" "$(to_install "$_package")" ;;
	esac
}

# check_module KERNEL - what modprobe would load there; sets file, nothing if there is
# no module to load.
check_module() {
	file=$(loaded_by "$1")
	case $file in
	'')
		check_no_driver "$1"
		return
		;;
	*builtin*)
		finding good builtin "the driver is part of the kernel"
		file=
		return
		;;
	esac
	if [ ! -e "$file" ]; then
		finding error stale-dep "its modules.dep names $file, which is not there" "depmod $1 && $(renew "$1")"
		file=
		return
	fi
	case $(field "$file" vermagic) in
	"$1 "*) ;;
	*)
		finding error vermagic "its driver was built for kernel $(field "$file" vermagic | cut -d' ' -f1)" \
			"$(rebuild "$1" "$(field "$file" version)")"
		;;
	esac
	check_preferred "$1"
	_choice=$(chosen)
	if [ -z "$(field "$file" intree)" ] && [ "${_choice:-$(field "$file" version)}" != "$(field "$file" version)" ]; then
		finding warning not-rolled-back "its driver is pvscsi-dkms $(field "$file" version), though pvscsictl rollback chose $_choice" \
			"pvscsictl rollback --to $_choice"
	elif [ -z "$(field "$file" intree)" ]; then
		finding good ours "its driver is pvscsi-dkms $(field "$file" version)"
	elif [ "$_choice" = in-tree ]; then
		finding good own "its driver is its own, $(field "$file" version), as pvscsictl rollback chose"
	elif ! has_package; then
		finding good own "its driver is its own, $(field "$file" version); pvscsi-dkms is not installed"
	elif found "$1" not-preferred stale-dep; then
		:
	elif [ -e "/lib/modules/$1/build/include" ]; then
		finding warning not-built "it has its own driver: ours is not built for it (a log may be in /var/log/pvscsi-dkms)" \
			"$(build "$1")"
	else
		check_headers "$1"
	fi
}

# --- the initramfs --------------------------------------------------------------

# unpack IMAGE DIR - with whichever of the generators' tools is here.
unpack() {
	mkdir -p "$2"
	if command -v unmkinitramfs >/dev/null; then
		unmkinitramfs "$1" "$2"
	elif command -v lsinitrd >/dev/null; then
		(cd "$2" && lsinitrd --unpack "$1")
	else
		return 127
	fi >/dev/null 2>&1
}

# check_image KERNEL [IMAGE] - is that driver in its initramfs, with what it takes to use
# it? Sets fallback if the kernel's own is in there beside ours.
check_image() {
	image=${2:-$(image_of "$1")} fallback=
	if [ ! -s "$image" ]; then
		finding error no-image "it has no initramfs ($image)" "$(renew "$1")"
		return
	fi
	_dir=$work/image
	rm -rf "$_dir"
	if ! unpack "$image" "$_dir"; then
		if command -v unmkinitramfs >/dev/null || command -v lsinitrd >/dev/null; then
			finding error bad-image "its initramfs cannot be unpacked" "$(renew "$1")"
		else
			case $(family) in
			redhat) _command="dnf reinstall dracut" ;;
			# (which of its packages has it is another one since Debian 13)
			debian) _command="apt install --reinstall $(dpkg -S '*bin/unmkinitramfs' 2>/dev/null |
				sed 's/:.*//;q' | grep . || echo initramfs-tools)" ;;
			*) _command= ;;
			esac
			finding warning unknown-image "nothing is here to look into its initramfs with" "$_command"
		fi
		return
	fi
	check_held "$1"
	check_sd "$1"
	check_image_names "$1"
	rm -rf "$_dir"
}

check_held() {
	# of several, depmod prefers one that is not the kernel's own
	_held=$(find "$_dir" -path "*/modules/$1/*" -name 'vmw_pvscsi.ko*' |
		awk '/\/kernel\// { print "2", $0; next } { print "1", $0 }' | sort | sed -n '1s/^..//p')
	fallback=$(find "$_dir" -path '*/usr/lib/pvscsi/vmw_pvscsi.ko' | head -n 1)
	if [ -z "$_held" ]; then
		finding error not-in-image "its initramfs lacks the driver: it would find no disk" "$(include "$1")"
	elif [ "$(identity "$_held")" != "$(identity "$file")" ]; then
		finding warning stale-image "its initramfs holds another build ($(kind "$(field "$_held" version)" "$(field "$_held" intree)"))" \
			"$(renew "$1")"
	elif [ -n "$(field "$file" intree)" ]; then
		finding good in-image "the same is in its initramfs"
	elif [ -z "$fallback" ]; then
		finding warning no-fallback "its initramfs lacks the kernel's own driver, the fallback" "$(renew "$1")"
	else
		finding good in-image "the same is in its initramfs, and the kernel's own as a fallback"
	fi
	# under enforced signatures one without is of no use
	[ -z "$fallback" ] || fallback=$(field "$fallback" signer)
}

# check_sd KERNEL - the driver of SCSI disks, which an initramfs made for NVMe or virtio
# may do without.
check_sd() {
	case $(modinfo -k "$1" -F filename sd_mod 2>/dev/null) in
	/*) ;;
	*) return ;;
	esac
	[ -n "$(find "$_dir" -path "*/modules/$1/*" -name 'sd_mod.ko*')" ] ||
		finding error no-sd "its initramfs lacks sd_mod, the driver of SCSI disks: it would find no disk" \
			"$(include "$1")"
}

# check_image_names KERNEL - what was copied from /etc when it was made.
check_image_names() {
	_line=$(find "$_dir" -path '*/conf/conf.d/*' -type f | sort | while read -r _conf; do
		grep -hE '^RESUME=' "$_conf"
	done | tail -n 1 | grep -E "=$disk_names\$")
	_tab=$(find "$_dir" \( -path '*/cryptroot/crypttab' -o -path '*/etc/crypttab' \) \
		-exec grep -hE "^[^#[:space:]]+[[:space:]]+$disk_names([[:space:]]|\$)" {} + | head -n 1)
	[ -z "$_line$_tab" ] ||
		finding warning image-name "its initramfs names a disk, ${_line:-$_tab}, which may be another one after a change of controller" \
			"$(renew "$1")"
	if find "$_dir" -path '*/modprobe.d/*' -type f ! -name pvscsi-fallback.conf \
		-exec grep -hE "$blacklist_lines" {} + | grep -q .; then
		finding error image-blacklist "its initramfs forbids the driver (modprobe.d in it)" "$(renew "$1")"
	fi
}

# --- signatures -------------------------------------------------------------------

# has_signer FILE - does the kernel have the key that this module is signed with? If it is the
# one that dkms has now, its certificate tells; of another there is only its name.
has_signer() {
	_key=$(certificate)
	if [ -n "$_key" ] && [ "$(serial "$_key")" = "$(field "$1" sig_key | tr -d :)" ]; then
		is_enrolled "$_key"
	else
		grep -qsF " $(field "$1" signer): " /proc/keys
	fi
}

# check_signature KERNEL - would the kernel take the module?
check_signature() {
	_signer=$(field "$file" signer)
	_why=$(enforced) || {
		[ -z "$_signer" ] || finding good signed "it is signed by $_signer"
		return
	}
	# the kernel's own key is in the kernel
	if [ -n "$_signer" ] && { [ -n "$(field "$file" intree)" ] || has_signer "$file"; }; then
		finding good signed "it is signed by $_signer, whose key the kernel has ($_why)"
		return
	fi
	_level=error
	_then="it would find no disk"
	if [ -n "$fallback" ]; then
		_level=warning
		_then="it would use its own"
	fi
	_built=$(field "$file" version)
	if [ -n "$_signer" ]; then
		finding $_level not-enrolled "its driver is signed by $_signer, whose key is not enrolled, and $_why: $_then" \
			"mokutil --import $(certificate | grep . || echo /var/lib/dkms/mok.pub)"
	elif [ -n "$(field "$file" intree)" ]; then
		finding $_level unsigned "its driver is not signed, and $_why: $_then" "$(to_restore "$1")"
	else
		finding $_level unsigned "its driver is not signed, and $_why: $_then" \
			"dkms remove pvscsi/$_built -k $1; dkms install pvscsi/$_built -k $1 && $(renew "$1")"
	fi
}

check_kernel() {
	check_module "$1"
	[ -n "$file" ] || return 0
	check_image "$1"
	check_signature "$1"
}
