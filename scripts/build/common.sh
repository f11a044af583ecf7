# shellcheck shell=bash
# common.sh - functions that the project's scripts share: messages, root, packages,
# Debian archives, cached chroots. Source it; it sets -euo pipefail.
#
# Environment:
#   PVSCSI_CACHE    folder of the download cache (default: ~/.cache/pvscsi-dkms);
#                   everything in it may be deleted at any time
#   PVSCSI_MIRROR   URI of a Debian archive, if apt's sources name none
#   PVSCSI_BUILD    folder for all build results (default: build/)
#   PVSCSI_KERNELS  folder of kernels of yours, beside Debian's (kernels-own.sh)

set -euo pipefail

LAB_TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck disable=SC2034 # for the scripts that source this file
LAB_VERSION=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"$/\1/p' "$LAB_TOP/dkms.conf")
LAB_BUILD=${PVSCSI_BUILD:-$LAB_TOP/build}
LAB_CACHE=${PVSCSI_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/pvscsi-dkms}
# Chroots older than this many days are made again, since the archive changes.
LAB_CACHE_DAYS=3

# lab_say TEXT... - print progress, with the seconds since the start.
lab_say() { printf '[%4ds] %s\n' "$SECONDS" "$*"; }
# lab_die TEXT... - print what is wrong and what to do, and exit.
lab_die() { printf '%s: error: %s\n' "${0##*/}" "$*" >&2; exit 1; }

# lab_root "$0" "$@" - run the calling script again as root unless it runs as root.
lab_root() {
	[ "$(id -u)" != 0 ] || return 0
	command -v sudo >/dev/null ||
		lab_die "root is required, and sudo is not installed: run this as root"
	exec sudo --preserve-env=PVSCSI_CACHE,PVSCSI_MIRROR,PVSCSI_BUILD,PVSCSI_KERNELS,CI -- "$@"
}

# lab_apt ARG... - run apt-get without output and questions. Shows its output if it fails.
lab_apt() {
	local log
	log=$(mktemp)
	if ! DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=300 "$@" </dev/null >"$log" 2>&1; then
		tail -n 40 "$log" >&2
		rm -f "$log"
		lab_die "apt-get $* failed (its last lines are above)"
	fi
	rm -f "$log"
}

# lab_missing PACKAGE... - print those that are not installed.
lab_missing() {
	local p
	for p; do
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" = installed ] ||
			printf '%s\n' "$p"
	done
}

# lab_need PACKAGE... - install the packages that this machine lacks. The lock is for
# two tests that do so at the same time.
lab_need() {
	[ -z "$(lab_missing "$@")" ] || lab_lock packages lab_need_install "$@"
}

