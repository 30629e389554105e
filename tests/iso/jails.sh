#!/bin/sh
# Each tool of a shipped policy says in its jail what it says outside of one: "same STEP", or "differs STEP" and how.
cd /run || exit 1

# say OUT COMMAND...: its words without the time, and how it ended
say() {
	out=$1
	shift
	"$@" </dev/null 2>/dev/null >"$out.all"
	status=$?
	sed '/"time_t":/d; /"asctime":/d' "$out.all" >"$out"
	echo "exit $status" >>"$out"
}

step_of() {
	awk '/^\[/ { step = substr($1, 2, length($1) - 2); each = "-"; if ($2 == "each") each = $3 }
	/^run / && $2 !~ /^@/ { sub(/#.*/, ""); sub(/^run +/, ""); print step "|" each "|" $0 }' "$1"
}

for file in /usr/local/share/bee/policy/*.policy; do
	name=${file##*/}
	name=${name%.policy}
	step_of "$file" | while IFS='|' read -r step each command; do
		for path in $each; do
			instance=${path##*/}
			words=$(echo "$command" | sed "s,{instance},$instance,g")
			command -v "${words%% *}" >/dev/null || continue
			if [ "$each" = - ]; then
				instance=
			elif [ ! -e "$path" ]; then
				continue
			fi
			# shellcheck disable=SC2086
			say free env -i LC_ALL=C HOME=/ PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin $words
			# shellcheck disable=SC2086
			say jailed bee run -q "$name/$step" $instance -- $words
			# What the step asks is not on this machine.
			if grep -qx "exit 126" jailed; then
				continue
			elif cmp -s free jailed; then
				echo "same $name/$step $instance"
			else
				echo "differs $name/$step $instance: $(diff free jailed | head -n 9)"
			fi
		done
	done
done
