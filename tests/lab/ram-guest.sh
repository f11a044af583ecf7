# shellcheck shell=bash
# ram-guest.sh - boot a kernel in QEMU in seconds, with the driver under test in an initramfs, run a
# shell script in it and judge the result. For the vm tests: source this file, describe the machine,
# pipe the guest part into guest_run.
#
#   guest_disk disk0 64M scsi-id=0
#   guest_run <<'GUEST'
#   load
#   check "the disk is found" wait_for 10 has_disk 0
#   GUEST
#
# dash -eu runs the guest part, with the functions of tests/lab/guest/init. The guest part may have
# the machine powered on again, with the contents of its disks kept: see power_on_again there.
#
# Environment: KERNEL (a series, maybe with a flavour, or debug; default 6.1), TEST_DIR (work
# directory), TEST_TIMEOUT (seconds; the guest's limit is a little shorter, so that a hang can be
# explained), PVSCSI_KO (the module to test instead of a build of src/), GUEST_ACCEL (default tcg:
# KVM may not work on a host that has it).

# shellcheck source=tests/lab/kernels.sh
. "$(dirname "${BASH_SOURCE[0]}")/kernels.sh"
# shellcheck source=tests/lab/guest-tools.sh
. "$(dirname "${BASH_SOURCE[0]}")/guest-tools.sh"

KERNEL=${KERNEL:-6.1}
TEST_DIR=${TEST_DIR:-$LAB_BUILD/test/guest}
# shellcheck disable=SC2034 # for tests/run
GUEST_PACKAGES=(qemu-system-x86 binutils cpio kmod xz-utils mmdebstrap ca-certificates)

# Settings that a test may change before guest_run.
GUEST_ARCHITECTURE=$(kernels_architecture "$KERNEL")
# shellcheck disable=SC2034 # GUEST_MACHINE_PCIE is for tests
case $GUEST_ARCHITECTURE in
arm64)
	GUEST_QEMU=(qemu-system-aarch64)
	GUEST_MACHINE=virt,gic-version=3
	GUEST_MACHINE_PCIE=$GUEST_MACHINE
	GUEST_CPU=max,pauth-impdef=on  # the architecture's own authentication is slow to emulate
	GUEST_CONSOLE=ttyAMA0
	;;
*)
	GUEST_QEMU=(qemu-system-x86_64)
	GUEST_MACHINE=pc
	GUEST_MACHINE_PCIE=q35         # has ports that can be reset and unplugged
	GUEST_CPU=max
	GUEST_CONSOLE=ttyS0
	;;
esac
GUEST_CPUS=2
GUEST_MEMORY=512M
GUEST_CMDLINE=
GUEST_BOOT_SECONDS=90          # to reach /init; QEMU's TCG sometimes hangs
GUEST_ARGS=()                  # of QEMU, in order
GUEST_MODULES=(sd_mod sg)      # of the kernel, with what they depend on
GUEST_TOOLS=()                 # fio, kexec, inventory; beside busybox and sg3-utils
GUEST_FILES=()                 # HOSTFILE=GUESTPATH, executables mostly

# --- the machine --------------------------------------------------------------

# guest_slowness - print by what factor this kernel is slower.
guest_slowness() { if [ "$KERNEL" = debug ]; then echo 4; else echo 1; fi; }

# guest_kernel_arguments - print the additional arguments for this kernel: those of the debug kernel,
# or of a kernel of PVSCSI_KERNELS. Of the former:
# acpi=noirq: on QEMU's pc, an ACPI method routes interrupts. Its loop takes longer on this kernel
# than the 30 s that ACPI allows. The firmware also has a table of interrupts. slab_debug: without
# tracking of allocations, because KASAN does that. no5lvl: while the kernel identifies its first
# CPU it assumes page tables of four levels, and KASAN then reports the memory of an interrupt as a
# wild access (0.01 s after the start).
guest_kernel_arguments() {
	! kernels_is_own "$KERNEL" || kernels_own_file "$KERNEL" arguments
	[ "$KERNEL" = debug ] || return 0
	printf 'guest.slowness=%s slab_debug=FZP no5lvl ' "$(guest_slowness)"
	case $GUEST_MACHINE in pc*) printf 'acpi=noirq ' ;; esac
}