# lab_need_install PACKAGE... - the part of lab_need that runs under the lock.
lab_need_install() {
	local missing
	mapfile -t missing < <(lab_missing "$@")
	[ ${#missing[@]} -gt 0 ] || return 0
	lab_say "installing ${missing[*]}"
	lab_apt update
	lab_apt --no-install-recommends install "${missing[@]}"
}

# lab_tree DIR - copy the project's files to DIR, without build results.
lab_tree() {
	mkdir -p "$1"
	(
		cd "$LAB_TOP"
		# check for .git: inside another checkout git would list that one's files
		if [ -e .git ] && git -c safe.directory="$LAB_TOP" rev-parse >/dev/null 2>&1; then
			git -c safe.directory="$LAB_TOP" ls-files -z --cached --others \
				--exclude-standard |
				while IFS= read -r -d '' f; do
					# a file deleted but not yet committed is still listed
					[ ! -e "$f" ] || printf '%s\0' "$f"
				done
		else # an unpacked archive
			find . -path ./build -prune -o -type f \
				! -name '*.o' ! -name '*.ko' ! -name '*.mod' ! -name '*.mod.c' \
				! -name '.*.cmd' ! -name .module-common.c \
				! -name modules.order ! -name Module.symvers -print0
		fi | tar --null --files-from=- -cf -
	) | tar -C "$1" -xf -
}

# lab_pack DIR NAME OUTPUT - pack DIR's files as a tarball with one folder, NAME. All dates in it
# are that of the newest changelog entry.
lab_pack() {
	local date
	date=$(sed -n 's/^ -- .*  //p' "$LAB_TOP/debian/changelog" | head -n 1)
	find "$1" -type d -exec chmod 755 {} +
	find "$1" -type f -perm /100 -exec chmod 755 {} +
	find "$1" -type f ! -perm /100 -exec chmod 644 {} +
	tar -C "$1" --transform "s,^\\.,$2," --sort=name --owner=0 --group=0 --numeric-owner \
		--mtime="$date" --format=gnu -cf - . | xz -6 --threads=1 >"$3.part"
	mv "$3.part" "$3"
	lab_say "built ${3#"$LAB_TOP"/}"
}

# lab_lock NAME COMMAND... - run COMMAND under the lock NAME.
# (Two tests may need the same chroot at the same time.)
lab_lock() {
	local name=$1 fd rc=0
	shift
	mkdir -p "$LAB_BUILD/lock"
	exec {fd}>"$LAB_BUILD/lock/$name"
	flock "$fd"
	"$@" {fd}>&- || rc=$?
	exec {fd}>&-
	return "$rc"
}

# lab_mirror [security] - print the URI of the Debian archive that this machine
# uses (or of its security archive).
lab_mirror() {
	local label=Debian uri
	[ "${1:-}" != security ] || label=Debian-Security
	if [ -n "${PVSCSI_MIRROR:-}" ]; then
		uri=$PVSCSI_MIRROR
		[ "$label" = Debian ] || uri=${uri%/}-security
	else
		uri=$(apt-get indextargets --format '$(LABEL) $(REPO_URI)' |
			awk -v l="$label" '$1 == l { print $2; exit }')
		if [ -z "$uri" ] && [ "$label" = Debian ]; then
			lab_die "apt's sources name no Debian archive that was ever updated:" \
				"run apt-get update, or set PVSCSI_MIRROR"
		fi
		[ -n "$uri" ] || { uri=$(lab_mirror); uri=${uri%/}-security; }
	fi
	case $uri in
	mirror+file:*) uri=$(awk '/^[^#]/ { print $1; exit }' "${uri#mirror+file:}") ;;
	esac
	printf '%s\n' "${uri%/}/"
}

# lab_sources SUITE - print sources.list lines: the suite and, if the archive has
# them, its security updates and backports.
lab_sources() {
	local suite=$1 main security
	main=$(lab_mirror)
	security=$(lab_mirror security)
	printf 'deb %s %s main\n' "$main" "$suite"
	case $suite in
	sid) return 0 ;;
	# sid only has a newer kernel to upgrade to; apt's default release stays forky
	forky)
		printf 'deb %s sid main\n' "$main"
		return 0
		;;
	esac
	printf 'deb %s %s-security main\n' "$security" "$suite"
	# bullseye's backports moved to the archive of old releases
	case $suite in
	bullseye) ;;
	*) printf 'deb %s %s-backports main\n' "$main" "$suite" ;;
	esac
}

# lab_chroot DIR SUITE [PACKAGE...] - make DIR a fresh minimal Debian of SUITE
# with PACKAGEs, from the cache if it has one. The old content of DIR is deleted.
lab_chroot() {
	local dir=$1
	shift
	rm -rf --one-file-system "$dir"
	mkdir -p "$dir"
	lab_chroot_into "$dir" "$@"
}

