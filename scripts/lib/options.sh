# shellcheck shell=sh
# shellcheck disable=SC2034,SC3043 # variables of the other part; and every shell has "local"
# options.sh - the options that this machine gives to vmw_pvscsi, in modprobe.d and on the kernel
# command line. An in-tree driver does not load with an option that it refuses: find those options,
# and set them aside before our driver is removed. Source this after machine.sh and loader.sh.
# (initramfs/options.sh has the rules by which a driver accepts an option; an initramfs uses it,
# too.)

_rules=${parts:-/nowhere}/../initramfs/options.sh
[ -r "$_rules" ] || _rules=/usr/lib/pvscsi-dkms/initramfs/options.sh
# shellcheck source=scripts/initramfs/options.sh
[ ! -r "$_rules" ] || . "$_rules"

options_newline='
'
# Characters that end an argument in the boot loader's files.
options_ends=" $(printf '\t')\"'"
options_mark='#pvscsi-dkms#'

options_say() { printf 'pvscsi-dkms: %s\n' "$*"; }
options_warn() { printf 'pvscsi-dkms: %s\n' "$*" >&2; }

# --- what the drivers understand --------------------------------------------------

# options_parms KERNEL - print the parameters of its in-tree driver as "NAME:TYPE ...". Prints
# nothing if it has no in-tree driver.
options_parms() {
	local _file
	_file=$(in_tree_of "$1") || _file=$(saved_of "$1")
	[ -n "$_file" ] || return 0
	modinfo -F parmtype "$_file" 2>/dev/null | tr ' \n' '_ ' | sed 's/ $//'
	echo
}

# options_all_parms - print the different sets of parameters of all kernels, one per line.
options_all_parms() {
	local _kernel
	for _kernel in $(kernels); do
		options_parms "$_kernel"
	done | grep . | sort -u
}

# options_left_out OPTION WHY PART - called for each option that a driver refuses. The driver gets
# PART instead, which may be empty.
options_left_out() {
	options_found=$options_found$options_file$options_tab$options_prefix$1$options_newline
	options_told="$options_told  $options_prefix$1: $2${3:+; accepted: $options_prefix$3}$options_newline"
}

# options_for_all OPTIONS - filter them by each set of parameters in options_sets. Sets options_kept
# to the result, and options_changed if that differs from OPTIONS.
options_for_all() {
	local rest="$options_sets" parms kept="$1" changed=''
	while [ -n "$rest" ]; do
		parms=${rest%%"$options_newline"*}
		rest=${rest#"$parms"}
		rest=${rest#"$options_newline"}
		options_filter "$parms" "$kept"
		kept=$options_kept
		changed=$changed$options_changed
	done
	options_kept=$kept options_changed=$changed
}

# --- files of modprobe.d -------------------------------------------------------------

# options_skip TEXT - set options_text to TEXT without leading blanks.
options_skip() { options_text=${1#"${1%%[! "$options_tab"]*}"}; }

# options_in LINE - set options_text to the options that this line of modprobe.d gives to
# vmw_pvscsi. Fails if it gives none.
options_in() {
	local word
	case $1 in '#'*) return 1 ;; esac
	options_skip "$1"
	word=${options_text%%[ "$options_tab"]*}
	[ "$word" = options ] || return 1
	options_skip "${options_text#"$word"}"
	word=${options_text%%[ "$options_tab"]*}
	case $word in
	vmw_pvscsi | vmw-pvscsi) options_skip "${options_text#"$word"}" ;;
	*) return 1 ;;
	esac
}

# options_aside LINES - add them to options_new as comments. (A continued line is a continued
# comment.)
options_aside() {
	local rest="$1" line=''
	while [ -n "$rest" ]; do
		line=${rest%%"$options_newline"*}
		rest=${rest#"$line"}
		rest=${rest#"$options_newline"}
		options_new="$options_new$options_mark $line$options_newline"
	done
	# if the file ends with a continued line, end the comment
	case $line in *\\) options_new=$options_new$options_newline ;; esac
}

# options_modprobe_line LINES LINE - add to options_new what replaces LINES in the file. modprobe
# reads LINES, with their continuations, as LINE.
options_modprobe_line() {
	if options_in "$2" && options_for_all "$options_text" && [ -n "$options_changed" ]; then
		options_aside "$1"
		[ -z "$options_kept" ] ||
			options_new="$options_new#pvscsi-dkms: the part that the in-tree driver accepts:
options vmw_pvscsi $options_kept$options_newline"
	else
		options_new=$options_new$1
	fi
}

# options_files - print the files in modprobe.d that are effective: of several with the same name,
# the first one.
options_files() {
	local _conf _dir _first
	for _dir in /etc /run /usr/local/lib /usr/lib /lib; do
		for _conf in "$_dir"/modprobe.d/*.conf; do
			[ -f "$_conf" ] || continue
			for _first in /etc /run /usr/local/lib /usr/lib /lib; do
				[ ! -e "$_first/modprobe.d/${_conf##*/}" ] || break
			done
			[ "$_first" != "$_dir" ] || echo "$_conf"
		done
	done
}

# --- files of the boot loader -----------------------------------------------------------

# options_argument WORD REST - set options_part to what replaces the argument WORD, which REST
# follows. An argument with uncommon quoting is not edited: options_by_hand is set.
options_argument() {
	options_prefix=${1%%.*}.
	options_for_all "${1#*.}"
	options_part=$1
	[ -n "$options_changed" ] || return 0
	case $1 in
	*[!A-Za-z0-9_.,:=+-]*)
		options_by_hand=1
		return 0
		;;
	*=)
		case $2 in
		[\"\']*)
			options_by_hand=1
			return 0
			;;
		esac
		;;
	esac
	options_part=${options_kept:+$options_prefix$options_kept}
}

