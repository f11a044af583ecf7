# shellcheck shell=bash
# card.sh - a guest for tests of the interaction of error handling and the PCI core. The test device
# is a card in the slot of a root port, with disks 0 (64 MiB) and 1 (32 MiB). The tests can lose its
# commands, reset its function, and inject PCI errors. Source this file after ram-guest.sh and
# device.sh:
#
#   card_start
#   card_run <<'GUEST'        (guest_run, with the functions of card-guest)

# card_start [OPTION...] - start the device, with additional options.
# shellcheck disable=SC2034,SC2120 # for device.sh and ram-guest.sh; no test has an option
card_start() {
	GUEST_MEMORY=768M
	DEVICE_BUS=port0
	guest_program "$LAB_TOP/tests/vm/adversary/hammer.c" /bin/hammer
	guest_test_module "$LAB_TOP/tests/vm/eh/pci-inject.c" /lib/pci-inject.ko
	device_start --disk "0:64:$TEST_DIR/disk0.img" --disk "1:32:$TEST_DIR/disk1.img" "$@"
}

card_run() { cat "$LAB_TOP/tests/vm/eh/card-guest" - | guest_run; }

# For `host aer NAME` in the guest part: have the port report an error, such as DLP, which is fatal,
# so that the kernel resets the slot.
host_aer() { guest_monitor "pcie_aer_inject_error port0 $1"; }
