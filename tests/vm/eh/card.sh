# shellcheck shell=bash
# card.sh - a guest for tests of what error handling and the PCI core do to each other:
# our own adapter as a card in the slot of a root port, with disks 0 (64 MiB) and 1
# (32 MiB), and the means to have its commands lost, its function reset, PCI errors.
# Source it after ram-guest.sh and device.sh:
#
#   card_start
#   card_run <<'GUEST'        (guest_run, with the functions of card-guest)

# card_start [OPTION...] - start the device, with further options.
# shellcheck disable=SC2034,SC2120 # for device.sh and ram-guest.sh; no test has an option
card_start() {
	GUEST_MEMORY=768M
	DEVICE_BUS=port0
	guest_program "$LAB_TOP/tests/vm/adversary/hammer.c" /bin/hammer
	guest_test_module "$LAB_TOP/tests/vm/eh/pci-inject.c" /lib/pci-inject.ko
	device_start --disk "0:64:$TEST_DIR/disk0.img" --disk "1:32:$TEST_DIR/disk1.img" "$@"
}

card_run() { cat "$LAB_TOP/tests/vm/eh/card-guest" - | guest_run; }

# For `host aer NAME` in the guest part: an error that the port reports, such as DLP,
# which is fatal: the kernel resets the slot.
host_aer() { guest_monitor "pcie_aer_inject_error port0 $1"; }
