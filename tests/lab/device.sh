# shellcheck shell=bash
# device.sh - an emulated PVSCSI adapter for a vm test: tests/device, a process to which QEMU is
# attached by vfio-user. It supports what QEMU's adapter lacks, and injects faults on request.
# Source this file after ram-guest.sh:
#
#   device_start --disk "0:64:$TEST_DIR/disk0" [OPTION...]   (device --help)
#   guest_run <<'GUEST'
#   load
#   host device fault context-zero times=3
#   GUEST

# What building the program needs beyond the packages of the vm tests.
DEVICE_PACKAGES=(gcc libc6-dev linux-libc-dev util-linux)

# device_program - print the path of the program, built from this checkout.
device_program() {
	local dir
	dir=$LAB_BUILD/device/$(cat "$LAB_TOP"/tests/device/*.[ch] "$LAB_TOP"/tests/device/include/*.h \
		"$LAB_TOP/src/abi.h" | sha256sum | cut -c1-12)
	lab_lock device device_program_make "$dir" >&2 || return
	printf '%s\n' "$dir/device"
}

device_program_make() {
	[ ! -e "$1/device" ] || return 0
	lab_need "${DEVICE_PACKAGES[@]}"
	mkdir -p "$1"
	gcc -std=gnu11 -g -O2 -Wall -Wextra -Wno-missing-field-initializers -Werror \
		-I "$LAB_TOP/tests/device/include" \
		-I "$LAB_TOP/src" -o "$1/device.part" "$LAB_TOP"/tests/device/*.c || return
	mv "$1/device.part" "$1/device"
}

# device_start OPTION... - start the device, and have guest_run attach it to the machine.
# shellcheck disable=SC2034 # for ram-guest.sh
device_start() {
	local program
	program=$(device_program)
	guest_newer_qemu # vfio-user needs QEMU 10.2
	mkdir -p "$TEST_DIR"
	# Use a short path: the path of a socket has at most 107 bytes.
	DEVICE_DIR=$(mktemp -d)
	setpriv --pdeathsig KILL "$program" --socket "$DEVICE_DIR/socket" \
		--control "$DEVICE_DIR/control" ${DEVICE_BUS:+--express} "$@" >"$TEST_DIR/device.log" 2>&1 &
	DEVICE_PID=$!
	while [ ! -S "$DEVICE_DIR/socket" ]; do
		kill -0 "$DEVICE_PID" 2>/dev/null || {
			cat "$TEST_DIR/device.log" >&2
			lab_die "the device did not start (its words are above)"
		}
		sleep 0.1
	done
	exec {DEVICE_TO}<>"$DEVICE_DIR/control.in" {DEVICE_FROM}<>"$DEVICE_DIR/control.out"
	device_attach
}

# device_stop - stop the device and detach it from the machine. Another one may be started.
device_stop() {
	kill "$DEVICE_PID"
	wait "$DEVICE_PID" 2>/dev/null || :
	exec {DEVICE_TO}>&- {DEVICE_FROM}>&-
	rm -rf "$DEVICE_DIR"
	GUEST_ARGS=()
}

# device_attach - configure the machine for the device: the guest's memory is shared.
# QEMU posts writes to the device's registers, which no hypervisor does: each driver must read a
# register to know that its write was seen. The in-tree driver does not; it reads the answer to
# CONFIG at once and frees the memory, in which the device then writes. So, with the in-tree driver
# in the guest, writes are not posted.
#
# With a name in DEVICE_BUS, the device is behind a root port of that name, which can report PCI
# errors (pcie_aer_inject_error), reset the device, and unplug it. The link of the port is slow (2.5
# GT/s): with a faster one, the kernel waits until the link reports that it is active, and QEMU
# never reports that. (Linux 7.3 expects this report for any link when a device is not back 1 s
# after its reset.)
DEVICE_BUS=
# shellcheck disable=SC2034 # for ram-guest.sh
device_attach() {
	GUEST_MACHINE=$GUEST_MACHINE_PCIE,memory-backend=memory
	GUEST_ARGS+=(-object "memory-backend-memfd,id=memory,size=$(guest_memory),share=on")
	[ -z "$DEVICE_BUS" ] ||
		GUEST_ARGS+=(-device "pcie-root-port,id=$DEVICE_BUS,chassis=1,slot=1,x-speed=2_5")
	GUEST_ARGS+=(-device "$(device_qemu)")
	guest_adapters=1
}

# device_qemu - print the argument of QEMU's -device option.
device_qemu() {
	printf '{"driver":"vfio-user-pci","id":"own"%s,"socket":{"type":"unix","path":"%s"}%s}' \
		"${DEVICE_BUS:+,\"bus\":\"$DEVICE_BUS\"}" "$DEVICE_DIR/socket" \
		"${GUEST_IN_TREE:+,\"x-no-posted-writes\":true}"
}

# device_control COMMAND... - send the device a command, and print its answer without the ok.
device_control() {
	local reply
	printf '%s\n' "$*" >&"$DEVICE_TO"
	IFS= read -r -t 10 -u "$DEVICE_FROM" reply || reply='error no answer'
	printf '%s\n' "${reply#ok }"
	[ "${reply%% *}" = ok ]
}

# For `host device COMMAND...` in the guest part.
host_device() { device_control "$@"; }
