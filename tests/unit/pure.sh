# shellcheck shell=bash
# pure.sh NAME - build tests/unit/NAME.c with the pure file src/NAME.c, if it exists, for user space
# with sanitizers, and run it. Sourced by the tests *-unit.

set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=scripts/build/common.sh
. "$top/scripts/build/common.sh"

name=$1
out=${TEST_DIR:-$(mktemp -d)}
lab_need gcc libc6-dev
sources=("$top/tests/unit/$name.c")
[ ! -f "$top/src/$name.c" ] || sources+=("$top/src/$name.c")
gcc -std=gnu11 -g -O1 -Wall -Wextra -Wno-sign-compare -Werror \
	-fsanitize=address,undefined -fno-sanitize-recover=all \
	-I "$top/tests/unit" -I "$top/tests/unit/include" -I "$top/src" \
	-o "$out/$name" "${sources[@]}"
"$out/$name"
