# shellcheck shell=bash
# count.sh - count the guest instructions that an I/O costs. Source this file; it sources
# bench.sh. A plugin of QEMU (tests/tools/count-plugin.c) counts every instruction of the guest,
# between two marks that fio's parent makes (tests/tools/count-run.c). Each workload runs with N and
# with 3 N I/Os in the same guest: the difference is what 2 N of them cost, without the start
# and the end of fio. tests/tools/count-report computes it.

# shellcheck source=tests/lab/bench.sh
. "$(dirname "${BASH_SOURCE[0]}")/bench.sh"

COUNT_SOURCES=("$LAB_TOP"/tests/tools/count-{plugin.c,marks.h})

# count_plugin - print the path of the plugin. QEMU's interface has a version: 1 before QEMU 9.0,
# which takes no plugin of later versions; 9.0 and newer take 2 and later ones.
count_plugin() {
	local interface=4 major dir
	major=$("${GUEST_QEMU[@]}" --version | sed -n 's/^QEMU emulator version \([0-9]*\).*/\1/p')
	[ "${major:-0}" -ge 9 ] || interface=1
	dir=$LAB_BUILD/count/$(cat "${COUNT_SOURCES[@]}" | sha256sum | cut -c1-12)-$interface
	lab_lock count-plugin count_plugin_make "$dir" "$interface" >&2 || return
	printf '%s\n' "$dir/plugin.so"
}

count_plugin_make() {
	local dir=$1 chroot work
	[ ! -e "$dir/plugin.so" ] || return 0
	chroot=$(kernels_chroot bookworm) || return
	work=$(mktemp -d "$chroot/tmp/plugin-XXXXXX")
	cp "${COUNT_SOURCES[@]}" "$work/"
	mkdir -p "$dir"
	lab_in "$chroot" gcc -O2 -Wall -Wextra -Wno-unused-parameter -Werror -shared -fPIC \
		-fvisibility=hidden "-DPLUGIN_VERSION=$2" -o "${work#"$chroot"}/plugin.so" \
		"${work#"$chroot"}/count-plugin.c" >"$dir/log" 2>&1 || {
		cat "$dir/log"
		rm -rf "$work"
		lab_die "nothing can be counted: QEMU's plugin (tests/tools/count-plugin.c) does not build"
	}
	mv "$work/plugin.so" "$dir/"
	rm -rf "$work"
}

# count_check PLUGIN - end here, with the reason, if QEMU cannot load it.
count_check() {
	local said
	said=$(timeout 60 "${GUEST_QEMU[@]}" -machine none -accel tcg -display none -S \
		-monitor stdio -plugin "file=$1,out=/dev/null" <<<quit 2>&1 >/dev/null) || {
		printf '%s\n' "$said" >&2
		lab_die "nothing can be counted: this QEMU takes no plugin, or not this one" \
			"(its words are above). Debian's packages of QEMU have plugins compiled in."
	}
}

# count_boot KERNEL CPUS OUT DRIVERS WORKLOADS REPEATS [profile] - boot the machine once and count.
# Writes OUT/CPUS.runs (the guest's words) and OUT/CPUS.counts (the plugin's); with profile also
# OUT/CPUS.symbols-DRIVER. COUNT_HUGE=never: the buffers of large I/O are not huge pages.
count_boot() {
	local cpus=$2 out=$3 drivers=$4 workloads=$5 repeats=$6 profile=${7:-} plugin driver slot=0
	plugin=$(count_plugin) || return
	count_check "$plugin"
	bench_prepare "$1" "$out/work"
	bench_machine "$cpus" null:4096 late:4112 file:256
	[[ " $drivers " != *' floor '* ]] ||
		guest_test_module "$LAB_TOP/tests/tools/count-floor.c" /lib/floor.ko
	guest_program "$LAB_TOP/tests/tools/count-run.c" /bin/count-run
	GUEST_FILES+=("$LAB_TOP/tests/lab/guest/count=/count")
	GUEST_ARGS+=(-plugin "file=$plugin,out=counts${profile:+,profile=on}")
	# With one CPU, the guest's clock counts instructions, too: as many timer interrupts and turns
	# of fio's calibration on a slow or busy host as on a fast one.
	if [ "$cpus" = 1 ]; then
		GUEST_ACCEL=tcg,thread=single
		GUEST_ARGS+=(-icount 'shift=1')
	else
		unset GUEST_ACCEL
	fi
	if [ -n "$profile" ]; then
		# (addresses that do not move; the disk's size is the one of bench_number)
		GUEST_CMDLINE+=' nokaslr'
		guest_drive symbols 4104M
		GUEST_ARGS+=(-device "virtio-blk-pci,drive=symbols")
	fi
	guest_run >"$TEST_DIR/log" <<GUEST || { tail -n 40 "$TEST_DIR/log"; return 1; }
BENCH_CPUS=$cpus BENCH_Q_BASE=4112 COUNT_HUGE=${COUNT_HUGE:-always}
. /bench
. /count
bench_about
slot=0
for driver in $drivers; do
	for workload in $workloads; do count_one \$workload \$driver $repeats; done
	[ -z "$profile" ] || count_symbols \$slot
	slot=\$((slot + 1))
done
ok "counted"
GUEST
	grep -aoE '(count-run|count-doorbells|bench-about) .*' "$TEST_DIR/log" >"$out/$cpus.runs"
	mv "$TEST_DIR/counts" "$out/$cpus.counts"
	[ -n "$profile" ] || return 0
	for driver in $drivers; do
		dd if="$TEST_DIR/symbols.img" bs=1M skip=$((32 * slot)) count=32 status=none |
			tr -d '\0' >"$out/$cpus.symbols-$driver"
		slot=$((slot + 1))
	done
}
