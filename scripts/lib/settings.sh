# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # variables of the other parts
# settings.sh - change the machine's settings. A script that sources this must define two functions:
# warn prints an error; step announces a change, and returns 1 in a dry run.

# put FILE - replace it atomically by standard input. Its mode and owner stay.
put() {
	local _new
	mkdir -p "${1%/*}"
	# a name that the programs which read this folder ignore
	_new=${1%/*}/.${1##*/}.pvscsictl
	rm -f "$_new"
	if { [ ! -e "$1" ] || cp -p "$1" "$_new"; } && cat >"$_new" && sync "$_new"; then
		mv "$_new" "$1"
	else
		rm -f "$_new"
		warn "$1 could not be written (no space left?) and is unchanged"
		return 1
	fi
}

# tell_generator - configure the generator to add the two modules of a PVSCSI disk to every
# initramfs.
tell_generator() {
	local _conf _module _modules
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
		step "write $_conf with vmw_pvscsi and sd_mod" || return 0
		echo 'add_drivers+=" vmw_pvscsi sd_mod "' | put $_conf
		;;
	*) warn "neither initramfs-tools nor dracut is installed: add vmw_pvscsi and sd_mod to the initramfs by hand" ;;
	esac
}
