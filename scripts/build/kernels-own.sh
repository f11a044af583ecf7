# shellcheck shell=bash
# kernels-own.sh - kernels of a contributor, beside Debian's: the folders of PVSCSI_KERNELS, whose
# layout tests/README.md has. kernels.sh sources it. The name of a folder is used where Debian's
# kernels have a series or a version.
#
#   kernels_own                    print their names
#   kernels_is_own NAME            true if it is one of them
#   kernels_own_make NAME DIR MAKE_ARG...   run make for the module in DIR
#   kernels_own_image NAME         the counterpart of kernels_image

kernels_own() {
	[ -n "${PVSCSI_KERNELS:-}" ] || return 0
	[ -d "$PVSCSI_KERNELS" ] || lab_die "PVSCSI_KERNELS=$PVSCSI_KERNELS is not a folder"
	find "$PVSCSI_KERNELS" -mindepth 2 -maxdepth 2 -name build -printf '%P\n' |
		sed 's,/build$,,' | LC_ALL=C sort
}

kernels_is_own() { [ -n "${PVSCSI_KERNELS:-}" ] && [ -e "$PVSCSI_KERNELS/$1/build" ]; }

# kernels_own_file NAME FILE - print the first line of an optional file.
kernels_own_file() { head -n 1 "$PVSCSI_KERNELS/$1/$2" 2>/dev/null || :; }

# kernels_own_work NAME - print a new folder for kernels_own_make.
kernels_own_work() {
	local suite dir=$LAB_BUILD
	suite=$(kernels_own_file "$1" suite)
	[ -z "$suite" ] || { dir=$(kernels_chroot "$suite") || return; dir=$dir/tmp; }
	mkdir -p "$dir"
	mktemp -d "$dir/own-XXXXXX"
}

kernels_own_make() {
	local name=$1 work=$2 suite cc tree place chroot
	shift 2
	suite=$(kernels_own_file "$name" suite)
	cc=$(kernels_own_file "$name" cc)
	tree=$(realpath "$PVSCSI_KERNELS/$name/build")
	# The module would be built inside such headers, instead of beside its sources.
	place=$(sed -n 's/^KBUILD_OUTPUT *= *//p' "$tree/Makefile")
	case $place in
	'' | . | "$tree") ;;
	*) lab_die "the headers of kernel $name are made for $place, and work only there, not in $tree" ;;
	esac
	[ -z "$cc" ] || set -- CC="$cc" "$@"
	# A tree that was only prepared does not know what the kernel exports.
	[ -e "$tree/Module.symvers" ] || set -- KBUILD_MODPOST_WARN=1 "$@"
	if [ -z "$suite" ]; then
		make -C "$tree" M="$work" "$@"
		return
	fi
	chroot=$(kernels_chroot "$suite") || return
	lab_lock "own-$suite" kernels_own_compiler "$chroot" "${cc%% *}" || return
	# The tree has the same path in the chroot. The mount ends with its namespace.
	# shellcheck disable=SC2016 # the inner shell expands it
	unshare --mount --propagation private bash -euc '
		. "$1/scripts/build/common.sh"
		mkdir -p "$2$3"
		mount --bind "$3" "$2$3"
		lab_in "$2" make -C "$3" M="${4#"$2"}" "${@:5}"
	' own "$LAB_TOP" "$chroot" "$tree" "$work" "$@"
}

# kernels_own_compiler CHROOT COMPILER - install Debian's package of that name, if there is none.
kernels_own_compiler() {
	[ -n "$2" ] || return 0
	lab_in "$1" sh -c 'command -v "$1" >/dev/null || apt-get -qq -y --no-install-recommends install "$1" >/dev/null' \
		compiler "$2" || lab_die "the compiler $2 could not be installed there: Debian may have no package of that name"
}

# The modules get the folder's name for their version, which modprobe is told.
kernels_own_image() {
	local name=$1 own=$PVSCSI_KERNELS/$1 dir=$LAB_BUILD/own/$1 modules
	modules=$(find "$own/lib/modules" -mindepth 1 -maxdepth 1 2>/dev/null | head -n 1 || :)
	if [ ! -s "$own/vmlinuz" ] || [ -z "$modules" ]; then
		lab_die "kernel $name cannot be booted: $own lacks vmlinuz or lib/modules/VERSION"
	fi
	mkdir -p "$dir/lib/modules"
	ln -sfn "$(realpath "$own/vmlinuz")" "$dir/vmlinuz"
	ln -sfn "$(realpath "$modules")" "$dir/lib/modules/$name"
	printf '%s\n' "$dir"
}
