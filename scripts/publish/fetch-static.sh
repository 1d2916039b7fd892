#!/usr/bin/env bash
# fetch-static.sh: bring the metadata that a repository serves into a folder.
#
# Usage: fetch-static.sh URL DIR
#
# URL is where metadata/ and targets/ are. DIR must not exist. Nothing of it is believed:
# carry DIR to the workspace, where keyrite import --update DIR verifies it.

. "$(dirname "$0")/lib.sh"

[ $# = 2 ] || usage
[ ! -e "$2" ] || die 2 "$2 is there already"
need jq curl
url=${1%/} dir=$work/dir/metadata
limit=$((64 << 20)) # of one file, in bytes

# get NAME: 0, or 1 where there is none.
get() {
	local status
	mkdir -p "$(dirname "$dir/$1")"
	status=$(curl -sS "${patience[@]}" --max-filesize $limit -o "$dir/$1" -w '%{http_code}' "$url/metadata/$1") || die 1 "$url/metadata/$1"
	case $status in
	200) ;;
	403 | 404) rm -f "$dir/$1" && return 1 ;;
	*) die 1 "$url/metadata/$1: status $status" ;;
	esac
}

n=1
while get "$n.root.json"; do # a server that answers anything would never end
	number=$(version "$dir/$n.root.json") || exit 4
	[ "$number" = "$n" ] || die 4 "$url/metadata/$n.root.json is of version $number"
	n=$((n + 1))
done
[ $n -gt 1 ] || die 1 "$url/metadata/1.root.json is not there"
get timestamp.json || die 1 "$url/metadata/timestamp.json is not there"
prefix() { [ "$(jq .signed.consistent_snapshot "$dir/$((n - 1)).root.json")" != true ] || echo "$1."; }
snapshot=$(prefix "$(jq -e '.signed.meta["snapshot.json"].version' "$dir/timestamp.json")")snapshot.json
get "$snapshot" || die 1 "$url/metadata/$snapshot is not there"
while IFS=$'\t' read -r name number; do
	case $name in
	root.json) continue ;;
	.*) die 4 "$snapshot states a file $name" ;;
	targets.json) ;;
	*) name=${name//\//%2F} && [ -n "$(prefix 1)" ] || name=delegations/$name ;;
	esac
	get "$(prefix "$number")$name" || say "$name is stated and not there"
done < <(jq -r '.signed.meta | to_entries[] | [.key, .value.version] | @tsv' "$dir/$snapshot")
mv "$work/dir" "$2"
say "fetched into $2: $(find "$2" -type f | wc -l) files"
