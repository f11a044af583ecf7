# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # variables of the other parts
# check.sh - pvscsictl check: what it found, said as text or JSON, and its verdict.

# Findings are lines of SUBJECT<tab>LEVEL<tab>CODE<tab>TEXT<tab>COMMAND; the subject is a
# kernel or "machine", the level good, warning or error, the command what mends it.
tab=$(printf '\t')
finding() { printf '%s\t%s\t%s\t%s\t%s\n' "$subject" "$1" "$2" "$3" "${4:-}" >>"$findings"; }
# found SUBJECT CODE... - is one of these among its findings?
found() {
	_subject=$1
	shift
	for _code; do
		grep -q "^$_subject${tab}[a-z]*$tab$_code$tab" "$findings" && return 0
	done
	return 1
}

# worst SUBJECT - the worst level among its findings; of all, without one.
worst() {
	awk -F "$tab" -v subject="$1" '
		subject == "" || $1 == subject { n = ($2 == "error") ? 2 : ($2 == "warning"); if (n > max) max = n }
		END { print max + 0 }' "$findings"
}
verdict() {
	case $(worst "$1") in
	0) echo good ;;
	1) echo 'works, with warnings' ;;
	*) echo 'DOES NOT BOOT FROM A PVSCSI DISK' ;;
	esac
}

# say_findings SUBJECT
say_findings() {
	awk -F "$tab" -v subject="$1" '
		$1 == subject {
			print "  " (($2 == "good") ? "" : ($2 ": ")) $4
			if ($5 != "") print "    to mend it: " $5
		}' "$findings"
}

say_text() {
	for subject in $kernels; do
		_running=
		[ "$subject" != "$(uname -r)" ] || _running=' (running)'
		echo "kernel $subject$_running: $(verdict "$subject")"
		say_findings "$subject"
	done
	if grep -q "^machine$tab" "$findings"; then
		echo "the machine:"
		say_findings machine
	fi
}

# The kernel's version, codes, texts and commands hold no control characters.
say_json() {
	awk -F "$tab" '
		function quoted(text) {
			gsub(/\\/, "\\\\", text)
			gsub(/"/, "\\\"", text)
			return "\"" text "\""
		}
		BEGIN { printf "{\"findings\": [" }
		{
			printf "%s\n  {\"subject\": %s, \"level\": %s, \"code\": %s, \"text\": %s, \"mend\": %s}", \
				(NR > 1 ? "," : ""), quoted($1), quoted($2), quoted($3), quoted($4), \
				($5 == "" ? "null" : quoted($5))
		}
		END { print "\n]}" }' "$findings"
}

# begin NAME - what every command needs that looks into an initramfs.
begin() {
	[ "$(id -u)" = 0 ] || die "an initramfs is for root to read: sudo pvscsictl $command"
	command -v modinfo >/dev/null || die "modinfo is missing: $(to_install kmod)"
	work=$(mktemp -d "/var/tmp/pvscsictl-$1XXXXXX") || die "no room in /var/tmp"
	trap 'rm -rf "$work"' EXIT
	trap 'exit 3' INT TERM HUP
	findings=$work/findings
	kernels=$(kernels)
	[ -n "$kernels" ] || die "no kernel is installed here"
}

# look - at everything; into findings.
look() {
	: >"$findings"
	for subject in $kernels; do
		check_kernel "$subject"
	done
	subject=machine
	check_machine
}

check() {
	case ${1:-} in
	'') say=say_text ;;
	--json) say=say_json ;;
	*) wrong_usage ;;
	esac
	[ $# -le 1 ] || wrong_usage
	begin ''
	look
	$say
	exit "$(worst '')"
}
