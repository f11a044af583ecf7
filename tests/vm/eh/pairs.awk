# pairs.awk - make a Markdown table of the lines that trials of pairs.sh print. Rows are the first
# event, columns the second one, cells the number of successful trials of all trials. The failures
# follow the table.
match($0, /guest: pair [^ ]+ seed=/) {
	split(substr($0, RSTART + 12), word, " ")
	split(word[1], part, "+")
	for (i in word) {
		if (word[i] ~ /^outcome=/) outcome = substr(word[i], 9)
		if (word[i] ~ /^took=/) took = substr(word[i], 6)
	}
	if (!(part[1] in row)) { row[part[1]]; rows[++nrows] = part[1] }
	if (!(part[2] in column)) { column[part[2]]; columns[++ncolumns] = part[2] }
	trials[word[1]]++
	all++
	seconds += took
	if (outcome == "ok") { well[word[1]]++; allwell++ }
	else failure[++failures] = substr($0, RSTART + 7)
}
function sort(list, n,   i, j, t) {
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && list[j - 1] > list[j]; j--) {
			t = list[j]; list[j] = list[j - 1]; list[j - 1] = t
		}
}
END {
	if (!all) {
		print "no trial was made"
		exit 1
	}
	sort(rows, nrows)
	sort(columns, ncolumns)
	printf "| first \\ then |"
	for (c = 1; c <= ncolumns; c++) printf " %s |", columns[c]
	printf "\n|---|"
	for (c = 1; c <= ncolumns; c++) printf "---|"
	printf "\n"
	for (r = 1; r <= nrows; r++) {
		printf "| %s |", rows[r]
		for (c = 1; c <= ncolumns; c++) {
			pair = rows[r] "+" columns[c]
			printf pair in trials ? " " well[pair] + 0 "/" trials[pair] " |" : " - |"
		}
		printf "\n"
	}
	printf "\n%d of %d trials ended well; %.1f s each\n", allwell, all, seconds / all
	for (i = 1; i <= failures; i++) print failure[i]
}
