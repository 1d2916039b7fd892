#!/usr/bin/env bash
# static.sh: publish a bundle to a folder that a web server serves.
#
# Usage: static.sh BUNDLE DEST --trusted-root FILE [--page]
#
# DEST is a folder, or HOST:FOLDER and rsync://… for rsync. Images come first, then what
# is written once, then what a layout gives one name, timestamp last; vehicles never see
# a state that is not whole. Then what is served is verified. Run again after it was
# killed, it goes on. The bundle is verified before anything is touched, and must follow
# what is published: nothing goes back, and nothing written once changes. --page writes
# DEST/index.html besides: what is served, until when, who signed it, for whoever comes by.

. "$(dirname "$0")/lib.sh"

bundle='' dest='' root='' page=''
while [ $# -gt 0 ]; do
	case $1 in
	--trusted-root) root=${2:-} && shift ;;
	--page) page=1 ;;
	-*) usage ;;
	*) if [ -z "$bundle" ]; then bundle=$1; elif [ -z "$dest" ]; then dest=$1; else usage; fi ;;
	esac
	shift
done
[ -n "$bundle" ] && [ -n "$dest" ] && [ -n "$root" ] || usage
need jq
case $dest in *:*) remote=1 && need rsync ;; *) remote= ;; esac

# served FOLDER: bring the metadata that is published now into FOLDER.
served() {
	mkdir -p "$1"
	if [ -n "$remote" ]; then
		rsync -a "$dest/metadata/" "$1/" 2>"$work/rsync.log" || grep -q 'No such file' "$work/rsync.log" || die 1 "$(cat "$work/rsync.log")"
	elif [ -d "$dest/metadata" ]; then
		cp -R "$dest/metadata/." "$1"
	fi
}

# once FOLDER FILE…: files that are written once. One that is there must be the same.
once() {
	local folder=$1 file to
	shift
	if [ -n "$remote" ]; then
		# ./ because rsync takes a line that begins with ; for a comment; its own codes are not ours
		printf './%s\n' "$@" | rsync -a --mkpath --ignore-existing --files-from=- "$work/new/$folder/" "$dest/$folder/" || die 1 "rsync wrote not all of $folder, and no metadata that vehicles look at: run it again"
		file=$(printf './%s\n' "$@" | rsync -rc --dry-run --out-format=%n --files-from=- "$work/new/$folder/" "$dest/$folder/" | grep -v '/$' | head -n 1 || true)
		[ -z "$file" ] || die 4 "$folder/$file is published with another content"
		return
	fi
	for file; do
		to=$dest/$folder/$file
		mkdir -p "$(dirname "$to")"
		if [ ! -e "$to" ]; then
			cp "$work/new/$folder/$file" "$to.$$.part"
			ln "$to.$$.part" "$to" 2>/dev/null || true # somebody else was faster
			rm -f "$to.$$.part"
		fi
		cmp -s "$work/new/$folder/$file" "$to" || die 4 "$folder/$file is published with another content"
	done
}

# over FILE…: metadata whose name the layout fixes.
over() {
	local file to
	for file; do
		if [ -n "$remote" ]; then
			rsync -a --mkpath "$work/new/metadata/$file" "$dest/metadata/$file" || die 1 "rsync wrote no $file, so vehicles still see the state before: run it again"
			continue
		fi
		to=$dest/metadata/$file
		mkdir -p "$(dirname "$to")"
		cp "$work/new/metadata/$file" "$to.$$.part"
		mv -f "$to.$$.part" "$to"
	done
}

open_bundle "$bundle" "$root" --complete
decoded "$work/new/metadata"
if [ -z "$remote" ]; then # one at a time; rsync has no lock
	mkdir -p "$dest/metadata" "$dest/targets"
	exec 9<"$dest/metadata"
	flock 9
	find "$dest/metadata" "$dest/targets" -name '*.part' -delete # of one that was killed
fi
served "$work/now"
moved=0
in_order "$work/now" "$work/new/metadata" || moved=$?

mapfile -t images < <(cd "$work/new/targets" && find . -type f -printf '%P\n' | sort)
mapfile -t written_once < <(numbered "$work/new/metadata")
mapfile -t named < <(fixed "$work/new/metadata")
[ ${#images[@]} = 0 ] || once targets "${images[@]}"
[ $moved = 0 ] || die $moved "its images are uploaded, its metadata is not: what is published was made from it, or from another state"
[ ${#written_once[@]} = 0 ] || once metadata "${written_once[@]}"
[ -n "$remote" ] || sync -f "$dest"
served "$work/before"
same "$work/now/timestamp.json" "$work/before/timestamp.json" || [ ! -e "$work/now/timestamp.json" ] || die 5 "somebody else has published meanwhile: run it again"
[ ${#named[@]} = 0 ] || over "${named[@]}"
over timestamp.json
[ -n "$remote" ] || sync -f "$dest"

served "$work/after/metadata"
"$keyrite" verify "$work/after" --trusted-root "$root" --policy none >/dev/null || die 4 "what is published does not verify"
cmp -s "$work/after/metadata/timestamp.json" "$work/new/metadata/timestamp.json" || die 5 "somebody else has published meanwhile"
if [ -n "$page" ]; then
	[ -z "$remote" ] && html=$dest/index.html || html=$work/index.html
	front_page "$(basename "$dest")" "$root" "$html"
	[ -z "$remote" ] || rsync -a "$html" "$dest/index.html" || die 1 "rsync wrote no index.html; all else is published: run it again"
fi
say "published: timestamp $(version "$work/new/metadata/timestamp.json"), ${#images[@]} image files"
