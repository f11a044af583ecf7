# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # variables of the other parts
# fix.sh - functions that fix a finding, one per code. pvscsictl fix and prepare call them. Each
# function looks for the cause again and does not parse the text of the finding.

# The codes that have a function here.
fixable='fstab-name crypttab-name resume-name loader-name loader-blacklist loader-image oot-off
	blacklisted updates-off not-preferred option-refused'
# Work that a fix leaves for finish_fixes: images=1 to rebuild the initramfs, menu=1 the menus.
images='' menu=''

# edit FILE SED_ARGUMENT... - edit it with sed, and replace it atomically.
edit() {
	local target="$1"
	shift
	step "edit $target" || return 0
	if ! sed "$@" "$target" >"$work/edited" || is_full "$work"; then
		warn "$target could not be edited and is unchanged"
		return 1
	fi
	put "$target" <"$work/edited"
}

# literal TEXT - escape it for a basic regular expression in sed, with @ as the delimiter.
literal() { printf '%s' "$1" | sed 's/[]\/$*.^[@]/\\&/g'; }

# fix_names CODE - replace names that may change by persistent ones.
fix_names() {
	local _code _conf _device _name _sed _stable
	while IFS=$tab read -r _code _conf _device; do
		[ "$_code" = "$1" ] || continue
		if ! _stable=$(stable "$_device"); then
			[ "$1" = resume-name ] || {
				warn "$_conf names $_device, which does not exist or has no UUID: edit $_conf by hand"
				continue
			}
			_stable=none
		fi
		_name=$(literal "$_device")
		case $1 in
		fstab-name) _sed="s@^\\([[:space:]]*\\)$_name\\([[:space:]]\\)@\\1$_stable\\2@" ;;
		crypttab-name) _sed="s@^\\([[:space:]]*[^#[:space:]]*[[:space:]]*\\)$_name\\([[:space:]]\\|\$\\)@\\1$_stable\\2@" ;;
		resume-name) _sed="s@^\\(RESUME=\"\\{0,1\\}\\)$_name\\(\"\\{0,1\\}\\)\$@\\1$_stable\\2@" ;;
		esac
		edit "$_conf" "$_sed"
		[ "$1" = fstab-name ] || images=1
	done <<-END
		$(disk_uses)
	END
}
fix_fstab_name() { fix_names fstab-name; }
fix_crypttab_name() { fix_names crypttab-name; }
fix_resume_name() { fix_names resume-name; }

# edit_loader PATTERN SED_ARGUMENT... - edit every file with a kernel command line in which an
# argument matches PATTERN.
edit_loader() {
	local pattern="$1" conf
	shift
	while read -r conf; do
		[ -z "$conf" ] || ! arguments "$conf" | grep -Eqx "$pattern" || edit "$conf" "$@"
	done <<-END
		$(loader_sources)
	END
	menu=1
	# (a unified kernel image contains the command line)
	[ -z "$(ukis)" ] || images=1
}

