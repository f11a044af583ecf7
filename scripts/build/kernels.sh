# shellcheck shell=bash
# kernels.sh - Debian's kernels: their versions, and a chroot of each suite to build modules in.
# Source it (it sources common.sh). It downloads everything once and keeps it.
# tests/lab/kernels.sh adds images to boot, and a kernel that we build.
#
#   kernels_series                     the kernel series that are tested
#   kernels_suite SERIES               the Debian suite a series comes from
#   kernels_version SERIES [FLAVOUR]   newest version, e.g. 6.1.0-56-amd64
#   kernels_architecture VERSION       Debian's name of its architecture
#   kernels_chroot SUITE [ARCHITECTURE]   folder of the suite's build chroot
#   kernels_headers VERSION            that folder, with VERSION's headers in it
#   kernels_build VERSION OUTDIR [MAKE_ARG...]   build src/ for VERSION
#   kernels_work VERSION               a new folder, in which a module for VERSION can be built
#   kernels_make VERSION DIR MAKE_ARG...   run make for the module in that folder
#
# SERIES may have Debian's flavour behind it, such as 6.12-arm64-16k, 6.1-686-pae or 7.3-rt-amd64.
# A kernel of PVSCSI_KERNELS is its own series, suite and version (kernels-own.sh).
#
# The functions print their result on standard output, and messages on standard
# error. Several processes may call them at the same time.

# shellcheck source=scripts/build/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# shellcheck source=scripts/build/kernels-own.sh
. "$(dirname "${BASH_SOURCE[0]}")/kernels-own.sh"

# shellcheck disable=SC2034 # for the scripts that source this file
KERNELS_FLAVOURS=(amd64 cloud-amd64 rt-amd64)
# A build chroot older than this is made again, to find newer kernels.
KERNELS_HOURS=12

# The series that are tested, oldest first, and the Debian suite of each. A new series is added
# only here.
KERNELS='5.10 bullseye
6.1 bookworm
6.12 trixie
7.2 trixie
7.3 trixie'

# Kernels of other flavours, on which a few tests run, too: arm64 with pages of 4 and of 16 KiB,
# 32 bits with PAE, PREEMPT_RT.
# shellcheck disable=SC2034 # for tests/run
KERNELS_OTHERS='6.12-arm64 7.3-arm64-16k 6.1-686-pae 6.12-rt-amd64'

kernels_series() { awk '{ print $1 }' <<<"$KERNELS"; }

# kernels_suite SERIES|VERSION - print the Debian suite it comes from.
kernels_suite() {
	local suite
	if kernels_is_own "$1"; then
		printf '%s\n' "$1"
		return
	fi
	case $1 in
	debug | *-debug-*) suite=trixie ;;
	*) suite=$(awk -v kernel="${1%%-*}." 'index(kernel, $1 ".") == 1 { print $2 }' <<<"$KERNELS") ;;
	esac
	[ -n "$suite" ] || lab_die "unknown kernel series: $1; known series: $( (kernels_series; kernels_own) | xargs)"
	printf '%s\n' "$suite"
}

# kernels_architecture SERIES|VERSION - print Debian's name of its architecture.
kernels_architecture() {
	local architecture=amd64
	kernels_is_own "$1" || case $1- in
	*-arm64-*) architecture=arm64 ;;
	*-686-*) architecture=i386 ;;
	esac
	printf '%s\n' "$architecture"
}

# The chroot has all that a module build needs except the kernel's headers: kernels_headers
# adds those of one version at a time, on demand. Everything in it runs on amd64: the chroot of
# another ARCHITECTURE has compilers for that one.
kernels_chroot() {
	local suite=$1 architecture=${2:-amd64} name=build-$1
	[ "$architecture" = amd64 ] || name=$name-$architecture
	lab_lock "$name" kernels_chroot_make "$suite" "$architecture" "$LAB_BUILD/chroot/$name" >&2 || return
	printf '%s\n' "$LAB_BUILD/chroot/$name"
}

