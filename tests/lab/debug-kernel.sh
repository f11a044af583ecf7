# shellcheck shell=bash
# debug-kernel.sh - the series "debug" of kernels.sh, which sources this file. It is a small kernel,
# built here from Debian's newest source, with the kernel's options that find bugs of drivers (see
# debug-kernel.config). It is built once, in about ten minutes on two cores, and kept with the
# downloads.

KERNELS_DEBUG_SERIES=7.3

# kernels_debug_source - print the newest version of the source package.
kernels_debug_source() {
	local dir version
	dir=$(kernels_chroot "$(kernels_suite debug)") || return
	version=$(lab_in "$dir" apt-cache show "linux-source-$KERNELS_DEBUG_SERIES" |
		sed -n 's/^Version: //p' | sort -V | tail -n 1)
	[ -n "$version" ] ||
		lab_die "Debian $(kernels_suite debug) has no package linux-source-$KERNELS_DEBUG_SERIES"
	printf '%s\n' "$version"
}

# kernels_debug_version - print the kernel release (uname -r). It includes a checksum of the source
# version, the configuration and the recipe, so that a change of any of them causes a new build.
kernels_debug_version() {
	local source key
	source=$(kernels_debug_source) || return
	key=$({
		printf '%s\n' "$source"
		cat "$LAB_TOP/tests/lab/debug-kernel.config"
		declare -f kernels_debug_compile
	} | sha256sum | cut -c1-8)
	printf '%s-debug-%s\n' "${source%%[-+~]*}" "$key"
}

# kernels_debug_make VERSION DIR - the counterpart of kernels_image_unpack. It also makes
# DIR/headers.tar.xz, which building a module needs.
kernels_debug_make() {
	local version=$1 dir=$2 source suite chroot work log=$LAB_BUILD/log/kernel-$1.log
	source=$(kernels_debug_source) || return
	[ "$version" = "$(kernels_debug_version)" ] ||
		lab_die "$version cannot be built any more: its source, configuration or recipe changed"
	suite=$(kernels_suite debug)
	chroot=$(kernels_chroot "$suite") || return
	# The lock is for other processes that install packages there.
	lab_lock "headers-$suite" lab_in "$chroot" \
		apt-get -qq -y --no-install-recommends install bc bison flex >/dev/null ||
		lab_die "the tools to build a kernel could not be installed"
	mkdir -p "$LAB_BUILD/log"
	lab_say "building kernel $version, for ten minutes or more (log: $log)"
	work=$(mktemp -d "$chroot/tmp/kernel-XXXXXX")
	chmod 755 "$work"
	cp "$LAB_TOP/tests/lab/debug-kernel.config" "$work/fragment"
	lab_in "$chroot" bash -euxo pipefail -c "$(declare -f kernels_debug_compile); kernels_debug_compile \"\$@\"" \
		compile "${work#"$chroot"}" "linux-source-$KERNELS_DEBUG_SERIES=$source" "$version" \
		>"$log" 2>&1 || {
		tail -n 30 "$log"
		rm -rf --one-file-system "$work"
		lab_die "the debug kernel could not be built (log: $log)"
	}
	rm -rf --one-file-system "$dir"
	mkdir -p "$dir" && cp -r "$work/out/." "$dir/" || return
	rm -rf --one-file-system "$work"
	lab_need kmod
	depmod -b "$dir" "$version" || return
	touch "$dir/.ready"
}

# kernels_debug_compile WORK PACKAGE=VERSION RELEASE - build it; runs in the chroot.
kernels_debug_compile() {
	local work=$1 package=$2 release=$3 lacking
	cd "$work" || return
	apt-get -qq -o APT::Sandbox::User=root download "$package"
	dpkg-deb --fsys-tarfile ./*.deb | tar -xO --wildcards '*/linux-source-*.tar.xz' | tar -xJ
	rm ./*.deb
	cd linux-source-*/ || return
	make -s KCONFIG_ALLCONFIG=../fragment allnoconfig
	lacking=$(grep '^CONFIG_' ../fragment | grep -vxFf .config || :)
	if [ -n "$lacking" ]; then
		printf 'this kernel does not take:\n%s\n' "$lacking"
		return 1
	fi
	set -- LOCALVERSION="-${release#*-}"
	[ "$(make -s "$@" kernelrelease)" = "$release" ]
	make -s -j"$(nproc)" "$@" bzImage modules
	mkdir -p ../out
	cp arch/x86/boot/bzImage ../out/vmlinuz
	make -s "$@" INSTALL_MOD_PATH=../out DEPMOD=true modules_install
	rm -f "../out/lib/modules/$release/build" "../out/lib/modules/$release/source"
	# shellcheck disable=SC2016 # make expands it
	make -s "$@" run-command \
		KBUILD_RUN_COMMAND='$(srctree)/scripts/package/install-extmod-build ../headers'
	tar -C ../headers -cJf ../out/headers.tar.xz .
}

# kernels_debug_headers CHROOT VERSION - the counterpart of kernels_headers_unpack.
kernels_debug_headers() {
	local to=$1/usr/src/linux-headers-$2
	[ ! -e "$to/.ready" ] || return 0
	rm -rf --one-file-system "$to"
	mkdir -p "$to"
	tar -C "$to" -xJf "$LAB_CACHE/kernel-$2/headers.tar.xz" || return
	touch "$to/.ready"
}
