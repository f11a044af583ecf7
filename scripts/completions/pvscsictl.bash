# bash completion of pvscsictl(8)                          -*- shell-script -*-
_pvscsictl() {
	local current=${COMP_WORDS[COMP_CWORD]} words=
	case $COMP_CWORD-${COMP_WORDS[1]} in
	1-*) words='status check prepare fix renew rollback stats report --help --version' ;;
	2-check | 2-status | 2-stats) words='--json --help' ;;
	2-prepare) words='--dry-run --help' ;;
	*-fix)
		words='--dry-run fstab-name crypttab-name resume-name loader-name loader-blacklist loader-image
			oot-off blacklisted updates-off not-preferred option-refused'
		;;
	*-renew) words=$(compgen -G '/lib/modules/*' | sed 's/.*modules.//' | tr '\n' ' ') ;;
	*-rollback)
		words='--dry-run --to --undo'
		if [ "${COMP_WORDS[COMP_CWORD - 1]}" = --to ]; then
			words="in-tree $({ compgen -G '/usr/src/pvscsi-*'; compgen -G '/var/lib/pvscsi-dkms/previous/pvscsi-*'; } |
				sed 's/.*pvscsi-//' | sort -u | tr '\n' ' ')"
		fi
		;;
	2-report)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
		return
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -F _pvscsictl pvscsictl
