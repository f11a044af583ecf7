# shellcheck shell=bash
# bench.sh - what tests/tools/bench and tests/tools/count have in common: the machine with every
# controller, and the doorbells from QEMU's trace. Source this file; it sources ram-guest.sh.

# shellcheck source=tests/lab/ram-guest.sh
. "$(dirname "${BASH_SOURCE[0]}")/ram-guest.sh"

# The workload determines the number of virtual CPUs.
# shellcheck disable=SC2034 # for the scripts that source this file
declare -A BENCH_CPUS=([B]=1 [W]=1 [U]=1 [P]=1 [Q]=1 [M]=1 [L]=1 [X]=1 [N]=1 [file]=1 [S]=2 [T]=4)

# bench_check_drivers DRIVER... - end here if one of them is not known, or is not there.
bench_check_drivers() {
	local driver
	for driver; do
		case $driver in
		ours | in-tree | virtio-scsi | virtio-scsi-off | virtio-blk | virtio-blk-off | nvme) ;;
		before) [ -n "${BENCH_BEFORE:-}" ] || lab_die "the driver 'before' needs -b CHECKOUT" ;;
		*) lab_die "no driver $driver; -h names them" ;;
		esac
	done
	[ -z "${BENCH_BEFORE:-}" ] || [ -e "$BENCH_BEFORE/src/Kbuild" ] ||
		lab_die "$BENCH_BEFORE is not a checkout of this project: it has no src/Kbuild"
}

# The functions for `host` in the guest: QEMU's trace counts the doorbells.
BENCH_DOORBELLS='pvscsi_io_write virtio_queue_notify pci_nvme_mmio_doorbell_sq'
host_trace() {
	local event
	for event in $BENCH_DOORBELLS; do guest_monitor "trace-event $event $1" >/dev/null; done
}
host_trace_on() {
	stat -c %s "$TEST_DIR/trace" >"$TEST_DIR/trace.from"
	host_trace on
}
host_trace_count() {
	host_trace off
	tail -c "+$(($(cat "$TEST_DIR/trace.from") + 1))" "$TEST_DIR/trace" |
		grep -acE 'pvscsi_io_write .*KICK|virtio_queue_notify|doorbell_sq' || :
}

# bench_null NAME MIB [PROPERTY,...] - add a disk whose I/O costs the host nothing but the call.
bench_null() { GUEST_ARGS+=(-blockdev "driver=null-co,read-zeroes=on,node-name=$1,size=$(($2 << 20))${3:+,$3}"); }

# bench_machine CPUS [KIND:MIB...] - describe a machine with every controller; only one of them is
# used at a time. Each has a disk of each kind: null, file, or late, a null disk that takes a while.
bench_machine() {
	local kind bus
	GUEST_CPUS=$1
	shift
	[ $# -gt 0 ] || set -- null:4096 file:256
	GUEST_MEMORY=1G
	GUEST_TOOLS=(fio)
	GUEST_MODULES=(sd_mod virtio_pci virtio_scsi virtio_blk nvme)
	GUEST_CMDLINE='quiet'
	GUEST_ARGS=(-D trace)
	: >"$TEST_DIR/trace"
	guest_adapters=0
	guest_adapter
	GUEST_ARGS+=(-device "virtio-scsi-pci,id=vs2"
		-device "virtio-scsi-pci,id=vs3,ioeventfd=off")
	for kind; do
		for n in 1 2 3 4 5 6; do
			case $kind in
			null:*) bench_null "null$n" $((${kind#*:} + n)) ;;
			late:*) bench_null "late$n" $((${kind#*:} + n)) latency-ns=500000 ;;
			*) guest_drive "file$n" "$((${kind#*:} + n))M" ;;
			esac
		done
		kind=${kind%:*}
		for bus in 1:pvs0.0 2:vs2.0 3:vs3.0; do
			GUEST_ARGS+=(-device "scsi-hd,drive=$kind${bus%:*},bus=${bus#*:}")
		done
		GUEST_ARGS+=(-device "virtio-blk-pci,drive=${kind}4"
			-device "virtio-blk-pci,drive=${kind}5,ioeventfd=off"
			-device "nvme,serial=$kind,drive=${kind}6")
	done
}

# bench_prepare KERNEL DIR - make DIR a new directory to boot in, with both PVSCSI drivers, and with
# that of the checkout BENCH_BEFORE, if that is set. The boot may take BENCH_TIMEOUT seconds, if that
# is set.
bench_prepare() {
	local version image
	export KERNEL=$1 TEST_DIR=$2
	if [ -n "${BENCH_TIMEOUT:-}" ]; then
		export TEST_TIMEOUT=$BENCH_TIMEOUT
		SECONDS=0
	fi
	rm -rf "$TEST_DIR"
	mkdir -p "$TEST_DIR"
	version=$(kernels_version "$KERNEL")
	image=$(kernels_image "$version")
	cp "$image/lib/modules/$version/kernel/drivers/scsi/"vmw_pvscsi.ko* "$TEST_DIR/"
	[ ! -e "$TEST_DIR/vmw_pvscsi.ko.xz" ] || xz -d "$TEST_DIR/vmw_pvscsi.ko.xz"
	GUEST_FILES=("$TEST_DIR/vmw_pvscsi.ko=/lib/in-tree.ko" "$LAB_TOP/tests/lab/guest/bench=/bench")
	[ -n "${BENCH_BEFORE:-}" ] || return 0
	KERNELS_SOURCE=$BENCH_BEFORE kernels_build "$version" "$TEST_DIR/before"
	GUEST_FILES+=("$TEST_DIR/before/vmw_pvscsi.ko=/lib/before.ko")
}

