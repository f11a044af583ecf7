# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # variables of the other parts
# check-kernel.sh - pvscsictl check for one kernel: its module, its images, signatures.

# build KERNEL - print the command that builds the DKMS driver for it.
build() {
	local _build
	_build=$(to_build)
	if [ -n "$_build" ]; then
		echo "$_build"
	elif [ -n "$(in_dkms)" ] && command -v dkms >/dev/null; then
		echo "dkms install pvscsi/$(in_dkms) -k $1 && $(renew "$1")"
	fi
}
# rebuild KERNEL VERSION - print the command that removes VERSION and builds the driver again.
rebuild() {
	local _build
	_build=$(build "$1")
	[ -z "$_build" ] || echo "dkms remove pvscsi/$2 -k $1; $_build"
}
# in_dkms - print the version that the package installed, not one that a rollback brought back.
# If there are several, the newest.
in_dkms() {
	local _conf _source
	for _conf in /usr/src/pvscsi-*/dkms.conf; do
		_source=${_conf%/*}
		[ ! -e "$_conf" ] || [ -e "$_source/.rolled-back" ] || echo "${_source#*/pvscsi-}"
	done | sort -V | tail -n 1
}

# --- the module ---------------------------------------------------------------

check_no_driver() {
	local _package _text
	_text="it has no vmw_pvscsi driver: it would not boot from a PVSCSI disk"
	if [ -n "$(all_of "$1")" ]; then
		finding error stale-dep "$_text. The driver is installed, but modules.dep does not list it" \
			"depmod $1 && $(renew "$1")"
	elif has_headers "$1" && [ -n "$(in_dkms)" ]; then
		finding error no-driver "$_text. The DKMS driver was not built for it (log: /var/log/pvscsi-dkms)" \
			"$(build "$1")"
	elif [ -n "$(in_dkms)" ] && _package=$(headers_of "$1"); then
		finding error no-driver "$_text. The DKMS driver cannot be built without kernel headers" \
			"$(to_install "$_package")"
	else
		finding error no-driver "$_text" "$(to_restore "$1")"
	fi
}

# depmod_prefers KERNEL - print the vmw_pvscsi that depmod would put into modules.dep now, as a
# path relative to the kernel's folder. (depmod gets a folder with links to the vmw_pvscsi files
# only: with all modules it would take seconds.)
depmod_prefers() {
	local base="$work/depmod" each to
	[ -n "$work" ] || return 0
	rm -rf "$base"
	mkdir -p "$base/usr/lib/modules/$1"
	ln -s usr/lib "$base/lib"
	all_of "$1" | while read -r each; do
		to=$base$each
		mkdir -p "${to%/*}" && ln -s "$each" "$to"
	done
	depmod -n -b "$base" "$1" 2>/dev/null | sed -n 's/^\([^#: ]*\/vmw_pvscsi\.ko[^: ]*\):.*/\1/p'
	rm -rf "$base"
}

