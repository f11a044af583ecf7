# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # variables of update-kernels and of the other parts
# secure-boot.sh - part of update-kernels: a built driver whose key is not enrolled must not replace
# the in-tree driver, since this machine's kernel would refuse to load it.

# is_refused - true if this machine's kernel would refuse to load what dkms builds. With Secure
# Boot, for example, it only accepts modules whose key was enrolled on the console.
is_refused() {
	enforced >/dev/null || return 1
	key=$(certificate)
	[ -n "$key" ] || return 0
	! is_enrolled "$key"
}

# is_signed_otherwise KERNEL - true if its driver is signed with a key other than dkms's current
# one.
is_signed_otherwise() {
	signer=$(modinfo -k "$1" -F sig_key vmw_pvscsi 2>/dev/null | tr -d :)
	[ -n "$signer" ] && [ "$signer" != "$(serial "$(certificate)")" ]
}

# build_refused KERNEL - warn that its driver is not used, and how to enroll the key.
build_refused() {
	key=$(certificate)
	warn "WARNING: $(enforced): kernel $1 does not load DKMS driver $wanted until you"
	warn "  enroll the DKMS key. $(going_on "$1")"
	if [ -n "$key" ]; then
		warn "  To enroll the key (with the package mokutil):"
		warn "  1. mokutil --import $key"
		warn "  2. reboot, and choose Enroll MOK on the console of the virtual machine"
		warn "  3. $(to_build)"
	else
		warn "  dkms has no signing key yet. To create one, and then see how to enroll it:"
		warn "  $(to_install openssl mokutil) && $(to_build)"
	fi
	warn "  Documentation: /usr/share/doc/pvscsi-dkms/secure-boot.md"
}

# refuse_installed KERNEL - uninstall a driver that this machine's kernel would refuse, for example
# because Secure Boot was turned on after the build. Only an initramfs has a fallback for it.
refuse_installed() {
	if has_own "$1" && dkms uninstall -m pvscsi -v "$wanted" -k "$1" >/dev/null 2>&1 9>&-; then
		note_stale "$1"
	fi
	build_refused "$1"
}
