# shellcheck shell=sh
# findings.sh - the results of the checks. They are kept in memory, so that a full disk cannot
# truncate them.

# Each is a line of SUBJECT<tab>LEVEL<tab>CODE<tab>TEXT<tab>FIX. The subject is a kernel or
# "machine". The level is good, warning, unknown (it could not be examined) or error. The text and
# the fix, a command to type, are for display only. fix.sh has the functions that fix a code.
tab=$(printf '\t')
newline='
'
findings=
subject=machine
# Colours are for terminals, unless the user does not want them (https://no-color.org).
colours=
[ ! -t 1 ] || [ -n "${NO_COLOR:-}" ] || [ "${TERM:-dumb}" = dumb ] || colours=yes

# finding LEVEL CODE TEXT [FIX] - add one about $subject. (The name of a file in the text may have a
# tab or a newline in it, which would make two findings of one.)
finding() {
	findings="$findings$subject$tab$1$tab$2$tab$(one_line "$3")$tab$(one_line "${4:-}")$newline"
}
one_line() {
	case $1 in
	*"$tab"* | *"$newline"*) printf '%s' "$1" | tr '\t\n' '  ' ;;
	*) printf '%s' "$1" ;;
	esac
}

# found SUBJECT CODE... - true if the subject has one of these codes.
found() {
	local of="$1" code
	shift
	for code; do
		printf '%s' "$findings" | grep -q "^$of${tab}[a-z]*$tab$code$tab" && return 0
	done
	return 1
}

# worst SUBJECT - print the worst level of the subject, or of all if SUBJECT is empty.
worst() {
	printf '%s' "$findings" | awk -F "$tab" -v subject="$1" '
		BEGIN { rank["warning"] = 1; rank["unknown"] = 2; rank["error"] = 3; name = "good" }
		(subject == "" || $1 == subject) && rank[$2] > max { max = rank[$2]; name = $2 }
		END { print name }'
}
# exit_status LEVEL - print the exit status of a command for this level.
exit_status() {
	case $1 in
	good) echo 0 ;;
	warning) echo 1 ;;
	error) echo 2 ;;
	*) echo 3 ;;
	esac
}

# verdict SUBJECT - print what its findings mean for the next boot.
verdict() {
	case $(worst "$1") in
	good) paint good good ;;
	warning) paint warning 'works, with warnings' ;;
	unknown) paint unknown 'NOT KNOWN' ;;
	*) paint error 'DOES NOT BOOT FROM A PVSCSI DISK' ;;
	esac
}
# paint LEVEL TEXT - print the text in the colour of the level: green, yellow, magenta or red.
paint() {
	local colour
	case $1 in
	good) colour=32 ;;
	warning) colour=33 ;;
	unknown) colour=35 ;;
	error) colour=31 ;;
	esac
	if [ -n "$colours" ]; then
		printf '\033[%sm%s\033[0m\n' "$colour" "$2"
	else
		printf '%s\n' "$2"
	fi
}

# say_findings SUBJECT
say_findings() {
	printf '%s' "$findings" | awk -F "$tab" -v subject="$1" -v warning="$(paint warning warning:)" \
		-v unknown="$(paint unknown 'not known:')" -v error="$(paint error error:)" '
		$1 == subject {
			level = ($2 == "good") ? "" : ($2 == "unknown") ? unknown : ($2 == "error") ? error : warning
			print "  " level (level == "" ? "" : " ") $4
			if ($5 != "") print "    to fix it: " $5
		}'
}

# json_escape - escape standard input for the inside of a JSON string. It uses sed, since awk
# implementations differ in how they treat backslashes.
json_escape() { LC_ALL=C tr -d '\000-\010\013-\037\177' | LC_ALL=C sed 's/[\\"]/\\&/g'; }
# json_string TEXT - print TEXT as a JSON string.
json_string() { printf '"%s"' "$(printf '%s' "$1" | json_escape | sed "s/$tab/\\\\t/g")"; }

# say_json - print the findings, the tool's name and version, and the verdict as JSON.
# shellcheck disable=SC2154 # version is pvscsictl's
say_json() {
	printf '{"tool": "pvscsictl", "version": %s, "verdict": "%s", "findings": [' \
		"$(json_string "$version")" "$(worst '')"
	printf '%s' "$findings" | json_escape | awk -F "$tab" '
		{
			printf "%s\n  {\"subject\": \"%s\", \"level\": \"%s\", \"code\": \"%s\", \"text\": \"%s\", \"fix\": %s}", \
				(NR > 1 ? "," : ""), $1, $2, $3, $4, ($5 == "" ? "null" : "\"" $5 "\"")
		}
		END { print "\n]}" }'
}
