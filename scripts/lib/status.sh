# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # variables of the other parts
# status.sh - pvscsictl status: the driver, adapters and disks in use, from sysfs, as text or JSON.

# status_signature - print the signer of the loaded module, as recorded in its file.
status_signature() {
	_word=
	_file=$(loaded_by "$(uname -r)")
	if [ -z "$_file" ] || [ "$(field "$_file" srcversion)" != "$(attribute "$_module/srcversion")" ]; then
		_word="not known (modprobe finds another file than the one that was loaded)"
	else
		_word=$(field "$_file" signer)
	fi
	# E: the module is unsigned, or signed with a key that the kernel does not have
	case $(attribute "$_module/taint") in
	*E*) echo "signature: ${_word:-none}; not trusted by the kernel" ;;
	*) echo "signature: ${_word:-none}" ;;
	esac
}

status_driver() {
	_module=/sys/module/vmw_pvscsi
	if [ ! -d $_module ]; then
		echo "driver: not loaded"
		return
	fi
	# O: out-of-tree module
	_intree=Y
	case $(attribute "$_module/taint") in *O*) _intree= ;; esac
	echo "driver: $(kind "$(attribute $_module/version)" "$_intree"), srcversion $(attribute "$_module/srcversion")"
	status_signature
}

# interrupt ADAPTER - print MSI-X, MSI or INTx.
interrupt() {
	for _irq in "/sys/bus/pci/devices/$1/msi_irqs"/*; do
		[ -e "$_irq" ] || break
		case $(attribute "$_irq") in msix) echo MSI-X ;; *) echo MSI ;; esac
		return
	done
	echo INTx
}

# status_rings ADAPTER HOST - print the ring sizes of our driver; those of the in-tree driver are
# unknown. A page holds 32 requests or 128 completions, and one request slot is never used.
status_rings() {
	[ -d "/sys/bus/pci/devices/$1/statistics" ] || return 0
	_slots=$(($(attribute "$2/can_queue") + 1))
	echo "  rings: $((_slots / 32)) pages of 4 KiB for $_slots requests," \
		"$(((_slots + 127) / 128)) for completions"
}

status_disks() {
	for _device in "/sys/bus/pci/devices/$1"/host*/target*/*:*:*:*; do
		for _disk in "$_device"/block/*; do
			[ -e "$_disk" ] || continue
			_disk=${_disk##*/}
			_sectors=$(attribute "/sys/block/$_disk/size")
			echo "  $_disk: ${_device##*/}, $((_sectors / 2048)) MiB," \
				"queue depth $(attribute "$_device/queue_depth")," \
				"command timeout $(attribute "$_device/timeout") s, $(attribute "$_device/state")"
		done
	done
}

status_text() {
	status_driver
	_found=
	for _address in $(addresses); do
		_found=1
		_driver=$(readlink "/sys/bus/pci/devices/$_address/driver") || {
			echo "adapter $_address: no driver"
			continue
		}
		for _shost in $(hosts_of "$_address"); do
			echo "adapter $_address: ${_driver##*/}, ${_shost##*/}," \
				"$(attribute "$_shost/can_queue") commands at a time," \
				"$(interrupt "$_address")"
			status_rings "$_address" "$_shost"
		done
		status_disks "$_address"
	done
	[ -n "$_found" ] || echo "this machine has no PVSCSI adapter (PCI 15ad:07c0)"
}

# --- the same as JSON ---------------------------------------------------------

# json_number TEXT - print TEXT, or null if it is not a number.
json_number() { case $1 in '' | *[!0-9]*) echo null ;; *) echo "$1" ;; esac; }

json_disks() {
	_comma=
	for _device in "/sys/bus/pci/devices/$1"/host*/target*/*:*:*:*; do
		for _disk in "$_device"/block/*; do
			[ -e "$_disk" ] || continue
			printf '%s\n      {"name": %s, "address": %s, "sectors": %s, "queue_depth": %s, "timeout": %s, "state": %s}' \
				"$_comma" "$(json_string "${_disk##*/}")" "$(json_string "${_device##*/}")" \
				"$(json_number "$(attribute "/sys/block/${_disk##*/}/size")")" \
				"$(json_number "$(attribute "$_device/queue_depth")")" \
				"$(json_number "$(attribute "$_device/timeout")")" "$(json_string "$(attribute "$_device/state")")"
			_comma=,
		done
	done
}

status_json() {
	_module=/sys/module/vmw_pvscsi _next=
	printf '{"tool": "pvscsictl", "version": %s, "driver": ' "$(json_string "$version")"
	if [ -d $_module ]; then
		case $(attribute $_module/taint) in *O*) _intree=false ;; *) _intree=true ;; esac
		printf '{"version": %s, "srcversion": %s, "in_tree": %s}' "$(json_string "$(attribute $_module/version)")" \
			"$(json_string "$(attribute $_module/srcversion)")" "$_intree"
	else
		printf null
	fi
	printf ', "adapters": ['
	for _address in $(addresses); do
		_shost=$(hosts_of "$_address" | head -n 1)
		_driver=$(readlink "/sys/bus/pci/devices/$_address/driver")
		printf '%s\n  {"address": %s, "driver": %s, "host": %s, "can_queue": %s, "interrupt": %s, "disks": [' \
			"$_next" "$(json_string "$_address")" \
			"$([ -n "$_driver" ] && json_string "${_driver##*/}" || echo null)" \
			"$([ -n "$_shost" ] && json_string "${_shost##*/}" || echo null)" \
			"$(json_number "$(attribute "$_shost/can_queue")")" \
			"$([ -n "$_driver" ] && json_string "$(interrupt "$_address")" || echo null)"
		json_disks "$_address"
		printf ']}'
		_next=,
	done
	printf ']}\n'
}

status() {
	case $#-${1:-} in
	0-) status_text ;;
	1---json) status_json ;;
	*) wrong_usage ;;
	esac
}
