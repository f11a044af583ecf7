# shellcheck shell=bash
# shells.sh - which files are shell scripts. Sourced by the tests of this folder.

# shells FOLDER... - print the shell scripts, and parts of scripts, in these folders.
shells() {
	find "$@" -type f -exec sh -c 'for f; do
		head -n 3 "$f" | grep -qE "^(#!/bin/(ba)?sh|# shellcheck shell=)" && echo "$f"
	done; :' sh {} +
}