# guest_memory - print the machine's memory. The tools of the debug kernel need at least 90 MB of
# it.
guest_memory() {
	case $KERNEL-$GUEST_MEMORY in
	debug-160M) echo 256M ;;
	debug-512M) echo 768M ;;
	debug-768M) echo 1G ;;
	*) printf '%s\n' "$GUEST_MEMORY" ;;
	esac
}

# guest_adapter [PROPERTY,...] - add a PVSCSI adapter; the disks that follow are attached to it. If
# the test does not call this, guest_disk adds one.
guest_adapters=0
# shellcheck disable=SC2120 # the tests pass properties
guest_adapter() {
	GUEST_ARGS+=(-device "pvscsi,id=pvs$guest_adapters${1:+,$1}")
	guest_adapters=$((guest_adapters + 1))
}

# guest_drive NAME SIZE - add a sparse image file as the block node NAME, not yet attached to a
# device.
guest_drive() {
	mkdir -p "$TEST_DIR"
	truncate -s "$2" "$TEST_DIR/$1.img"
	GUEST_ARGS+=(-blockdev "driver=raw,node-name=$1,file.driver=file,cache.no-flush=on,file.filename=$TEST_DIR/$1.img")
}

# guest_disk NAME SIZE [PROPERTY,...] - add such a drive as a disk on the adapter.
guest_disk() {
	# shellcheck disable=SC2119
	[ "$guest_adapters" -gt 0 ] || guest_adapter
	guest_drive "$1" "$2"
	GUEST_ARGS+=(-device "scsi-hd,drive=$1,id=$1${3:+,$3}")
}

# guest_newer_qemu - have guest_run use the QEMU of trixie's backports. It runs outside of the
# chroot where it is installed, with the chroot's libraries.
guest_newer_qemu() {
	local root=$LAB_BUILD/chroot/qemu package=qemu-system-x86 program=qemu-system-x86_64 libraries
	[ "$GUEST_ARCHITECTURE" != arm64 ] ||
		root=$root-arm64 package=qemu-system-arm program=qemu-system-aarch64
	lab_lock guest-qemu guest_newer_qemu_make "$root" "$package" >&2 || return
	libraries=$root/usr/lib/x86_64-linux-gnu
	GUEST_QEMU=("$root/lib64/ld-linux-x86-64.so.2" --library-path "$libraries:$libraries/pulseaudio"
		"$root/usr/bin/$program" -L "$root/usr/share/qemu" -L "$root/usr/share/seabios")
}

guest_newer_qemu_make() {
	local root=$1 package=$2 log=$LAB_BUILD/log/guest-qemu.log
	[ ! -e "$root/.ready" ] || return 0
	lab_need mmdebstrap ca-certificates
	lab_chroot "$root" trixie || return
	mkdir -p "$LAB_BUILD/log"
	# shellcheck disable=SC2016 # the shell inside expands it
	lab_in "$root" sh -ec '
		apt-get -q -o Acquire::Check-Valid-Until=false update
		apt-get -q -y --no-install-recommends -t trixie-backports install "$1"
		apt-get clean' newer "$package" >"$log" 2>&1 || {
		tail -n 20 "$log"
		lab_die "QEMU could not be had from trixie-backports (log: $log)"
	}
	touch "$root/.ready"
}

# guest_self_disk NAME [PROPERTY,...] - add a disk that is a tar archive of what the machine boots,
# vmlinuz and initramfs.cpio; the guest passes these to kexec.
guest_self=
guest_self_disk() {
	guest_self=$TEST_DIR/$1.img
	guest_disk "$1" 256M "${2:-}"
}

# --- its initramfs ------------------------------------------------------------

# guest_module VERSION - print the path of the module under test, built for VERSION. It is built
# once for each state of the source.
guest_module() {
	local version=$1 top=${KERNELS_SOURCE:-$LAB_TOP} key dir
	if [ -n "${PVSCSI_KO:-}" ]; then
		printf '%s\n' "$PVSCSI_KO"
		return
	fi
	key=$(cd "$top" && find dkms.conf src -type f \( -name '*.[ch]' -o -name Kbuild -o -name dkms.conf \) \
		-print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c1-12)
	dir=$LAB_BUILD/module/$version-$key
	lab_lock "module-$version" guest_module_make "$version" "$dir" >&2 || return
	printf '%s\n' "$dir/vmw_pvscsi.ko"
}

