# sgio-compare.awk - awk -f sgio-compare.awk THEIRS OURS: compare two outputs of sgio-sweep, of a
# disk on virtio-scsi and of the same disk on the driver under test. Prints how many commands end in
# the same way, how many end in each way that docs/sgio.md explains, with their opcodes, and every
# other difference in full: "unexplained: ...".

function kind_of(direction, size, theirs, ours,   t, o) {
	split(theirs, t, " ")
	split(ours, o, " ")
	# status, host byte, driver byte, sense, residual, slow
	if (o[6] == "slow" && t[6] != "slow")
		return ""
	if (o[1] == t[1] && o[2] == t[2] && o[3] == t[3] && o[4] == t[4])
		return o[5] > size ? "" : o[1] == "00" ? "residual_good" : "residual_failed"
	if (t[2] == "07" && o[2] == "00" && direction != "out")
		return "answered"
	if (t[2] == "07" && o[2] == "00" && size == 0)
		return "answered"
	if (t[2] == "00" && o[2] == "07" && direction == "out" && opcode ~ /^(0a|2a|2e|8a|8e|aa|ae)$/)
		return "long_write"
	return ""
}

FNR == NR {
	theirs_of[FNR] = $0
	next
}
{
	split($0, ours, ": ")
	split(theirs_of[FNR], theirs, ": ")
	split(ours[1], command, " ")
	opcode = command[1]
	total++
	if (ours[1] != theirs[1]) {
		print "unexplained: line " FNR " is of another command: " theirs[1] " and " ours[1]
		next
	}
	if (ours[2] == theirs[2]) {
		same++
		next
	}
	kind = kind_of(command[2], command[3], theirs[2], ours[2])
	if (kind == "") {
		print "unexplained: " ours[1] ": " theirs[2] " -> " ours[2]
		next
	}
	count[kind]++
	if (!seen[kind, opcode]++)
		opcodes[kind] = opcodes[kind] " " opcode
}
END {
	print total + 0 " commands, " same + 0 " alike"
	for (kind in count)
		print kind ": " count[kind] ", opcodes" opcodes[kind]
}
