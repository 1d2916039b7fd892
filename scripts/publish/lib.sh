# lib.sh: what the scripts that publish share. Read by them, not run.
#
# They run on the online side, hold no key, and end as keyrite does: 2 wrong usage,
# 3 refused, 4 what is there does not verify, 5 the server has moved on.
set -euo pipefail

say() { printf '%s\n' "$*" >&2; }
die() { # CODE TEXT…
	local code=$1
	shift
	say "${0##*/}: $*"
	exit "$code"
}
usage() { # the comment at the top of the script
	sed -n '2,/^set -\|^$\|^\. /{s/^# \{0,1\}//p}' "$0" >&2
	exit 2
}
need() {
	local program
	for program; do command -v "$program" >/dev/null || die 2 "missing: $program; on Debian, as root: apt-get install $program"; done
}

keyrite=${KEYRITE:-keyrite}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# patience is how long a server may send nothing, in seconds; curl's flags for it.
patience=(--connect-timeout 30 --speed-limit 1 --speed-time "${KEYRITE_PATIENCE:-120}")

# version FILE: of metadata; 0 where there is none. What a server sends may be anything:
# call it alone in an assignment, whose status is that of its last substitution.
version() {
	[ -s "$1" ] || { echo 0 && return; }
	jq -e '.signed.version | numbers | select(. >= 1 and . < 9007199254740992 and . == floor)' "$1" 2>/dev/null || die 4 "${1#"$work/"} is no metadata"
}

# newest DIR: the version of the newest root there, 0 for none.
newest() { find "$1" -maxdepth 1 -name '*.root.json' 2>/dev/null | sed 's|.*/\([0-9]*\)\.root\.json$|\1|' | sort -n | tail -n 1 | grep . || echo 0; }

# content FILE: without what spelling changes. OTA CE's servers spell files anew.
content() { jq -cS . "$1" 2>/dev/null || true; }
same() { cmp -s "$1" "$2" || { [ -s "$1" ] && [ -s "$2" ] && [ "$(content "$1")" = "$(content "$2")" ]; }; }

# open_bundle BUNDLE ROOT [FLAG…]: verify it, and unpack it into $work/new.
open_bundle() {
	local bundle=$1 root=$2
	shift 2
	"$keyrite" verify "$bundle" --trusted-root "$root" "$@" >"$work/verified" || die $? "$bundle is not published"
	"$keyrite" unbundle "$bundle" "$work/new" >&2
	mkdir -p "$work/new/metadata" "$work/new/targets"
}

# in_order NOW NEW: the published metadata in NOW may be followed by that in NEW: no
# version goes back, and none that is written once gets another content. Where newer is
# published it says so and returns 5.
in_order() {
	local file name had now new moved=0
	now=$(version "$1/timestamp.json") && new=$(version "$2/timestamp.json") || exit 4
	[ "$now" -le "$new" ] || { moved=5 && say "timestamp $now is published, and this is timestamp $new: the server has moved on"; }
	if [ "$now" = "$new" ] && ! same "$1/timestamp.json" "$2/timestamp.json"; then
		die 4 "another timestamp $new is published: two bundles were made from one state"
	fi
	had=$(newest "$1") new=$(newest "$2")
	[ "$had" -le "$new" ] || { moved=5 && say "root $had is published, and this has root $new: the server has moved on"; }
	while IFS= read -r file; do
		name=${file#"$1"/}
		[ ! -e "$2/$name" ] || cmp -s "$file" "$2/$name" || die 4 "$name is published with another content: two bundles were made from one state"
	done < <(find "$1" -name '[0-9]*.json')
	return $moved
}

# decoded DIR: beside each file whose name has an escaped slash the same under the name that
# web servers look for, who decode what vehicles ask for.
decoded() {
	local file name
	while IFS= read -r file; do
		name=${file//%2F//}
		case /$name in */../* | */./*) continue ;; esac
		mkdir -p "$(dirname "$1/$name")"
		cp -n "$1/$file" "$1/$name"
	done < <(cd "$1" && find . -name '*%2F*.json' -printf '%P\n')
}

# numbered and fixed list the metadata in DIR, in the order in which it is published:
# what is written once, then what a layout gives one name, timestamp last. A root comes
# last of its kind: with it vehicles ask for keys that the rest is signed with.
numbered() {
	(cd "$1" && find . -path './[0-9]*.json' ! -name '*.root.json' -printf '%P\n' | sort)
	(cd "$1" && find . -name '[0-9]*.root.json' -printf '%P\n' | sort -n)
}
fixed() {
	(cd "$1" && find delegations -name '*.json' 2>/dev/null | sort || true)
	local name
	for name in targets snapshot root; do [ ! -e "$1/$name.json" ] || echo "$name.json"; done
}

# front_page NAME ROOT HTML: what is served, which $work/after has, for whoever comes by.
front_page() {
	mkdir "$work/page" && mv "$work/after" "$work/page/$1"
	[ ! -d "$work/new/evidence" ] || mv "$work/new/evidence" "$work/page/$1" # for the names of keys
	"$keyrite" status --site "$work/page/$1" --trusted-root "$2" --html "$3" >/dev/null 2>"$work/status.log" ||
		[ $? = 5 ] || die 1 "no page was made: $(cat "$work/status.log")"
}