# options_loader_line LINES LINE - add to options_new what replaces LINES in the file.
options_loader_line() {
	local rest="$1" word line=''
	case $2 in
	'#'*) options_new=$options_new$1 && return ;;
	*vmw[-_]pvscsi.*) ;;
	*) options_new=$options_new$1 && return ;;
	esac
	while [ -n "$rest" ]; do
		word=${rest%%[!"$options_ends$options_newline"]*}
		line=$line$word
		rest=${rest#"$word"}
		word=${rest%%["$options_ends$options_newline"]*}
		rest=${rest#"$word"}
		case $word in
		# an assignment without quotes: its value is the argument
		GRUB_*=vmw[-_]pvscsi.*)
			line=$line${word%%=*}=
			word=${word#*=}
			;;
		esac
		case $word in
		vmw[-_]pvscsi.?*)
			options_argument "$word" "$rest"
			word=$options_part
			# if the argument is removed, remove one of the blanks around it
			if [ -z "$word" ]; then
				case $line in
				*[" $options_tab"]) line=${line%?} ;;
				*) rest=${rest#[" $options_tab"]} ;;
				esac
			fi
			;;
		esac
		line=$line$word
	done
	options_prefix=
	options_new=$options_new$line
}

# --- both ---------------------------------------------------------------------------------

# options_look FILE - examine its options for drivers with the parameters in options_sets. Sets
# options_found, options_told and options_by_hand to what they would refuse, and options_new to the
# new content of the file.
options_look() {
	local line end more=1 lines='' joined='' handler=options_loader_line
	case $1 in */modprobe.d/*) handler=options_modprobe_line ;; esac
	options_file=$1 options_prefix='' options_found='' options_told='' options_by_hand='' options_new=''
	while [ -n "$more" ]; do
		end=$options_newline
		IFS= read -r line || more='' end=''
		[ -n "$line$end" ] || break
		lines=$lines$line$end
		case $line$end in
		*\\"$options_newline")
			joined=$joined${line%\\}
			continue
			;;
		esac
		$handler "$lines" "$joined$line"
		lines='' joined=''
	done <"$1"
	[ -z "$lines" ] || $handler "$lines" "$joined"
}

options_print() {
	local _given
	command -v options_filter >/dev/null || return 0
	{
		options_files
		loader_sources
	} | while IFS= read -r _given; do
		options_look "$_given"
		printf '%s' "$options_found"
	done
}

# options_refused KERNEL - print the options that its in-tree driver would refuse: FILE<tab>OPTION.
options_refused() {
	options_sets=$(options_parms "$1")
	[ -z "$options_sets" ] || options_print
}

# options_write FILE TEXT - replace its content atomically. Its mode and owner stay.
options_write() {
	local file new
	file=$(readlink -f "$1") || return 1
	# a name that the programs which read this folder ignore
	new=${file%/*}/.${file##*/}.pvscsi-new
	rm -f "$new"
	if cp -p "$file" "$new" && printf '%s' "$2" >"$new" && [ "$(cat "$new" && echo .)" = "$2." ]; then
		sync "$new"
		! mv "$new" "$file" || return 0
	fi
	rm -f "$new"
	return 1
} 2>/dev/null