guest_module_make() {
	[ ! -e "$2/vmw_pvscsi.ko" ] || return 0
	# The build tests check for warnings, so ignore them here.
	kernels_build "$1" "$2" || [ $? = 2 ] ||
		lab_die "the driver does not build for kernel $1"
}

# guest_altered_module HEADER MAKE_ARG... - test a build with HEADER added to the sources and with
# MAKE_ARGs. This is for situations that QEMU's device never produces.
guest_altered_module() {
	local header=$1 source=$TEST_DIR/source version
	shift
	mkdir -p "$source"
	cp "$LAB_TOP/dkms.conf" "$source/"
	cp -r "$LAB_TOP/src" "$source/"
	cp "$header" "$source/src/"
	version=$(kernels_version "$KERNEL")
	KERNELS_SOURCE=$source kernels_build "$version" "$TEST_DIR/altered" "$@"
	export PVSCSI_KO=$TEST_DIR/altered/vmw_pvscsi.ko
}

# guest_test_module SOURCE.c GUESTPATH - build a test's kernel module for the guest's kernel. Such a
# module does what user space in the guest cannot do.
guest_test_module() {
	local version work name
	name=$(basename "$1" .c)
	version=$(kernels_version "$KERNEL")
	work=$(kernels_work "$version")
	mkdir -p "$TEST_DIR"
	cp "$1" "$work/"
	printf 'obj-m := %s.o\n' "$name" >"$work/Kbuild"
	kernels_make "$version" "$work" W=1 modules >"$TEST_DIR/$name.log" 2>&1 || {
		tail -n 20 "$TEST_DIR/$name.log" >&2
		lab_die "$1 does not build for kernel $version"
	}
	cp "$work/$name.ko" "$TEST_DIR/"
	rm -rf "$work"
	GUEST_FILES+=("$TEST_DIR/$name.ko=$2")
}

# guest_in_tree - test the in-tree driver instead, for comparison. Call it before device_start.
GUEST_IN_TREE=
guest_in_tree() {
	local version image
	[ -z "${DEVICE_PID:-}" ] || lab_die "start the device after guest_in_tree or guest_in_tree_too"
	# shellcheck disable=SC2034 # for device.sh
	GUEST_IN_TREE=1
	version=$(kernels_version "$KERNEL")
	image=$(kernels_image "$version")
	PVSCSI_KO=$(find "$image/lib/modules/$version/" -path '*/drivers/scsi/vmw_pvscsi.ko*')
	if [ -z "$PVSCSI_KO" ]; then
		[ "$GUEST_ARCHITECTURE" = arm64 ] || lab_die "kernel $KERNEL has no pvscsi driver of its own"
		printf 'skip: kernel %s has no pvscsi driver of its own\n' "$KERNEL" >&2
		exit 77
	fi
	export PVSCSI_KO
}

# guest_in_tree_too GUESTPATH - give the guest the in-tree driver, too, uncompressed. Call it before
# device_start.
guest_in_tree_too() {
	local ko
	ko=$(guest_in_tree && printf '%s\n' "$PVSCSI_KO") || return
	# shellcheck disable=SC2034 # for device.sh
	GUEST_IN_TREE=1
	mkdir -p "$TEST_DIR"
	case $ko in
	*.xz) xz -dc "$ko" >"$TEST_DIR/in-tree.ko" ;;
	*) cp "$ko" "$TEST_DIR/in-tree.ko" ;;
	esac
	GUEST_FILES+=("$TEST_DIR/in-tree.ko=$1")
}