# rename_argument ARGUMENT NEW - replace ARGUMENT by NEW, which may be empty, in all files with a
# kernel command line.
rename_argument() {
	local conf old
	old=$(literal "$1")
	while read -r conf; do
		arguments "$conf" 2>/dev/null | grep -qxF "$1" || continue
		case $1-$conf in
		# remove it: GRUB adds a root argument itself
		root=*-/etc/default/*) edit "$conf" "s@ *\\b$old\\b@@" ;;
		*) edit "$conf" "s@ *\\b$old\\b@${2:+ $2}@" ;;
		esac
	done <<-END
		$(loader_sources)
	END
}

fix_loader_name() {
	local argument new
	for argument in $(all_arguments | grep -Ex "$argument_disks" | sort -u); do
		new=$(stable "${argument#*=}") && new=${argument%%=*}=$new
		if [ -z "$new" ] && [ "${argument%%=*}" = root ]; then
			warn "the kernel command line has $argument, which does not exist or has no UUID: edit it by hand"
		elif command -v grubby >/dev/null; then
			step "run grubby --update-kernel=ALL --remove-args=$argument${new:+ --args=$new}" || continue
			grubby --update-kernel=ALL --remove-args="$argument" ${new:+--args="$new"} || warn "grubby failed"
		else
			rename_argument "$argument" "$new"
		fi
	done
	if grep -qs '^[[:space:]]*GRUB_DISABLE_LINUX_UUID=["]*true' /etc/default/grub; then
		edit /etc/default/grub '/^[[:space:]]*GRUB_DISABLE_LINUX_UUID=/d'
	fi
	menu=1
	[ -z "$(ukis)" ] || images=1
}

fix_oot_off() { edit_loader 'pvscsi\.oot=0' 's@ *\bpvscsi\.oot=0\b@@'; }

fix_loader_blacklist() {
	edit_loader "$argument_blacklists" -E -e 's@ *\b[a-z_.]+blacklist=vmw[-_]pvscsi\b([^,]|$)@\1@' \
		-e 's@(blacklist=)vmw[-_]pvscsi,@\1@' -e 's@(blacklist=[^ "]*),vmw[-_]pvscsi\b@\1@'
}

fix_loader_image() { menu=1; }

fix_blacklisted() {
	local _conf
	while read -r _conf; do
		[ -z "$_conf" ] || edit "$_conf" -E "\\@$blacklist_lines@d"
	done <<-END
		$(blacklists)
	END
	images=1
}

fix_updates_off() { edit "$generator_settings" 's@^\([[:space:]]*update_initramfs=\)no@\1yes@'; }

# fix_not_preferred - remove the overrides and modules that take precedence over our module.
fix_not_preferred() {
	local _conf _file _kernel
	for _kernel in $kernels; do
		found "$_kernel" not-preferred || continue
		while read -r _conf; do
			[ -z "$_conf" ] || edit "$_conf" -E "\\@$override_lines@d"
		done <<-END
			$(grep -lE "$override_lines" /etc/depmod.d/*.conf 2>/dev/null)
		END
		_file=$(loaded_by "$_kernel")
		if foreign_of "$_kernel" | grep -qvxF "$_file" && ! is_in_tree "$_file" &&
			step "rename $_file to ${_file##*/}.disabled"; then
			mv "$_file" "$_file.disabled"
		fi
		! step "run depmod $_kernel" || depmod "$_kernel"
	done
	images=1
}

# fix_option_refused - disable the options that the in-tree driver rejects: those in modprobe.d
# become comments.
fix_option_refused() {
	step "disable the options that the in-tree driver rejects" || return 0
	options_set_aside || failed=1
	images=1
}

# fix_code CODE
fix_code() { "fix_$(echo "$1" | tr - _)"; }

# finish_fixes - rebuild the menus and images that the fixes affect.
finish_fixes() {
	local _kernel
	if [ -n "$menu" ] && [ -n "$(menus)" ] && step "rebuild the GRUB menu"; then
		renew_menus
	fi
	if [ -n "$images" ]; then
		for _kernel in $kernels; do
			! step "rebuild the initramfs of kernel $_kernel" || renew_image "$_kernel" || :
		done
	fi
}

fix() {
	local code
	dry=
	case ${1:-} in
	-n | --dry-run)
		dry=1
		shift
		;;
	esac
	[ $# -gt 0 ] || wrong_usage
	for code; do
		case " $(echo "$fixable" | xargs) " in
		*" $code "*) ;;
		*) die "'$code' cannot be fixed by pvscsictl; codes that can be fixed: $(echo "$fixable" | xargs)" ;;
		esac
	done
	begin_change
	look
	for code; do
		if printf '%s' "$findings" | grep -q "$tab$code$tab"; then
			fix_code "$code"
		else
			say "$code: no such problem was found"
		fi
	done
	finish_fixes
	end :
}
