# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # variables of the other parts
# prepare.sh - pvscsictl prepare: make every kernel fit for a root disk on PVSCSI.

# Findings about names, which their own commands mend. What makes the boot loader's files
# and the images anew at the end of those is done here, more carefully.
names='fstab-name crypttab-name resume-name loader-name loader-blacklist blacklisted updates-off'

prepare_names() {
	for _code in $names; do
		grep "^machine${tab}[a-z]*$tab$_code$tab" "$findings"
	done >"$work/names"
	while IFS=$tab read -r _subject _level _code _text _command; do
		[ -n "$_command" ] || {
			warn "$_text"
			continue
		}
		_command=${_command%"$(renew_all)"}
		_command=${_command%"$(regenerate)"}
		_command=${_command% && }
		[ -n "$_command" ] || continue
		step "mend: $_text: $_command" || continue
		sh -c "$_command" </dev/null || warn "that failed"
	done <"$work/names"
}

# prepare_images - those that need it, one after the other.
prepare_images() {
	for _kernel in $kernels; do
		found "$_kernel" no-image bad-image not-in-image no-sd stale-image no-fallback \
			image-name image-blacklist || continue
		step "make the initramfs of kernel $_kernel" || continue
		renew_image "$_kernel" || :
	done
}

# What still stands against a change: errors, names, and what cannot be looked into.
prepare_verdict() {
	_hindered=$(
		awk -F "$tab" '$2 == "error" || ($2 == "warning" && $3 ~ /-name$|^unknown-image$/) { print "  " $1 ": " $4 }' "$findings"
	)
	if [ -z "$_hindered" ]; then
		say "it is safe to change the controller to PVSCSI"
	else
		say "it is NOT safe to change the controller to PVSCSI:"
		echo "$_hindered"
		_status=2
	fi
}

prepare() {
	dry=
	case $#-${1:-} in
	0-) ;;
	1--n | 1---dry-run) dry=1 ;;
	*) wrong_usage ;;
	esac
	begin_change
	look
	# in the machine's own settings: the disk stays when the package goes
	is_told_here || tell_generator
	prepare_names
	# (the images are looked into again: what is in them may not fit those names now)
	[ -n "$dry" ] || look
	prepare_images
	if found machine loader-name loader-blacklist || grep -q "${tab}loader-image$tab" "$findings"; then
		! step "make the boot loader's menu" || renew_loader
	fi
	end prepare_verdict
}