# guest_program SOURCE.c GUESTPATH - compile a test's program for the guest, with the headers beside
# it.
guest_program() {
	local chroot work name compiler
	chroot=$(kernels_chroot bookworm "$GUEST_ARCHITECTURE")
	case $GUEST_ARCHITECTURE in
	arm64) compiler=(aarch64-linux-gnu-gcc) ;;
	i386) compiler=(gcc -m32) ;;
	*) compiler=(gcc) ;;
	esac
	name=$(basename "$1")
	work=$(mktemp -d "$chroot/tmp/program-XXXXXX")
	mkdir -p "$TEST_DIR"
	cp "$1" "$work/"
	find "$(dirname "$1")" -maxdepth 1 -name '*.h' -exec cp {} "$work/" \;
	lab_in "$chroot" "${compiler[@]}" -O2 -Wall -Wextra -Werror -static -pthread \
		-o "${work#"$chroot"}/program" "${work#"$chroot"}/$name"
	cp "$work/program" "$TEST_DIR/${name%.c}"
	rm -rf "$work"
	GUEST_FILES+=("$TEST_DIR/${name%.c}=$2")
}

# guest_initramfs VERSION TESTFILE OUT - make the guest's initramfs.
guest_initramfs() {
	local version=$1 test=$2 out=$3 image stage ko m name tool pieces=()
	image=$(kernels_image "$version") || return
	ko=$(guest_module "$version") || return
	for tool in base ${GUEST_TOOLS[@]+"${GUEST_TOOLS[@]}"}; do
		m=$(guest_tools_cpio "$tool") || return
		pieces+=("$m")
	done
	stage=$TEST_DIR/initramfs
	rm -rf "$stage"
	mkdir -p "$stage/lib/kernel" "$stage/etc"
	: >"$stage/etc/modules"
	for m in "${GUEST_MODULES[@]}"; do
		modprobe -d "$image" -S "$version" --show-depends "$m" || return
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' >"$TEST_DIR/modules"
	while read -r m; do
		name=$(basename "$m")
		case $name in
		*.xz) name=${name%.xz}; xz -dc "$m" >"$stage/lib/kernel/$name" ;;
		*) cp "$m" "$stage/lib/kernel/$name" ;;
		esac
		printf '/lib/kernel/%s\n' "$name" >>"$stage/etc/modules"
	done <"$TEST_DIR/modules"
	case $ko in
	*.xz) xz -dc "$ko" >"$stage/lib/vmw_pvscsi.ko" ;;
	*) cp "$ko" "$stage/lib/vmw_pvscsi.ko" ;;
	esac
	for m in ${GUEST_FILES[@]+"${GUEST_FILES[@]}"}; do
		mkdir -p "$stage/$(dirname "${m#*=}")"
		cp "${m%%=*}" "$stage/${m#*=}"
	done
	cp "$test" "$stage/test"
	install -m 755 "$LAB_TOP/tests/lab/guest/init" "$stage/init"
	(cd "$stage" && find . -print0 | cpio --quiet -0 -o -H newc) >"$TEST_DIR/test.cpio"
	cat "${pieces[@]}" "$TEST_DIR/test.cpio" >"$out"
	rm -rf "$stage" "$TEST_DIR/test.cpio"
}

# --- the run ------------------------------------------------------------------

# guest_run - boot the machine, run standard input in it, judge the result; returns the status of
# tests/lab/judge. The console goes to standard output, and to TEST_DIR/console.log for
# guest_log_has. If the guest part requested it, the machine is powered on again. All its boots are
# judged together.
guest_run() {
	guest_system || return
	: >"$TEST_DIR/console.log"
	guest_again=
	while guest_boot "$GUEST_CMDLINE $guest_again"; do :; done
	"$LAB_TOP/tests/lab/judge" "$TEST_DIR/console.log"
}

# guest_system - make what the machine boots, with standard input as the guest part.
guest_system() {
	local version image
	mkdir -p "$TEST_DIR"
	cat >"$TEST_DIR/guest-part"
	[ "$GUEST_ARCHITECTURE" != arm64 ] || lab_need qemu-system-arm
	# shellcheck disable=SC2119
	[ "$guest_adapters" -gt 0 ] || guest_adapter
	version=$(kernels_version "$KERNEL") || return
	image=$(kernels_image "$version") || return
	guest_initramfs "$version" "$TEST_DIR/guest-part" "$TEST_DIR/initramfs.cpio" || return
	guest_vmlinuz=$image/vmlinuz
	[ -n "$guest_self" ] || return 0
	tar -C "$image" -chf "$guest_self" vmlinuz -C "$TEST_DIR" initramfs.cpio || return
	truncate -s 256M "$guest_self"
}

