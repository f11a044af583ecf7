# shellcheck shell=sh
# advice.sh - commands to suggest to the user. Each function prints a command that fits this
# machine, or nothing if none is known to help: it checks that what it suggests exists.

# installer - print the command that installs packages here.
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

# can_have PACKAGE - true if this machine's package sources have it.
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

# to_install PACKAGE... - print the command that installs these packages.
to_install() {
	case $(installer) in
	'') ;;
	pacman) echo "pacman -S $*" ;;
	*) echo "$(installer) install $*" ;;
	esac
}

# owner_of FILE - print the package that FILE belongs to. FILE may have been deleted since.
# (If /lib is a symbolic link, dpkg may know the file by either path.)
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

# kernel_package KERNEL - print the package that contains the kernel.
kernel_package() {
	local file
	for file in "/boot/vmlinuz-$1" "/lib/modules/$1/vmlinuz" "/lib/modules/$1/modules.order"; do
		owner_of "$file" && return
	done
	return 1
}

# headers_of KERNEL - print the package with its headers, if it is available here.
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

# newer_kernel KERNEL - print the command that installs the newest kernel of the same flavour,
# with its headers.
newer_kernel() {
	local kind="$1" base
	case $(installer) in
	apt)
		# for example, linux-image-686-pae for 6.1.0-56-686-pae
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

# to_restore KERNEL - print the command that restores the in-tree driver's file, if the kernel's
# package contains one.
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

# to_build - print the command that builds our driver for every kernel that lacks it.
# (A manifest means that scripts/install installed the driver, and there is no package.)
to_build() {
	if [ -e /var/lib/dpkg/info/pvscsi-dkms.list ] && [ ! -e /var/lib/pvscsi-dkms/manifest ]; then
		echo "dpkg-reconfigure pvscsi-dkms"
	elif [ -x /usr/lib/pvscsi-dkms/update-kernels ]; then
		echo "/usr/lib/pvscsi-dkms/update-kernels build"
	fi
}

# renew KERNEL - print the command that rebuilds its initramfs and every copy of it.
renew() { echo "pvscsictl renew $1"; }
