# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # variables of the other parts
# rollback.sh - pvscsictl rollback: make every kernel use another driver than the installed one,
# until --undo. The choice is written to a file first. So a kernel that is installed meanwhile, or
# after this command was killed, gets the same driver.

# take_out KERNEL - remove our driver with dkms, and delete what is left if dkms is broken. The
# kernel has another driver.
take_out() {
	local _file _version
	for _version in $(installed_in "$1"); do
		dkms uninstall -m pvscsi -v "$_version" -k "$1" >>"$work/dkms" 2>&1 9>&-
	done
	for _file in $(foreign_of "$1"); do
		rm -f "$_file"
	done
	restore_in_tree "$1"
	depmod "$1"
}

# go_in_tree KERNEL - switch it to its in-tree driver. A kernel without one keeps ours, and the
# package builds ours for it whatever was chosen.
go_in_tree() {
	[ -n "$(foreign_of "$1")" ] || [ -z "$(loaded_by "$1")" ] || return 0
	if ! has_own "$1"; then
		say "kernel $1 has no in-tree driver: it keeps the DKMS driver"
		return 1
	fi
	step "remove the DKMS driver from kernel $1" || return 0
	# restore the other driver before ours is removed
	restore_in_tree "$1" || return 1
	take_out "$1"
}

# bring_source VERSION - copy its source to /usr/src for dkms. A mark tells it from the source that
# the package installed.
bring_source() {
	local _part
	[ ! -e "/usr/src/pvscsi-$1/dkms.conf" ] || return 0
	step "copy the source of DKMS driver $1 to /usr/src" || return 0
	_part=/usr/src/.pvscsi-$1.part
	rm -rf "$_part" "/usr/src/pvscsi-$1"
	if ! cp -a "$kept_sources/pvscsi-$1" "$_part" || ! : >"$_part/.rolled-back" ||
		! mv "$_part" "/usr/src/pvscsi-$1"; then
		die "the source of DKMS driver $1 could not be copied to /usr/src: nothing was changed"
	fi
}

# drop_sources - remove marked sources that no kernel uses. (The package also does this when it is
# removed.)
drop_sources() {
	local _mark _source
	for _mark in /usr/src/pvscsi-*/.rolled-back; do
		[ -e "$_mark" ] || continue
		_source=${_mark%/*}
		! dkms status -m pvscsi -v "${_source#*/pvscsi-}" 2>/dev/null | grep -q ': installed' || continue
		step "remove DKMS driver ${_source#*/pvscsi-} from dkms and /usr/src" || continue
		dkms remove -m pvscsi -v "${_source#*/pvscsi-}" --all >>"$work/dkms" 2>&1 9>&-
		rm -rf "$_source"
	done
}

# build_version KERNEL VERSION - build it, before anything is changed.
build_version() {
	has_headers "$1" || {
		say "kernel $1 has no headers: its driver is unchanged"
		return 0
	}
	step "build DKMS driver $2 for kernel $1" || return 0
	dkms status -m pvscsi -v "$2" -k "$1" 2>/dev/null | grep -qE ': (built|installed)' ||
		dkms build -m pvscsi -v "$2" -k "$1" >"$work/log" 2>&1 9>&- || {
		tail -n 5 "$work/log" >&2
		die "DKMS driver $2 could not be built for kernel $1: nothing was changed"
	}
}

# install_chosen KERNEL VERSION - install it with update-kernels, which knows the choice, and
# restores the previous driver on an error.
install_chosen() {
	if [ -x /usr/lib/pvscsi-dkms/update-kernels ]; then
		env -u DPKG_RUNNING_VERSION PVSCSI_REFRESH_LATER=1 /usr/lib/pvscsi-dkms/update-kernels build "$1"
	else
		dkms install --force -m pvscsi -v "$2" -k "$1" >"$work/log" 2>&1 9>&-
	fi
	[ "$(field "$(loaded_by "$1")" version)" = "$2" ] ||
		warn "DKMS driver $2 could not be installed for kernel $1"
}