# guest_boot ARGUMENTS - boot the machine once with these kernel arguments. Returns true if it is to
# be powered on again, with the arguments in guest_again.
guest_boot() {
	local limit try
	# In about one of a hundred boots, QEMU's TCG crashes or hangs a kernel in its first second.
	# The driver has not run before /init, so such a boot is repeated.
	for try in first second third; do
		# The rest of the test's timeout, minus the time to explain a hang.
		limit=$((${TEST_TIMEOUT:-120 * $(guest_slowness)} - SECONDS - 8))
		guest_qemu "$limit" "$guest_vmlinuz" "$1" | tee "$TEST_DIR/boot.log"
		# (A kernel that hung may go on when it is asked for its backtrace. That boot does not count.)
		grep -q 'guest: kernel ' "$TEST_DIR/boot.log" &&
			! grep -q '^host: failure: timeout: .* for the kernel to boot$' "$TEST_DIR/boot.log" && break
		printf 'host: the %s boot did not reach /init\n' "$try"
	done
	cat "$TEST_DIR/boot.log" >>"$TEST_DIR/console.log"
	# After a failed boot, do not continue.
	! grep -Eq 'guest: not ok|^host: failure' "$TEST_DIR/boot.log" || return 1
	guest_again=$(sed -nE 's/^(\[[^]]*\] )?guest: @again ?//p' "$TEST_DIR/boot.log" | tail -n 1)
	grep -Eq '^(\[[^]]*\] )?guest: @again' "$TEST_DIR/boot.log"
}

# guest_log_has REGEX / guest_log_lacks REGEX - check the console of the last run, for what happens
# after the guest part has ended. This must be the last command of a test.
guest_log_has() {
	grep -Eq -- "$1" "$TEST_DIR/console.log" || {
		printf 'not ok - the console should hold: %s\n' "$1"
		return 1
	}
}
guest_log_lacks() {
	! grep -E -- "$1" "$TEST_DIR/console.log" || {
		printf 'not ok - the console should not hold: %s\n' "$1"
		return 1
	}
}

# guest_qemu SECONDS VMLINUZ ARGUMENTS - run QEMU. Prints the console without carriage returns, and
# lines of this script as "host: ...". tsc=nowatchdog: on a busy host, the watchdog may declare the
# TSC unstable during a test. Linux 7.3 then patches its code, and a guest once crashed with an
# int3, because TCG executed the breakpoint of a patch that was already complete.
# shellcheck disable=SC2030 # a subshell for its trap; what uses the variables is inside
guest_qemu() (
	limit=$1 vmlinuz=$2 arguments=$3 waiting='the kernel to boot'
	cd "$TEST_DIR"
	rm -f in out qmp.in qmp.out
	mkfifo in out qmp.in qmp.out
	# stdio is multiplexed only because this can send a serial break.
	"${GUEST_QEMU[@]}" -machine "$GUEST_MACHINE" -accel "${GUEST_ACCEL:-tcg,thread=multi}" \
		-cpu "$GUEST_CPU" -smp "$GUEST_CPUS" -m "$(guest_memory)" \
		-nodefaults -no-user-config -no-reboot -display none \
		-chardev stdio,id=console,mux=on,signal=off -serial chardev:console \
		-chardev pipe,id=qmp,path=qmp -mon chardev=qmp,mode=control \
		-kernel "$vmlinuz" -initrd initramfs.cpio \
		-append "console=$GUEST_CONSOLE,115200 ignore_loglevel log_buf_len=1M printk.devkmsg=on panic=-1 oops=panic sysrq_always_enabled mitigations=off random.trust_cpu=on tsc=nowatchdog $(guest_kernel_arguments) $arguments" \
		${GUEST_ARGS[@]+"${GUEST_ARGS[@]}"} <in >out 2>&1 &
	qemu=$!
	trap 'kill -KILL "$qemu" 2>/dev/null || :' EXIT
	exec {to}>in {from}<out {qmp_to}<>qmp.in {qmp_from}<>qmp.out
	printf '{"execute":"qmp_capabilities"}\n' >&"$qmp_to"
	guest_qmp_reply >/dev/null || printf 'host: failure: QEMU does not answer\n'
	end=$((SECONDS + limit))
	deadline=$((SECONDS + GUEST_BOOT_SECONDS * $(guest_slowness))) # until /init prints something
	[ "$deadline" -lt "$end" ] || deadline=$end
	while [ "$SECONDS" -lt "$deadline" ]; do
		rc=0
		IFS= read -r -t $((deadline - SECONDS)) -u "$from" line || rc=$?
		line=${line//$'\r'/}
		[ "$rc" -le 128 ] || break # it timed out
		[ "$rc" = 0 ] || {
			[ -z "$line" ] || printf '%s\n' "$line"
			wait "$qemu" || printf 'host: failure: QEMU ended with status %s\n' "$?"
			exit 0
		}
		printf '%s\n' "$line"
		case $line in
		*'guest: @host '*) guest_host_action "${line#*guest: @host }" ;;
		*'guest: '*)
			deadline=$end
			waiting="what follows '${line#*guest: }'"
			;;
		esac
	done
	# Before the end, have sysrq print blocked tasks (break w) and the CPUs (break l).
	printf '\001bw' >&"$to"
	sleep 1
	printf '\001bl' >&"$to"
	# the guest may continue to print without end
	deadline=$((SECONDS + 10))
	while [ "$SECONDS" -lt "$deadline" ] && IFS= read -r -t 2 -u "$from" line; do
		printf '%s\n' "${line//$'\r'/}"
	done
	printf 'host: failure: timeout: after %s s still waiting for %s\n' \
		$((SECONDS - end + limit)) "$waiting"
)

