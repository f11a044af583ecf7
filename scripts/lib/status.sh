# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # variables of the other parts
# status.sh - pvscsictl status: the driver, adapters and disks in use, from sysfs, as text or JSON.

# status_signature MODULE - print the signer of this loaded module, as recorded in its file.
status_signature() {
	local _file _word
	_word=
	_file=$(loaded_by "$(uname -r)")
	if [ -z "$_file" ] || [ "$(field "$_file" srcversion)" != "$(attribute "$1/srcversion")" ]; then
		_word="not known (modprobe finds another file than the one that was loaded)"
	else
		_word=$(field "$_file" signer)
	fi
	# E: the module is unsigned, or signed with a key that the kernel does not have
	case $(attribute "$1/taint") in
	*E*) echo "signature: ${_word:-none}; not trusted by the kernel" ;;
	*) echo "signature: ${_word:-none}" ;;
	esac
}

status_driver() {
	local _intree _module
	_module=/sys/module/vmw_pvscsi
	if [ ! -d $_module ]; then
		echo "driver: not loaded"
		return
	fi
	# O: out-of-tree module
	_intree=Y
	case $(attribute "$_module/taint") in *O*) _intree= ;; esac
	echo "driver: $(kind "$(attribute $_module/version)" "$_intree"), srcversion $(attribute "$_module/srcversion")"
	status_signature $_module
}

# interrupt ADAPTER - print MSI-X, MSI or INTx.
interrupt() {
	local _irq
	for _irq in "/sys/bus/pci/devices/$1/msi_irqs"/*; do
		[ -e "$_irq" ] || break
		case $(attribute "$_irq") in msix) echo MSI-X ;; *) echo MSI ;; esac
		return
	done
	echo INTx
}

# revision ADAPTER - print the revision of the device, a number.
revision() {
	local _value
	_value=$(attribute "/sys/bus/pci/devices/$1/revision")
	case $_value in 0x*) echo $((_value)) ;; esac
}

# status_rings ADAPTER HOST - print the ring sizes of our driver; those of the in-tree driver are
# unknown. A page holds 32 requests or 128 completions, and one request slot is never used.
status_rings() {
	local _limit _slots
	[ -d "/sys/bus/pci/devices/$1/statistics" ] || return 0
	_slots=$(($(attribute "$2/can_queue") + 1))
	_limit=$(attribute "$2/ring_limit")
	case $_limit in none | -) _limit= ;; *) _limit=" ($_limit)" ;; esac
	echo "  rings: $((_slots / 32)) pages of 4 KiB for $_slots requests," \
		"$(((_slots + 127) / 128)) for completions$_limit"
}

# The files that say who the adapter is. One that the device does not report is absent.
identity_files="manufacturer serial_number node_wwn hardware_version firmware_version option_rom_version"

# status_device ADAPTER HOST - print what our driver knows of the device and uses of it.
status_device() {
	local _name _threshold
	[ -e "$2/adapter_state" ] || return 0
	_threshold=off
	[ "$(attribute "$2/req_threshold")" = 0 ] || _threshold=on
	echo "  device: revision $(revision "$1")," \
		"$(attribute "$2/targets") targets ($(attribute "$2/targets_source"))," \
		"$(attribute "$2/msg_ring_pages") pages for messages," \
		"request call threshold $_threshold, $(attribute "$2/adapter_state")"
	for _name in $identity_files; do
		[ ! -e "$2/$_name" ] || printf '  %s: %s\n' "$(echo "$_name" | tr _ ' ')" "$(attribute "$2/$_name")"
	done
}

status_disks() {
	local _device _disk _sectors
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
	local _address _driver _found _shost
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
			status_device "$_address" "$_shost"
		done
		status_disks "$_address"
	done
	[ -n "$_found" ] || echo "this machine has no PVSCSI adapter (PCI 15ad:07c0)"
}

# --- the same as JSON ---------------------------------------------------------

# json_number TEXT - print TEXT, or null if it is not a number.
json_number() { case $1 in '' | *[!0-9]*) echo null ;; *) echo "$1" ;; esac; }

# json_files FOLDER NAME... - print its files of these names, as members of an object. One that is
# absent is null.
json_files() {
	local _comma _folder _name _value
	_folder=$1 _comma=
	shift
	for _name; do
		_value=$(attribute "$_folder/$_name")
		case $_name in
		*_pages | targets | req_threshold) _value=$(json_number "$_value") ;;
		*) [ -e "$_folder/$_name" ] && _value=$(json_string "$_value") || _value=null ;;
		esac
		printf '%s"%s": %s' "$_comma" "$_name" "$_value"
		_comma=', '
	done
}

# json_identity HOST - print who the adapter is, or null if it does not tell.
json_identity() {
	local _name
	for _name in $identity_files; do
		[ -e "$1/$_name" ] || continue
		# shellcheck disable=SC2086 # names
		printf '{%s}' "$(json_files "$1" $identity_files)"
		return
	done
	printf null
}

json_disks() {
	local _comma _device _disk
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
	local _address _driver _intree _module _next _shost
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
		printf '%s\n  {"address": %s, "driver": %s, "host": %s, "can_queue": %s, "interrupt": %s, "revision": %s, %s, "identity": %s, "disks": [' \
			"$_next" "$(json_string "$_address")" \
			"$([ -n "$_driver" ] && json_string "${_driver##*/}" || echo null)" \
			"$([ -n "$_shost" ] && json_string "${_shost##*/}" || echo null)" \
			"$(json_number "$(attribute "$_shost/can_queue")")" \
			"$([ -n "$_driver" ] && json_string "$(interrupt "$_address")" || echo null)" \
			"$(json_number "$(revision "$_address")")" \
			"$(json_files "$_shost" adapter_state targets targets_source ring_pages ring_limit msg_ring_pages req_threshold)" \
			"$(json_identity "$_shost")"
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
