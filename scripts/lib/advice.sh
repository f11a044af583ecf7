# shellcheck shell=sh
# advice.sh - commands to type that fit this machine. Each prints one, or nothing if no
# command is known to help here: what is advised was seen to exist.

# installer - the command with which people install packages here.
installer() {
	local tool
	case $(family) in
	debian) set -- apt ;;
	redhat) set -- dnf yum ;;
	suse) set -- zypper ;;
	arch) set -- pacman ;;
	*) set -- apt dnf yum zypper pacman ;;
	esac
	for tool; do
		command -v "$tool" >/dev/null && echo "$tool" && return
	done
	return 1
}

# can_have PACKAGE - do this machine's package sources have it?
can_have() {
	case $(installer) in
	apt) apt-cache policy "$1" 2>/dev/null | grep '^ *Candidate: ' | grep -qvF '(none)' ;;
	dnf) dnf --quiet --cacheonly list "$1" >/dev/null 2>&1 || dnf --quiet list "$1" >/dev/null 2>&1 ;;
	yum) yum --quiet list "$1" >/dev/null 2>&1 ;;
	zypper) zypper --non-interactive --no-refresh search --match-exact "$1" >/dev/null 2>&1 ;;
	pacman) pacman -Si "$1" >/dev/null 2>&1 ;;
	*) return 1 ;;
	esac
}

# to_install PACKAGE... - the command that does it.
to_install() {
	case $(installer) in
	'') ;;
	pacman) echo "pacman -S $*" ;;
	*) echo "$(installer) install $*" ;;
	esac
}

# owner_of FILE - the package that brought it; it may have been deleted since. (Where /lib is a
# link, dpkg knows the file by either name.)
owner_of() {
	if command -v dpkg-query >/dev/null; then
		{ dpkg-query -S "$1" || dpkg-query -S "/usr$1" || dpkg-query -S "${1#/usr}"; } 2>/dev/null |
			sed -n 's/^\([^ ,:]*\)[:,]* .*/\1/p' | head -n 1 | grep .
	elif command -v rpm >/dev/null; then
		rpm -qf --qf '%{NAME}\n' "$1" 2>/dev/null | grep -v ' ' | head -n 1 | grep .
	elif command -v pacman >/dev/null; then
		pacman -Qqo "$1" 2>/dev/null | head -n 1 | grep .
	else
		return 1
	fi
}

# kernel_package KERNEL - the package that the kernel came in.
kernel_package() {
	local file
	for file in "/boot/vmlinuz-$1" "/lib/modules/$1/vmlinuz" "/lib/modules/$1/modules.order"; do
		owner_of "$file" && return
	done
	return 1
}

# headers_of KERNEL - the package with its headers, if it can be had here.
headers_of() {
	local package
	case $(family) in
	redhat)
		package=$(kernel_package "$1" | sed 's/-\(core\|modules\)$//')
		package=${package:-kernel}-devel-$1
		;;
	suse) package=$(kernel_package "$1" | sed 's/-base$//')-devel ;;
	arch) package=$(cat "/lib/modules/$1/pkgbase" 2>/dev/null)-headers ;;
	*) package=linux-headers-$1 ;;
	esac
	can_have "$package" && echo "$package"
}

# newer_kernel KERNEL - the command that installs the newest kernel of its kind, with headers.
newer_kernel() {
	local kind="$1" base
	case $(installer) in
	apt)
		# linux-image-686-pae is the one of 6.1.0-56-686-pae
		while [ "$kind" != "${kind#*-}" ]; do
			kind=${kind#*-}
			if can_have "linux-image-$kind" && can_have "linux-headers-$kind"; then
				echo "apt update; apt install linux-image-$kind linux-headers-$kind"
				return
			fi
		done
		;;
	dnf | yum)
		base=$(kernel_package "$1" | sed 's/-\(core\|modules\)$//')
		[ -z "$base" ] || ! can_have "$base-devel" || echo "$(installer) upgrade $base $base-devel"
		;;
	esac
}

# to_restore KERNEL - the command that puts the file of the in-tree driver back, if its package had one.
to_restore() {
	local package file="/lib/modules/$1/kernel/drivers/scsi/vmw_pvscsi.ko" suffix found
	for suffix in '' .xz .zst .gz; do
		package=$(owner_of "$file$suffix") && break
	done
	[ -n "$package" ] || return 0
	case $(installer) in
	apt)
		# shellcheck disable=SC2016 # dpkg-query expands it
		found=$(dpkg-query -W -f '${Version}' "$package" 2>/dev/null)
		! apt-cache madison "$package" 2>/dev/null | awk '{ print $3 }' | grep -qxF "$found" ||
			echo "apt install --reinstall $package"
		;;
	dnf | yum) echo "$(installer) reinstall $package-$1" ;;
	zypper) echo "zypper install --force $package" ;;
	pacman) echo "pacman -S $package" ;;
	esac
}

# to_build - the command that has our driver built for every kernel that lacks it.
# (What scripts/install put there has a manifest, and is no package.)
to_build() {
	if [ -e /var/lib/dpkg/info/pvscsi-dkms.list ] && [ ! -e /var/lib/pvscsi-dkms/manifest ]; then
		echo "dpkg-reconfigure pvscsi-dkms"
	elif [ -x /usr/lib/pvscsi-dkms/update-kernels ]; then
		echo "/usr/lib/pvscsi-dkms/update-kernels build"
	fi
}

# renew KERNEL - the command that makes its initramfs again, with every copy of it.
renew() { echo "pvscsictl renew $1"; }