# guest_host_action COMMAND... - run what `host` in the guest asks for. The answer is one line on
# the guest's console.
guest_host_action() {
	local reply rc=0
	if declare -F "host_${1%% *}" >/dev/null; then
		# shellcheck disable=SC2086 # words of a command line
		reply=$(host_$1 2>&1) || rc=$?
	else
		reply=$(guest_monitor "$1") || rc=$?
		# The monitor reports errors as text. These commands also print text when they
		# succeed.
		case $1 in
		info* | qemu-io* | print*) ;;
		*) [ -z "$reply" ] || rc=1 ;;
		esac
	fi
	reply=$(tr -s '\r\n' ' ' <<<"$reply")
	[ "$rc" = 0 ] && rc=OK || rc="FAILED ($rc)"
	printf 'host: %s: %s %s\n' "$1" "$rc" "$reply"
	# shellcheck disable=SC2031 # called by guest_qemu
	printf '%s %s\n' "$rc" "${reply:0:200}" >&"$to"
}

# guest_monitor COMMAND - run a command of QEMU's human monitor, print its output.
guest_monitor() {
	local line=$1
	line=${line//\\/\\\\}
	line=${line//\"/\\\"}
	# shellcheck disable=SC2031 # called by guest_qemu
	printf '{"execute":"human-monitor-command","arguments":{"command-line":"%s"}}\n' "$line" >&"$qmp_to"
	guest_qmp_reply
}

# guest_qmp JSON - send QEMU a QMP command, for what the human monitor does not support.
guest_qmp() {
	# shellcheck disable=SC2031 # called by guest_qemu
	printf '%s\n' "$1" >&"$qmp_to"
	guest_qmp_reply
}

guest_qmp_reply() {
	local line='' part rc end=$((SECONDS + 60))
	# (QEMU may end before it answers. The FIFO, which is open for writing here, has no end.)
	# shellcheck disable=SC2031 # called by guest_qemu
	while [ "$SECONDS" -lt "$end" ]; do
		part='' rc=0
		IFS= read -r -t 1 -u "$qmp_from" part || rc=$?
		line+=$part
		if [ "$rc" != 0 ]; then
			kill -0 "$qemu" 2>/dev/null || break
			continue
		fi
		line=${line%$'\r'}
		case $line in
		'{"return": "'*)
			line=${line#'{"return": "'}
			printf '%b' "${line%'"}'}"
			return 0
			;;
		'{"return"'*) return 0 ;;
		'{"error"'*) printf '%s\n' "$line"; return 1 ;;
		esac
		line=''
	done
	printf 'no answer from the monitor\n'
	return 1
}
