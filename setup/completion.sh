#!/bin/sh
# The completion of bash, from the manual pages: their synopses have the commands, their lists the options.
#
# completion.sh PAGE...: bee.1 and those of the commands, to stdout. A test compares --help with the same pages.
set -eu
export LC_ALL=C

# One line per command: "image -d --list ..."; one per command of it: "image: list cat ...".
words() {
	awk '
	FNR == 1 { command = FILENAME; sub(/.*\/bee-?/, "", command); sub(/\.1$/, "", command); list = 0 }
	command == "" && /^\.It Cm [a-z]+$/ { commands = commands " " $3 }
	FNR == 1 && command != "" { for (i = split("-h --help --version", word, " "); i > 0; i--) add(command, word[i]) }
	/^\.Sh / { section = $2 }
	command != "" && (/^\.It Fl/ || (section == "SYNOPSIS" && /(^\.| )Fl /)) {
		line = $0
		gsub(/[,|\[\]]/, " ", line)
		count = split(line, word, " ")
		flag = 0
		for (i = 1; i <= count; i++) {
			if (word[i] == "Fl" || word[i] == "Op") { flag = 1; continue }
			if (word[i] == "Ar" || word[i] == "Cm" || word[i] == "Ns" || word[i] == "Xo") { flag = 0; continue }
			if (!flag)
				continue
			if (word[i] ~ /^-[a-z][a-z0-9-]*$/)
				add(command, "-" word[i])
			else if (word[i] ~ /^[A-Za-z]$/)
				add(command, "-" word[i])
		}
	}
	section == "SYNOPSIS" && command != "" && /^\.Nm bee Cm [a-z]+ / { sub_add(command, $5 == "Cm" ? $6 : $5) }
	section == "SYNOPSIS" && command != "" && /^\.Cm [a-z]+$/ { sub_add(command, $2) }
	function add(of, option) {
		if (!((of, option) in seen)) { seen[of, option] = 1; options[of] = options[of] " " option }
	}
	function sub_add(of, name) {
		if (name ~ /^[a-z-]+$/ && !((of, "sub", name) in seen)) { seen[of, "sub", name] = 1; subs[of] = subs[of] " " name }
	}
	END {
		print "commands" commands
		for (of in options) print of options[of]
		for (of in subs) print of ":" subs[of]
	}' "$@" | sort
}

cat <<'END'
# bash completion for bee. Made by setup/completion.sh from the manual pages.

_bee_words() {
	case $1 in
END
words "$@" | while read -r name rest; do
	printf '\t%s) echo "%s" ;;\n' "$name" "$rest"
done
cat <<'END'
	esac
}

_bee() {
	local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]}
	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_bee_words commands) help version --help --version" -- "$word")
		return
	fi
	case $command in
	help) mapfile -t COMPREPLY < <(compgen -W "$(_bee_words commands)" -- "$word") ;;
	*)
		case $word in
		-*) mapfile -t COMPREPLY < <(compgen -W "$(_bee_words "$command")" -- "$word") ;;
		*)
			[ "$COMP_CWORD" -ne 2 ] ||
				mapfile -t COMPREPLY < <(compgen -W "$(_bee_words "$command:")" -- "$word")
			;;
		esac
		;;
	esac
}
complete -o default -F _bee bee
END