kernels_chroot_make() {
	local suite=$1 architecture=$2 dir=$3 stamp=$3/.ready compiler=()
	[ -z "$(find "$stamp" -mmin "-$((KERNELS_HOURS * 60))" 2>/dev/null)" ] || return 0
	lab_need mmdebstrap ca-certificates
	case $architecture in
	arm64) compiler=(gcc-aarch64-linux-gnu libc6-dev-arm64-cross) ;;
	i386) compiler=(libc6-dev-i386 gcc-multilib) ;;
	esac
	lab_chroot "$dir" "$suite" gcc make kmod xz-utils libelf-dev sparse ${compiler[@]+"${compiler[@]}"} || return
	[ "$architecture" = amd64 ] || lab_in "$dir" dpkg --add-architecture "$architecture"
	# The package lists in a cached chroot are as old as its tarball, and the
	# archive may have deleted kernels since.
	if ! lab_in "$dir" apt-get -qq -o Acquire::Check-Valid-Until=false update; then
		# (mirrors keep other architectures less well; a kernel may be in the other archives)
		[ "$architecture" != amd64 ] ||
			lab_die "apt-get update failed in a Debian $suite: check that the archive is reachable"
		lab_say "apt-get update failed in a Debian $suite for $architecture: going on with what it got"
	fi
	touch "$stamp"
}

# Versions are compared without their flavour: 6.12.115+deb13.1 is newer than
# 6.12.115+deb13, but with "-amd64" behind them sort -V orders them wrongly.
kernels_version() {
	local series=$1 flavour=${2:-amd64} suite dir version
	if kernels_is_own "$series"; then
		printf '%s\n' "$series"
		return
	fi
	if [ "$series" = debug ]; then
		kernels_debug_version
		return
	fi
	suite=$(kernels_suite "$series") || return
	case $series in *-*) flavour=${series#*-} series=${series%%-*} ;; esac
	dir=$(kernels_chroot "$suite" "$(kernels_architecture "-$flavour")") || return
	version=$(lab_in "$dir" apt-cache pkgnames linux- |
		sed -nE "s/^linux-(headers|image)-(${series//./\\.}\\.[0-9].*)-$flavour\$/\\2/p" |
		grep -v -e '-cloud$' -e '-rt$' | sort -V | uniq -d | tail -n 1)
	[ -n "$version" ] ||
		lab_die "Debian $suite has no kernel $series-$flavour with both image and headers"
	printf '%s-%s\n' "$version" "$flavour"
}

kernels_headers() {
	local version=$1 suite dir
	suite=$(kernels_suite "$version") || return
	dir=$(kernels_chroot "$suite" "$(kernels_architecture "$version")") || return
	case $version in
	*-debug-*)
		kernels_image "$version" >/dev/null || return
		lab_lock "headers-$suite" kernels_debug_headers "$dir" "$version" >&2 || return
		;;
	*) lab_lock "headers-${dir##*/}" kernels_headers_unpack "$dir" "$version" >&2 || return ;;
	esac
	printf '%s\n' "$dir"
}

# The headers are unpacked but not installed: some depend on the kernel image, which
# would install many packages and build an initramfs. (The compiler that the headers of another
# architecture depend on would run on that one. The chroot has its own.)
kernels_headers_unpack() {
	local dir=$1 version=$2 log=$LAB_BUILD/log/headers-$2.log architecture
	[ ! -e "$dir/usr/src/linux-headers-$version/.ready" ] || return 0
	architecture=$(kernels_architecture "$version")
	mkdir -p "$LAB_BUILD/log"
	# shellcheck disable=SC2016 # the chroot's shell expands it
	lab_in "$dir" bash -euxo pipefail -c '
		first_choices() { # of the Depends of the packages named
			apt-cache show --no-all-versions "$@" |
				sed -n "s/^Depends: //p" | tr , "\n" |
				sed -E "s/^ *([^ |]+).*/\1/" | sort -u
		}
		headers=$(first_choices "$1" | grep "^linux-headers-")
		kbuild=$(first_choices "$1" | grep "^linux-kbuild-")
		omit="linux-(headers|image|kbuild|base)-|linux-base$"
		[ "$2" = amd64 ] || omit="$omit|linux-compiler-|gcc-"
		set -- "$1" $headers $kbuild
		apt-get -qq -y --no-install-recommends install $(first_choices "$@" | grep -Ev "^($omit)")
		rm -rf /tmp/deb
		mkdir /tmp/deb
		cd /tmp/deb
		chown _apt .
		apt-get -qq download "$@"
		mkdir -p /var/tmp/unpacked
		for deb in *.deb; do
			# skip a package of another flavour: a build may be using it now
			[ ! -e "/var/tmp/unpacked/$deb" ] || continue
			# dpkg-deb -x would replace the symbolic link /lib by a folder
			dpkg-deb --fsys-tarfile "$deb" | tar -x -C / --keep-directory-symlink
			touch "/var/tmp/unpacked/$deb"
		done
		rm -rf /tmp/deb
	' kernels_headers "linux-headers-$version:$architecture" "$architecture" >"$log" 2>&1 || {
		tail -n 20 "$log" >&2
		lab_die "could not get the headers of $version (log: $log)"
	}
	touch "$dir/usr/src/linux-headers-$version/.ready"
}

