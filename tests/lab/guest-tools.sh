# shellcheck shell=bash
# guest-tools.sh - the programs of Debian that the guest of ram-guest.sh uses, as archives for its
# initramfs. ram-guest.sh sources this file.

# guest_tools_cpio NAME - print the path of the archive of a set of tools (base, fio, kexec,
# inventory) for the guest's architecture. All sets are made at once, from Debian's packages, so
# that the tests run on any host.
guest_tools_cpio() {
	local key dir
	key=$(declare -f guest_tools_make guest_tools_unpack guest_tools_pack guest_tools_file | sha256sum | cut -c1-12)
	dir=$LAB_BUILD/guest/$GUEST_ARCHITECTURE-$key
	lab_lock guest-tools guest_tools_make "$dir" >&2 || return
	printf '%s\n' "$dir/$1.cpio"
}

guest_tools_make() {
	local out=$1 root
	[ ! -e "$out/.ready" ] || return 0
	mkdir -p "$out"
	root=$(mktemp -d "$out/root-XXXXXX")
	guest_tools_unpack "$root" \
		busybox-static coreutils dash fio kexec-tools lshw lsscsi sg3-utils udev || return
	# (busybox's dd silently falls back from direct to buffered I/O)
	# shellcheck disable=SC2046 # a list of plain names
	guest_tools_pack "$root" "$out/base.cpio" /bin/busybox /usr/bin/{dash,dd} \
		$(cd "$root" && printf '/%s\n' usr/bin/sg_*) || return
	guest_tools_pack "$root" "$out/fio.cpio" /usr/bin/fio || return
	guest_tools_pack "$root" "$out/kexec.cpio" /usr/sbin/kexec || return
	guest_tools_pack "$root" "$out/inventory.cpio" /usr/bin/{lshw,lsscsi,udevadm} || return
	rm -rf --one-file-system "$root"
	touch "$out/.ready"
}

# guest_tools_unpack DIR PACKAGE... - unpack PACKAGEs of Debian 12, for the guest's architecture, and
# what they depend on. Nothing of it is run.
guest_tools_unpack() {
	local dir=$1 list log=$LAB_BUILD/log/guest-tools-$GUEST_ARCHITECTURE.log
	shift
	list=$(printf '%s,' "$@")
	mkdir -p "$LAB_BUILD/log"
	lab_need mmdebstrap ca-certificates binutils cpio
	lab_say "unpacking the programs of a guest (log: ${log#"$LAB_TOP"/})"
	printf 'deb %s bookworm main\n' "$(lab_mirror)" |
		mmdebstrap --mode=root --variant=extract --format=directory \
			--architectures="$GUEST_ARCHITECTURE" --include="${list%,}" \
			--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr \
			--aptopt='Acquire::Check-Valid-Until "false"' --aptopt='Acquire::Retries "3"' \
			bookworm "$dir" - >"$log" 2>&1 || {
		tail -n 30 "$log" >&2
		lab_die "mmdebstrap could not unpack packages of Debian bookworm, $GUEST_ARCHITECTURE"
	}
}

# guest_tools_pack ROOT CPIO PROGRAM... - archive programs of ROOT with their loader and libraries.
# (None of them can be run here if they are of another architecture.)
guest_tools_pack() {
	local root=$1 cpio=$2 stage folder file name
	local -A packed=()
	shift 2
	# the folder in which the loader looks, whatever folder a library is in
	folder=$(cd "$root" && find lib/ -name libc.so.6 -printf '/%h')
	stage=$(mktemp -d "$LAB_BUILD/stage-XXXXXX")
	while [ $# -gt 0 ]; do
		name=$1
		shift
		[ -z "${packed[$name]:-}" ] || continue
		packed[$name]=yes
		case $name in
		/*) file=$name ;;
		*) file=$(cd "$root" && find lib/ -name "$name" -printf '/%p\n') name=$folder/$name ;;
		esac
		file=$(guest_tools_file "$root" "${file%%$'\n'*}") || return
		install -D "$file" "$stage$name" || return
		# (for a script there is nothing)
		while read -r name; do
			set -- "$@" "$name"
		done < <(readelf -ld "$file" 2>/dev/null |
			sed -nE 's/.*\(NEEDED\).*\[(.*)\]$/\1/p; s/.*program interpreter: (.*)\]$/\1/p')
	done
	(cd "$stage" && find . -print0 | cpio --quiet -0 -o -H newc) >"$cpio" || return
	rm -rf "$stage"
}

# guest_tools_file ROOT PATH - print where the file is that PATH names in ROOT, whose symbolic links
# may be absolute.
guest_tools_file() {
	local file=$1$2 to
	while [ -L "$file" ]; do
		to=$(readlink "$file")
		case $to in
		/*) file=$1$to ;;
		*) file=${file%/*}/$to ;;
		esac
	done
	[ -e "$file" ] || { printf '%s is not in the packages of the guest\n' "$2" >&2; return 1; }
	printf '%s\n' "$file"
}
