# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # variables of the other parts
# stats.sh - pvscsictl stats: the counters of the adapters as rates, as iostat does for disks.

# A sample has lines of ADDRESS UPTIME CAN_QUEUE COMMANDS COMPLETIONS INTERRUPTS DOORBELLS UNDERWAY
# ERRORS RESETS. A dash means unknown.

# count ADDRESS NAME... - print the sum of these counters.
count() {
	local _dir _name _sum _value
	_dir=/sys/bus/pci/devices/$1/statistics _sum=0
	shift
	for _name; do
		_value=$(attribute "$_dir/$_name")
		case $_value in *[!0-9]*) ;; *) _sum=$((_sum + _value)) ;; esac
	done
	echo "$_sum"
}

# sample_ours ADDRESS - the last seven fields, from the counters of our driver. (It reads
# completions before commands, so that the number of outstanding commands is never negative.)
sample_ours() {
	local _back _commands
	_back=$(count "$1" completions abandoned)
	_commands=$(count "$1" commands)
	echo "$_commands $_back $(count "$1" interrupts) $(count "$1" doorbells) $((_commands - _back))" \
		"$(count "$1" other_errors implausible contexts_unknown indices_impossible eh_failed)" \
		"$(count "$1" aborts device_resets bus_resets host_resets error_resets)"
}

# sample_disks ADDRESS - the same fields from the block layer's counters of the disks: completed
# reads, writes, discards and flushes, and requests in flight.
sample_disks() {
	local _stat
	for _stat in "/sys/bus/pci/devices/$1"/host*/target*/*:*:*:*/block/*/stat; do
		[ ! -e "$_stat" ] || cat "$_stat"
	done | awk '{ done += $1 + $5 + $12 + $16; now += $9 }
		END { printf "%d %d - - %d - -\n", done + now, done, now }'
}

sample() {
	local _address _numbers _shost
	for _address in $(addresses); do
		_shost=$(hosts_of "$_address")
		[ -n "$_shost" ] || continue
		if [ -d "/sys/bus/pci/devices/$_address/statistics" ]; then
			_numbers=$(sample_ours "$_address")
		else
			_numbers=$(sample_disks "$_address")
		fi
		echo "$_address $(cut -d' ' -f1 /proc/uptime) $(attribute "$_shost/can_queue") $_numbers"
	done
}

# say_stats BEFORE NOW - print the difference of two samples per second; without BEFORE, the sums.
say_stats() {
	printf '%s\n\n%s\n' "$1" "$2" | awk '
		function number(n) { return n == "-" ? n : sprintf("%d", n) }
		function difference(i) { return $i == "-" ? "-" : $i - old[$1, i] }
		function rate(i) { return $i == "-" ? "-" : sprintf("%.1f", difference(i) / seconds) }
		function ratio(i, k) {
			if ($i == "-" || $k == "-") return "-"
			return difference(k) ? sprintf("%.2f", difference(i) / difference(k)) : "-"
		}
		NF == 0 { now = 1; next }
		!now { for (i = 1; i <= NF; i++) old[$1, i] = $i; before = 1; next }
		!header {
			printf "%-14s %12s %12s %9s %13s %11s %8s %8s\n", "adapter", \
				(before ? "commands/s" : "commands"), (before ? "interrupts/s" : "interrupts"), \
				"cmds/intr", "cmds/doorbell", "outstanding", "errors", "resets"
			header = 1
		}
		{
			# the counters of a reloaded driver start at zero
			if (before && (!(($1, 2) in old) || $4 < old[$1, 4])) {
				printf "%-14s the driver was reloaded\n", $1
				next
			}
			seconds = before ? $2 - old[$1, 2] : 1
			if (seconds <= 0) seconds = 0.01
			printf "%-14s %12s %12s %9s %13s %11s %8s %8s\n", $1, \
				(before ? rate(4) : number($4)), (before ? rate(6) : number($6)), \
				ratio(5, 6), ratio(4, 7), $8 "/" $3, \
				number(difference(9)), number(difference(10))
		}'
}

# is_number TEXT - true for a positive number of seconds such as 5 or 0.5.
is_number() {
	case $1 in
	'' | . | *[!0-9.]* | *.*.*) return 1 ;;
	*[1-9]*) return 0 ;;
	*) return 1 ;;
	esac
}

# stats_json - print the sums since the driver was loaded as JSON. null means unknown.
stats_json() {
	sample | awk -v version="$version" '
		function value(n) { return n == "-" ? "null" : n }
		BEGIN { printf "{\"tool\": \"pvscsictl\", \"version\": \"%s\", \"adapters\": [", version }
		{
			printf "%s\n  {\"address\": \"%s\", \"uptime\": %s, \"can_queue\": %s, \"commands\": %s, \"completions\": %s, \"interrupts\": %s, \"doorbells\": %s, \"under_way\": %s, \"errors\": %s, \"resets\": %s}", \
				(NR > 1 ? "," : ""), $1, value($2), value($3), value($4), value($5), value($6), \
				value($7), value($8), value($9), value($10)
		}
		END { print "]}" }'
}

stats() {
	local _before _left _now
	if [ "${1:-}" = --json ]; then
		[ $# = 1 ] || wrong_usage
		stats_json
		return
	fi
	[ $# -le 2 ] || wrong_usage
	[ $# = 0 ] || is_number "$1" || die "invalid interval '$1': it must be a number of seconds above 0"
	case ${2:-1} in
	*[!0-9]* | 0) die "invalid count '$2': it must be a number above 0" ;;
	esac
	# without INTERVAL one report; with INTERVAL but without COUNT no end
	_left=${2:-}
	[ $# -gt 0 ] || _left=1
	_now=$(sample)
	[ -n "$_now" ] || die "this machine has no PVSCSI adapter (PCI 15ad:07c0) with a driver"
	case $_now in
	*' - '*) echo "the in-tree driver has no counters: the commands are from /sys/block/*/stat" ;;
	esac
	_before=
	while :; do
		say_stats "$_before" "$_now"
		if [ -n "$_left" ]; then
			_left=$((_left - 1))
			[ "$_left" -gt 0 ] || return 0
		fi
		sleep "$1" || return 3
		_before=$_now
		_now=$(sample)
	done
}
