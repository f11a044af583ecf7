# shellcheck shell=sh
# shellcheck disable=SC2034,SC3043 # variables of who sources it; and every shell has "local"
# options.sh - which of the options that are given to vmw_pvscsi does the driver that came with
# the kernel understand? One that it does not keeps it from loading. For load, in an initramfs,
# and for what runs on the machine: nothing but the shell's own words, and one rule for both.
#
# Who sources this defines options_left_out OPTION WHY PART, which tells of an option that the
# driver does not get as it is; PART, which may be empty, is what it gets of it.

options_tab='	'
options_quote='"'

# options_unquote TEXT - into options_text, without the quotes that the kernel takes away.
options_unquote() {
	options_text=${1#"$options_quote"}
	options_text=${options_text%"$options_quote"}
}

# options_type NAME - into options_text, from options_parms; fails if there is no such option.
# (To the kernel - and _ are the same.)
options_type() {
	local name="$1" parm
	while :; do
		case $name in
		*-*) name=${name%%-*}_${name#*-} ;;
		*) break ;;
		esac
	done
	for parm in $options_parms; do
		if [ "${parm%%:*}" = "$name" ]; then
			options_text=${parm#*:}
			return 0
		fi
	done
	return 1
}

# options_is_int TEXT - would the kernel take it for an int?
options_is_int() {
	local digits="${1#[-+]}" zeros
	case $digits in
	0[xX]*)
		digits=${digits#??}
		case $digits in '' | *[!0-9a-fA-F]*) return 1 ;; esac
		zeros=${digits%%[!0]*}
		digits=${digits#"$zeros"}
		case $digits in [8-9a-fA-F]???????) return 1 ;; esac
		[ ${#digits} -le 8 ]
		;;
	0*)
		case $digits in *[!0-7]*) return 1 ;; esac
		zeros=${digits%%[!0]*}
		digits=${digits#"$zeros"}
		case $digits in [!1]??????????) return 1 ;; esac
		[ ${#digits} -le 11 ]
		;;
	'' | *[!0-9]*) return 1 ;;
	*) [ ${#digits} -lt 10 ] || { [ ${#digits} = 10 ] && [ "$digits" -le 2147483647 ]; } ;;
	esac
}

# options_number NAME VALUE - the one that holds for every adapter, of a list for single ones.
# (Of several the last one, as our driver reads it.)
options_number() {
	local rest="$2," part number=''
	if options_is_int "$2"; then
		options_part=$1=$2
		return 0
	fi
	while [ -n "$rest" ]; do
		part=${rest%%,*}
		rest=${rest#*,}
		! options_is_int "$part" || number=$part
	done
	options_part=${number:+$1=$number}
	case $2 in
	*,* | *=*)
		options_why="it takes one number for all adapters"
		[ -n "$number" ] || options_why="$options_why, and here is none"
		;;
	*) options_why="that is no number, or too large a one" ;;
	esac
}

# options_switch NAME VALUE - the kernel looks at the first letters only; at those of true and
# false only newer ones.
options_switch() {
	case $2 in
	[yYnN01]* | [oO][nNfF]*) options_part=$1=$2 ;;
	[tT]*) options_part=$1=Y options_why="older kernels know Y and N only" ;;
	[fF]*) options_part=$1=N options_why="older kernels know Y and N only" ;;
	*) options_why="that is neither Y nor N" ;;
	esac
}

# options_judge OPTION - what the driver gets of it, into options_part; if that is another
# thing, or nothing, options_why says why.
options_judge() {
	local name value='' has_value=''
	options_part='' options_why=''
	options_unquote "$1"
	name=${options_text%%=*}
	case $options_text in
	*=*)
		has_value=1
		options_unquote "${options_text#*=}"
		value=$options_text
		;;
	esac
	case $name in
	# of every module
	dyndbg | async_probe)
		options_part=$1
		return 0
		;;
	esac
	if ! options_type "$name"; then
		options_why="it has no option of that name"
		return 0
	fi
	case $options_text in
	bool | invbool)
		if [ -z "$has_value" ]; then options_part=$1; else options_switch "$name" "$value"; fi
		;;
	int)
		if [ -z "$has_value" ]; then
			options_why="it takes a number"
		else
			options_number "$name" "$value"
		fi
		;;
	*) options_part=$1 ;;
	esac
	[ -n "$options_why" ] || options_part=$1
}

# options_next - move the first option of options_rest to options_word; fails if there is none.
# A blank between quotes belongs to it.
options_next() {
	local part bare
	while :; do
		case $options_rest in
		' '* | "$options_tab"*) options_rest=${options_rest#?} ;;
		'') return 1 ;;
		*) break ;;
		esac
	done
	options_word=
	while :; do
		part=${options_rest%%[ "$options_tab"]*}
		options_word=$options_word$part
		options_rest=${options_rest#"$part"}
		bare=$options_word
		while :; do
			case $bare in
			*"$options_quote"*"$options_quote"*)
				bare=${bare#*"$options_quote"*"$options_quote"}
				;;
			*) break ;;
			esac
		done
		case $bare in *"$options_quote"*) ;; *) return 0 ;; esac
		[ -n "$options_rest" ] || return 0
		part=${options_rest#?}
		options_word=$options_word${options_rest%"$part"}
		options_rest=$part
	done
}

# options_filter PARMS OPTIONS - what the driver with these parameters ("NAME:TYPE ...", as
# options_parms prints them) gets of these, into options_kept; options_changed says whether that
# is another thing than was given. Of a driver of which nothing is known: everything.
options_filter() {
	options_parms=$1 options_rest=$2 options_kept='' options_changed=''
	if [ -z "$1" ]; then
		options_kept=$2
		return 0
	fi
	while options_next; do
		options_judge "$options_word"
		[ -z "$options_part" ] || options_kept=${options_kept:+$options_kept }$options_part
		[ -n "$options_why" ] || continue
		options_changed=1
		options_left_out "$options_word" "$options_why" "$options_part"
	done
}
