# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # variables of the other parts
# settings.sh - change the machine's own settings. Whoever reads it has warn and step: say
# what goes wrong, and what is done (fails if it is only to be said).

# put FILE - replace it by standard input, whole or not at all; its mode and owner stay.
put() {
	mkdir -p "${1%/*}"
	# not a name that the programs which read that folder would take
	_new=${1%/*}/.${1##*/}.pvscsictl
	rm -f "$_new"
	if { [ ! -e "$1" ] || cp -p "$1" "$_new"; } && cat >"$_new" && sync "$_new"; then
		mv "$_new" "$1"
	else
		rm -f "$_new"
		warn "$1 could not be written (no room?): it is as it was"
		return 1
	fi
}

# tell_generator - that every initramfs needs the two modules of a PVSCSI disk.
tell_generator() {
	case $(generator) in
	initramfs-tools)
		_conf=/etc/initramfs-tools/modules
		step "add vmw_pvscsi and sd_mod to $_conf" || return 0
		_modules=$(
			cat $_conf 2>/dev/null
			for _module in vmw_pvscsi sd_mod; do
				grep -qsx $_module $_conf || echo $_module
			done
		)
		printf '%s\n' "$_modules" | put $_conf
		;;
	dracut)
		_conf=/etc/dracut.conf.d/pvscsictl.conf
		step "write $_conf, which adds vmw_pvscsi and sd_mod" || return 0
		echo 'add_drivers+=" vmw_pvscsi sd_mod "' | put $_conf
		;;
	*) warn "neither initramfs-tools nor dracut is installed: which program makes an initramfs here?" ;;
	esac
}