# go_version KERNEL VERSION - switch it to this version.
go_version() {
	! installed_in "$1" | grep -qxF "$2" || [ "$(field "$(loaded_by "$1")" version)" != "$2" ] || return 0
	has_headers "$1" || return 0
	step "install DKMS driver $2 for kernel $1" || return 0
	install_chosen "$1" "$2"
}

# previous - print the newest version other than the installed one, or in-tree.
previous() {
	versions | grep -vxF "$(in_dkms)" | tail -n 1 | grep . || echo in-tree
}

# choose WHAT - record the choice for the package's kernel hooks and for dkms.
choose() {
	[ "$(chosen)" != "$1" ] || return 0
	step "write $1 to $switch" || return 0
	echo "$1" | put "$switch"
}

# renew_images - rebuild each initramfs whose driver differs from the one on disk.
renew_images() {
	local _kernel
	[ -n "$dry" ] || look
	for _kernel in $kernels; do
		[ -n "$dry" ] || found "$_kernel" stale-image no-image bad-image not-in-image no-sd no-fallback || continue
		step "rebuild the initramfs of kernel $_kernel" || continue
		renew_image "$_kernel" || :
	done
}

# rollback_undo - return to the installed version.
rollback_undo() {
	local _kernel _newest
	_newest=$(in_dkms)
	[ -n "$_newest" ] || die "pvscsi-dkms is not installed: there is no version to return to"
	if [ -z "$(chosen)" ]; then
		say "no rollback is in effect"
	elif step "remove $switch"; then
		rm -f "$switch"
	fi
	for _kernel in $kernels; do
		[ "$(field "$(loaded_by "$_kernel")" version)" != "$_newest" ] || continue
		has_headers "$_kernel" || continue
		step "install DKMS driver $_newest for kernel $_kernel" || continue
		install_chosen "$_kernel" "$_newest"
	done
	drop_sources
	renew_images
}

# rollback_to WHAT - switch to in-tree, or to a version.
rollback_to() {
	local _kernel
	if [ "$1" != in-tree ]; then
		versions | grep -qxF "$1" ||
			die "driver $1 is not available; available drivers: $(versions | tr '\n' ' ')in-tree"
		command -v dkms >/dev/null || die "dkms is missing, and $1 cannot be built; to use the in-tree driver: pvscsictl rollback --to in-tree"
		bring_source "$1"
		for _kernel in $kernels; do build_version "$_kernel" "$1"; done
	fi
	choose "$1" || die "nothing was changed"
	for _kernel in $kernels; do
		case $1 in
		in-tree) go_in_tree "$_kernel" || : ;;
		*) go_version "$_kernel" "$1" || : ;;
		esac
	done
	is_told || tell_generator
	renew_images
}

rollback_verdict() {
	case $(chosen) in
	'') say "from the next boot on, each kernel uses the installed version if it was built" ;;
	in-tree) say "from the next boot on, each kernel uses its in-tree driver if it has one; to undo: pvscsictl rollback --undo" ;;
	*) say "from the next boot on, DKMS driver $(chosen) is used; to undo: pvscsictl rollback --undo" ;;
	esac
}

rollback() {
	local _to _undo
	dry='' _to='' _undo=
	while [ $# -gt 0 ]; do
		case $1 in
		-n | --dry-run) dry=1 ;;
		--undo) _undo=1 ;;
		--to)
			[ $# -ge 2 ] || wrong_usage
			_to=$2
			shift
			;;
		*) wrong_usage ;;
		esac
		shift
	done
	[ -z "$_undo" ] || [ -z "$_to" ] || wrong_usage
	case $_to in */* | .*) die "invalid version '$_to'" ;; esac
	target=${_to:-$(previous)} undo=$_undo
	begin_change
	look
	if [ -n "$undo" ]; then
		rollback_undo
	else
		rollback_to "$target"
	fi
	end rollback_verdict
}
