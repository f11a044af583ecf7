# shellcheck shell=sh
# shellcheck disable=SC2034,SC3043 # variables of who sources it; and every shell has "local"
# options.sh - find the options of vmw_pvscsi that the in-tree driver understands. It does not load
# with any other option. load, in an initramfs, and the programs on the machine share these rules.
# Only shell builtins are used here, since an initramfs has little else.
#
# A script that sources this must define options_left_out OPTION WHY PART. It is called for an
# option that the driver does not get unchanged. PART, which may be empty, is what the driver gets
# instead.

options_tab='	'
options_quote='"'

# options_unquote TEXT - set options_text to TEXT without the quotes that the kernel removes.
options_unquote() {
	options_text=${1#"$options_quote"}
	options_text=${options_text%"$options_quote"}
}

# options_type NAME - set options_text to the type of the parameter in options_parms. Fails if there
# is no such parameter. (For the kernel - and _ in a name are equal.)
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

# options_is_int TEXT - true if the kernel would accept it as an int.
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

# options_number NAME VALUE - set options_part to NAME=NUMBER, with the number that applies to all
# adapters in a list that also has values for single adapters. (Of several, the last one, as our
# driver does.)
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
		options_why="invalid value, it must be one number for all adapters"
		[ -n "$number" ] || options_why="$options_why; the list has none"
		;;
	*) options_why="invalid value, it must be a number up to 2147483647" ;;
	esac
}

# options_switch NAME VALUE - set options_part for a boolean. The kernel checks only the first
# letters. Only newer kernels accept true and false.
options_switch() {
	case $2 in
	[yYnN01]* | [oO][nNfF]*) options_part=$1=$2 ;;
	[tT]*) options_part=$1=Y options_why="older kernels accept only Y and N" ;;
	[fF]*) options_part=$1=N options_why="older kernels accept only Y and N" ;;
	*) options_why="invalid value, it must be Y or N" ;;
	esac
}

# options_judge OPTION - set options_part to what the driver gets of it. If that differs from
# OPTION, set options_why to the reason.
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
	# options that every module accepts
	dyndbg | async_probe)
		options_part=$1
		return 0
		;;
	esac
	if ! options_type "$name"; then
		options_why="unknown option"
		return 0
	fi
	case $options_text in
	bool | invbool)
		if [ -z "$has_value" ]; then options_part=$1; else options_switch "$name" "$value"; fi
		;;
	int)
		if [ -z "$has_value" ]; then
			options_why="invalid value, it must be a number"
		else
			options_number "$name" "$value"
		fi
		;;
	*) options_part=$1 ;;
	esac
	[ -n "$options_why" ] || options_part=$1
}

# options_next - move the first option of options_rest to options_word. Fails if there is none.
# Blanks between quotes are part of an option.
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

# options_filter PARMS OPTIONS - set options_kept to what a driver with the parameters PARMS
# ("NAME:TYPE ...", as options_parms prints them) gets of OPTIONS. Sets options_changed if that
# differs from OPTIONS. If PARMS is empty (unknown), the driver gets all of them.
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
