# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # variables of the other parts
# check.sh - pvscsictl check: check that every installed kernel would boot from PVSCSI disks.

say_text() {
	local running
	for subject in $kernels; do
		running=
		[ "$subject" != "$(uname -r)" ] || running=' (running)'
		echo "kernel $subject$running: $(verdict "$subject")"
		say_findings "$subject"
	done
	if printf '%s' "$findings" | grep -q "^machine$tab"; then
		echo "the machine:"
		say_findings machine
	fi
}

# begin NAME - preparations of every command that examines an initramfs.
begin() {
	[ "$(id -u)" = 0 ] || die "root is required to read an initramfs: sudo pvscsictl $command"
	command -v modinfo >/dev/null || die "modinfo is missing: install kmod"
	kernels=$(kernels)
	[ -n "$kernels" ] || die "no kernel is installed"
	begin_work "$1"
}

# progress TEXT - on a terminal, print TEXT over the previous one. Without TEXT, erase it.
progress() { [ ! -t 2 ] || printf '\r\033[K%s' "$*" >&2; }

# look - check all kernels and the machine. Sets findings.
look() {
	local n=0 of
	findings=
	of=$(echo "$kernels" | wc -l)
	for subject in $kernels; do
		n=$((n + 1))
		progress "checking kernel $subject ($n of $of) ..."
		check_kernel "$subject"
	done
	subject=machine
	progress "checking the machine ..."
	check_machine
	progress
}

check() {
	local say
	case ${1:-} in
	'') say=say_text ;;
	--json) say=say_json ;;
	*) wrong_usage ;;
	esac
	[ $# -le 1 ] || wrong_usage
	begin ''
	look
	$say
	exit "$(exit_status "$(worst '')")"
}