# check_preferred KERNEL - check that depmod prefers our driver, and that modules.dep, which
# modprobe reads, is up to date.
check_preferred() {
	local _conf _ours _would
	_would=$(depmod_prefers "$1")
	if [ -n "$_would" ] && [ "/lib/modules/$1/$_would" != "$file" ]; then
		finding warning stale-dep "its modules.dep is out of date: depmod would select $_would" \
			"depmod $1 && $(renew "$1")"
		return
	fi
	# (Debian's dkms installs it in updates/dkms, Fedora's in extra, SUSE's in updates)
	_ours=$(foreign_of "$1" | grep -F -e "/$1/updates/" -e "/$1/extra/" | head -n 1)
	if [ -z "$_ours" ] || [ "$_ours" = "$file" ]; then
		return
	fi
	_conf=$(grep -lE "$override_lines" /etc/depmod.d/*.conf 2>/dev/null | head -n 1)
	if [ -n "$_conf" ]; then
		finding warning not-preferred "the DKMS driver is built, but $_conf selects ${file#/lib/modules/"$1"/}" \
			"pvscsictl fix not-preferred"
	elif ! is_in_tree "$file"; then
		finding warning not-preferred "the DKMS driver is built, but another module takes precedence: ${file#/lib/modules/"$1"/}" \
			"pvscsictl fix not-preferred"
	else
		finding warning not-preferred "the DKMS driver is built, but the search order in /etc/depmod.d prefers ${file#/lib/modules/"$1"/}" \
			"grep -n search /etc/depmod.d/*"
	fi
}
# Lines in depmod.d that choose a vmw_pvscsi.
override_lines='^[[:space:]]*override[[:space:]]+vmw[-_]pvscsi[[:space:]]'

# check_headers KERNEL - report that it has no headers, and whether they are available.
check_headers() {
	local _newer _package _text
	_text="it uses the in-tree driver: the DKMS driver cannot be built without kernel headers"
	if _package=$(headers_of "$1"); then
		finding warning no-headers "$_text" "$(to_install "$_package")"
	else
		_newer=$(newer_kernel "$1")
		finding warning no-headers "$_text, and the package sources have none${_newer:+; a newer kernel has headers}" \
			"$_newer"
	fi
}

# check_module KERNEL - check the module that modprobe would load there. Sets file to its path,
# or to nothing if there is no module to load.
check_module() {
	file=$(loaded_by "$1")
	case $file in
	'')
		check_no_driver "$1"
		return
		;;
	*builtin*)
		finding good builtin "the in-tree driver is built into this kernel: no module can replace it"
		file=
		return
		;;
	esac
	if [ ! -e "$file" ]; then
		finding error stale-dep "its modules.dep names $file, which does not exist: it would not boot from a PVSCSI disk" "depmod $1 && $(renew "$1")"
		file=
		return
	fi
	if ! fits "$file" "$1"; then
		check_misfit "$1"
		return
	fi
	check_preferred "$1"
	check_choice "$1"
}

# check_misfit KERNEL - report that it cannot load the driver in $file.
check_misfit() {
	local _other
	_other=$(field "$file" vermagic | cut -d' ' -f1)
	if [ -n "$_other" ]; then
		finding error vermagic "its driver was built for kernel $_other and cannot be loaded" "$(rebuild "$1" "$(field "$file" version)")"
	elif [ -x /usr/lib/pvscsi-dkms/update-kernels ]; then
		finding error vermagic "its driver is damaged and cannot be loaded: $file" "$(to_build)"
	else
		finding error vermagic "its driver is damaged and cannot be loaded: $file" "rm $file && depmod $1 && $(renew "$1")"
	fi
}

# check_choice KERNEL - check that $file is the expected driver: ours in the installed version,
# or what pvscsictl rollback chose.
check_choice() {
	local _choice _version
	_choice=$(chosen) _version=$(field "$file" version)
	if ! is_in_tree "$file"; then
		if [ "$_choice" = in-tree ] && ! has_own "$1"; then
			finding good ours "it uses the DKMS driver $_version: it has no in-tree driver to roll back to"
		elif [ "${_choice:-$_version}" != "$_version" ]; then
			finding warning not-rolled-back "it uses the DKMS driver $_version, but pvscsictl rollback chose $_choice" \
				"pvscsictl rollback --to $_choice"
		elif [ -z "$_choice" ] && [ -n "$(in_dkms)" ] && [ "$(in_dkms)" != "$_version" ] && has_headers "$1"; then
			finding warning not-built "it still uses the DKMS driver $_version: version $(in_dkms) was not built for it (log: /var/log/pvscsi-dkms)" \
				"$(build "$1")"
		else
			finding good ours "it uses the DKMS driver $_version"
		fi
	elif [ "$_choice" = in-tree ]; then
		finding good own "it uses the in-tree driver $_version, chosen by pvscsictl rollback"
	elif ! has_package; then
		finding good own "it uses the in-tree driver $_version; pvscsi-dkms is not installed"
	elif found "$1" not-preferred stale-dep; then
		:
	elif has_headers "$1"; then
		finding warning not-built "it uses the in-tree driver: the DKMS driver was not built for it (log: /var/log/pvscsi-dkms)" \
			"$(build "$1")"
	else
		check_headers "$1"
	fi
}

# check_options KERNEL - check that the in-tree driver would load with this machine's options.
# The load script in our images drops the options that the in-tree driver does not know.
check_options() {
	local _refused
	_refused=$(options_refused "$1" | sed "s/$tab/: /" | sort -u | tr '\n' ';' | sed 's/;$//; s/;/; /g')
	[ -n "$_refused" ] || return 0
	if ! is_in_tree "$file"; then
		finding good options "the fallback, the in-tree driver, would be loaded without the options that it rejects ($_refused)"
	elif [ -n "$filter" ]; then
		finding warning option-refused "the in-tree driver is loaded without the options that it rejects ($_refused)" \
			"pvscsictl fix option-refused"
	else
		finding error option-refused "the in-tree driver rejects options and does not load ($_refused): the kernel would not boot from a PVSCSI disk" \
			"pvscsictl fix option-refused"
	fi
}

# --- signatures -------------------------------------------------------------------

# has_signer FILE - true if the kernel has the key that this module is signed with. If that is
# dkms's current key, compare its certificate; of any other key only the name is known.
has_signer() {
	local _key
	_key=$(certificate)
	if [ -n "$_key" ] && [ "$(serial "$_key")" = "$(field "$1" sig_key | tr -d :)" ]; then
		is_enrolled "$_key"
	else
		grep -qsF " $(field "$1" signer): " /proc/keys
	fi
}

# check_signature KERNEL - check whether the kernel would accept the module's signature.
check_signature() {
	local _built _level _signer _then _why
	_signer=$(field "$file" signer)
	_why=$(enforced) || {
		[ -z "$_signer" ] || finding good signed "the driver is signed by $_signer"
		return
	}
	# the key of the kernel's in-tree modules is built into the kernel
	if [ -n "$_signer" ] && { [ -n "$(field "$file" intree)" ] || has_signer "$file"; }; then
		finding good signed "the driver is signed by $_signer, and the kernel has the key ($_why)"
		return
	fi
	_level=error
	_then="the kernel would not boot from a PVSCSI disk"
	if [ -n "$fallback" ]; then
		_level=warning
		_then="the kernel would use the in-tree driver"
	fi
	_built=$(field "$file" version)
	if [ -n "$_signer" ]; then
		finding $_level not-enrolled "the driver is signed by $_signer, the key is not enrolled, and $_why: $_then" \
			"mokutil --import $(certificate | grep . || echo /var/lib/dkms/mok.pub)"
	elif [ -n "$(field "$file" intree)" ]; then
		finding $_level unsigned "the driver is not signed, and $_why: $_then" "$(to_restore "$1")"
	else
		finding $_level unsigned "the driver is not signed, and $_why: $_then" \
			"dkms remove pvscsi/$_built -k $1; dkms install pvscsi/$_built -k $1 && $(renew "$1")"
	fi
}

check_kernel() {
	local _fallback _filter _image _images _kind
	check_module "$1"
	[ -n "$file" ] || return 0
	_images=$(boot_images "$1") _fallback=all _filter=all
	while IFS=$tab read -r _kind _image; do
		check_image "$1" "$_kind" "$_image"
		[ -n "$fallback" ] || _fallback=
		[ -n "$filter" ] || _filter=
	done <<-END
		${_images:-initramfs$tab$(image_of "$1")}
	END
	fallback=$_fallback filter=$_filter
	check_options "$1"
	check_signature "$1"
}
