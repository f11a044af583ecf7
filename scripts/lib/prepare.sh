# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # variables of the other parts
# prepare.sh - pvscsictl prepare: make every kernel ready for a root disk on PVSCSI.

# Findings that prevent a change of the controller and that fix.sh can fix.
hindrances='fstab-name crypttab-name resume-name loader-name loader-blacklist loader-image blacklisted
	updates-off option-refused'

# prepare_images - rebuild the initramfs of the kernels that need it, one after the other.
prepare_images() {
	local _kernel
	for _kernel in $kernels; do
		found "$_kernel" no-image bad-image not-in-image no-sd stale-image no-fallback \
			image-name image-blacklist || continue
		step "rebuild the initramfs of kernel $_kernel" || continue
		renew_image "$_kernel" || :
	done
}

# prepare_verdict - print what still prevents a change: errors, names, and what could not be
# examined.
prepare_verdict() {
	local _hindered _status
	_hindered=$(printf '%s' "$findings" | awk -F "$tab" '
		$2 == "error" || $2 == "unknown" || ($2 == "warning" && $3 ~ /-name$/) { print "  " $1 ": " $4 }')
	if [ -z "$_hindered" ]; then
		say "it is safe to change the controller to PVSCSI"
	elif [ "$(worst '')" = unknown ]; then
		say "it is NOT KNOWN whether it is safe to change the controller to PVSCSI:"
		echo "$_hindered"
	else
		say "it is NOT safe to change the controller to PVSCSI:"
		echo "$_hindered"
		_status=2
	fi
}

prepare() {
	local _code
	dry=
	case $#-${1:-} in
	0-) ;;
	1--n | 1---dry-run) dry=1 ;;
	*) wrong_usage ;;
	esac
	begin_change
	look
	# in the machine's settings, since the disk must work when the package is removed, too
	is_told_here || tell_generator
	for _code in $hindrances; do
		! printf '%s' "$findings" | grep -q "$tab$_code$tab" || fix_code "$_code"
	done
	# (check the images again: their copies of the edited files may be out of date now)
	[ -n "$dry" ] || look
	[ -n "$images" ] || prepare_images
	finish_fixes
	end prepare_verdict
}