# lab_chroot_into DIR SUITE [PACKAGE...] - the same, but do not delete DIR, which may
# be an empty file system.
lab_chroot_into() {
	local dir=$1 suite=$2 key tarball list
	shift 2
	list=$(printf '%s,' "$@")
	key=$suite-$(printf '%s\n' "$suite" "$list" "$(lab_sources "$suite")" | sha256sum | cut -c1-12)
	tarball=$LAB_CACHE/chroot-$key.tar
	[ -z "$(find "$tarball" -mtime "+$LAB_CACHE_DAYS" 2>/dev/null)" ] || rm -f "$tarball"
	if [ ! -s "$tarball" ]; then
		lab_lock "chroot-$key" lab_chroot_make "$tarball" "$suite" "${list%,}"
	fi
	tar -C "$dir" --numeric-owner --xattrs -xf "$tarball"
}

# lab_chroot_make TARBALL SUITE PACKAGES - the part of lab_chroot that downloads.
lab_chroot_make() {
	local tarball=$1 suite=$2 list=$3 log prefer=()
	[ ! -s "$tarball" ] || return 0 # another process made it meanwhile
	mkdir -p "$LAB_CACHE" "$LAB_BUILD/log"
	log=$LAB_BUILD/log/$(basename "$tarball" .tar).log
	lab_say "making a Debian $suite (log: ${log#"$LAB_TOP"/})"
	# (the security updates and backports of other suites have suitable priorities)
	[ "$suite" != forky ] || prefer=(--aptopt="APT::Default-Release \"$suite\";")
	if ! lab_sources "$suite" | mmdebstrap --mode=root --variant=minbase --format=tar \
		${list:+--include="$list"} \
		--aptopt='Acquire::Check-Valid-Until "false"' \
		--aptopt='Acquire::Retries "3"' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--dpkgopt='force-unsafe-io' \
		${prefer[@]+"${prefer[@]}"} \
		--customize-hook='rm -f "$1"/etc/resolv.conf' \
		"$suite" "$tarball.part" - >"$log" 2>&1; then
		tail -n 30 "$log" >&2
		rm -f "$tarball.part"
		lab_die "mmdebstrap could not make a Debian $suite"
	fi
	mv "$tarball.part" "$tarball"
}

# lab_in DIR COMMAND... - run COMMAND in the chroot DIR, in new mount, process, host name
# and IPC namespaces. So no process keeps running and nothing stays mounted. A chroot that has a
# folder for ccache shares that of the download cache.
lab_in() {
	local root=$1 file
	shift
	[ ! -d "$root/var/cache/ccache" ] || mkdir -p "$LAB_CACHE/ccache"
	# (another process may be using these files just now)
	for file in resolv.conf hosts; do
		! cmp -s "/etc/$file" "$root/etc/$file" || continue
		rm -f "$root/etc/$file"
		cp -L "/etc/$file" "$root/etc/$file" 2>/dev/null || :
	done
	unshare --mount --pid --fork --kill-child --uts --ipc -- /bin/bash -euc '
		root=$1 ccache=$2
		shift 2
		mount --make-rprivate /
		mount -t proc proc "$root/proc"
		mount -t sysfs -o ro sysfs "$root/sys"
		mount -t tmpfs -o mode=755 tmpfs "$root/dev"
		mkdir "$root/dev/pts" "$root/dev/shm"
		mount -t devpts -o newinstance,ptmxmode=666 devpts "$root/dev/pts"
		for n in null:3 zero:5 full:7 random:8 urandom:9; do
			mknod -m 666 "$root/dev/${n%:*}" c 1 "${n#*:}"
		done
		mknod -m 666 "$root/dev/tty" c 5 0
		ln -s /dev/pts/ptmx "$root/dev/ptmx"
		ln -s /proc/self/fd "$root/dev/fd"
		ln -s /proc/self/fd/0 "$root/dev/stdin"
		ln -s /proc/self/fd/1 "$root/dev/stdout"
		ln -s /proc/self/fd/2 "$root/dev/stderr"
		[ ! -d "$root/var/cache/ccache" ] || mount --bind "$ccache" "$root/var/cache/ccache"
		hostname pvscsi-lab
		exec chroot "$root" /usr/bin/env -i \
			PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
			HOME=/root TERM=dumb LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
	' lab_in "$root" "$LAB_CACHE/ccache" "$@"
}