# options_set_aside_in FILE - set aside the refused options in FILE, and say so.
options_set_aside_in() {
	options_look "$1"
	[ -n "$options_found" ] || return 0
	case $1 in
	/usr/lib/* | /lib/*)
		options_warn "WARNING: the in-tree driver rejects these options in $1 and would not load:"
		printf '%s' "$options_told" | sed 's/^/pvscsi-dkms: /' >&2
		options_warn "  The file belongs to a package. Before you reboot, run: cp $1 /etc/modprobe.d/"
		options_warn "  and remove these options from the copy, which takes precedence."
		return 1
		;;
	esac
	if [ -n "$options_by_hand" ] || ! options_write "$1" "$options_new"; then
		options_warn "WARNING: the in-tree driver rejects these options in $1 and would not load:"
		printf '%s' "$options_told" | sed 's/^/pvscsi-dkms: /' >&2
		if [ -n "$options_by_hand" ]; then
			options_warn "  They are quoted and cannot be edited automatically. Remove them by hand before you reboot."
		else
			options_warn "  The file could not be written (no space left?) and is unchanged. Remove them"
			options_warn "  before you reboot."
		fi
		return 1
	fi
	options_say "disabled these options in $1, which the in-tree driver rejects:"
	printf '%s' "$options_told" | sed 's/^/pvscsi-dkms: /'
	case $1 in
	*/modprobe.d/*)
		options_say "  They are comments now. To restore them before you install pvscsi-dkms again:"
		options_say "  sed -i -e '/^#pvscsi-dkms: /{N;d;}' -e 's/^$options_mark //' $1"
		;;
	*)
		options_say "  They were removed. To restore them after you install pvscsi-dkms again, add them to $1."
		;;
	esac
}

# options_renew_menus - rebuild the menus of GRUB that still have refused options.
options_renew_menus() {
	local menu status=0
	for menu in $(menus); do
		options_look "$menu"
		[ -n "$options_found" ] || continue
		options_say "rebuilding $menu"
		renew_menu "$menu" >/dev/null
		options_look "$menu"
		[ -n "$options_found" ] || continue
		options_warn "WARNING: the in-tree driver rejects these options in $menu and would not load:"
		printf '%s' "$options_told" | sort -u | sed 's/^/pvscsi-dkms: /' >&2
		options_warn "  Before you reboot, remove them from GRUB's settings (/etc/default/grub, /etc/grub.d), then:"
		options_warn "  $(menu_maker) -o $menu"
		status=1
	done
	return $status
}

# options_set_aside - before our driver is removed, set aside all options that an in-tree driver
# would refuse. In modprobe.d they become comments, in the boot loader's files they are deleted, and
# GRUB's menu is rebuilt. Says what it did, and how to restore it. Fails if a refused option
# remains. (The files themselves are the only state, so it can be run again after it was killed.)
options_set_aside() {
	local status=0 file
	command -v options_filter >/dev/null || return 0
	options_sets=$(options_all_parms)
	[ -n "$options_sets" ] || return 0
	{
		options_files | grep -v '^/run/'
		loader_sources
	} | {
		while IFS= read -r file; do
			options_set_aside_in "$file" || status=1
		done
		[ $status = 0 ]
	} || status=1
	options_renew_menus || status=1
	return $status
}