# kernels_build VERSION OUTDIR [MAKE_ARG...] - build the module of this checkout
# (or of KERNELS_SOURCE, a folder with dkms.conf and src/) against VERSION's
# headers, in a chroot of its suite. Passes each MAKE_ARG (for example C=2) to make.
# Creates OUTDIR/vmw_pvscsi.ko, OUTDIR/build.log and OUTDIR/flags (the probes that are true).
# Returns 1 if the build failed, or 2 if it had warnings, and prints them.
kernels_build() {
	local version=$1 out=$2 top=${KERNELS_SOURCE:-$LAB_TOP} work rc=0
	shift 2
	work=$(kernels_work "$version") || return
	mkdir -p "$out"
	rm -f "$out/vmw_pvscsi.ko"
	cp "$top/dkms.conf" "$work/"
	cp -r "$top/src" "$work/src"
	# Delete results of a build in the checkout: make would consider them up to date.
	find "$work/src" \( -name '*.o' -o -name '*.ko' -o -name '*.mod' -o -name '*.mod.c' \
		-o -name '.*.cmd' -o -name Module.symvers -o -name modules.order \) -delete
	kernels_make "$version" "$work/src" W=1 "$@" modules >"$out/build.log" 2>&1 || rc=1
	grep -ho -e '-DHAVE_[A-Z_]*' "$work/src/.main.o.cmd" 2>/dev/null | sort -u >"$out/flags" || :
	if [ "$rc" = 0 ]; then
		cp "$work/src/vmw_pvscsi.ko" "$out/" || rc=1
	fi
	rm -rf "$work"
	kernels_judge_log "$out/build.log" "$version" "$rc"
}

kernels_work() {
	local dir
	if kernels_is_own "$1"; then
		kernels_own_work "$1"
		return
	fi
	dir=$(kernels_headers "$1") || return
	mktemp -d "$dir/tmp/build-XXXXXX"
}

kernels_make() {
	local version=$1 work=$2 dir
	shift 2
	if kernels_is_own "$version"; then
		kernels_own_make "$version" "$work" "$@"
		return
	fi
	dir=$(kernels_headers "$version") || return
	[ "$(kernels_architecture "$version")" != arm64 ] || set -- CROSS_COMPILE=aarch64-linux-gnu- "$@"
	lab_in "$dir" make -C "/usr/src/linux-headers-$version" M="${work#"$dir"}" "$@"
}

# kernels_judge_log LOG VERSION STATUS - turn a build's log into a return value.
# It ignores warnings about the machine that builds; those about headers, too, for a kernel of
# PVSCSI_KERNELS, whose compiler may be newer than its headers.
kernels_judge_log() {
	local log=$1 version=$2 rc=$3 warnings
	if [ "$rc" != 0 ]; then
		tail -n 30 "$log" >&2
		printf 'building for %s failed (log: %s)\n' "$version" "$log" >&2
		return 1
	fi
	warnings=$(grep -iE 'warning[: ]' "$log" |
		grep -vE '(the compiler|pahole version) differs from the one|Skipping BTF generation') || return 0
	if kernels_is_own "$version"; then
		warnings=$(grep -E '^([^ ]*/own-[A-Za-z0-9]+/(src/)?)?[a-z_]+\.[ch]:' <<<"$warnings") || return 0
	fi
	printf '%s\n' "$warnings" | head -n 30 >&2
	printf 'building for %s warned (log: %s)\n' "$version" "$log" >&2
	return 2
}
