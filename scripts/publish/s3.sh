#!/usr/bin/env bash
# s3.sh: publish a bundle to a bucket of S3, or of a server that speaks like it.
#
# Usage: s3.sh BUNDLE BUCKET[/PREFIX] --trusted-root FILE [--endpoint URL] [--region NAME] [--page]
#
# The key of the bucket is in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and
# AWS_SESSION_TOKEN where there is one. Every write has a condition: what is written once
# is not there yet (If-None-Match), and timestamp, which comes last, is still the one that
# was looked at (If-Match), so that of two who publish at once one is told. Then what is
# served is verified. Run again after it was killed, it goes on. --page writes index.html
# besides: what is served, until when, who signed it, for whoever comes by.

. "$(dirname "$0")/lib.sh"

bundle='' to='' root='' endpoint=https://s3.amazonaws.com region=${AWS_REGION:-us-east-1} page=''
while [ $# -gt 0 ]; do
	case $1 in
	--trusted-root) root=${2:-} && shift ;;
	--endpoint) endpoint=${2:-} && shift ;;
	--region) region=${2:-} && shift ;;
	--page) page=1 ;;
	-*) usage ;;
	*) if [ -z "$bundle" ]; then bundle=$1; elif [ -z "$to" ]; then to=$1; else usage; fi ;;
	esac
	shift
done
[ -n "$bundle" ] && [ -n "$to" ] && [ -n "$root" ] || usage
[ -n "${AWS_ACCESS_KEY_ID:-}" ] && [ -n "${AWS_SECRET_ACCESS_KEY:-}" ] || die 2 "want AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment"
need jq curl

# escaped KEY: as part of a URL. A name of metadata is escaped already, an image has no %.
escaped() {
	local LC_ALL=C i c
	for ((i = 0; i < ${#1}; i++)); do
		c=${1:i:1}
		case $c in [A-Za-z0-9/._~%-]) printf %s "$c" ;; *) printf '%%%02X' "'$c" ;; esac
	done
}

# s3 KEY ARG…: one signed request. Its status is printed, and its ETag is in $work/head.
# The secret goes to curl by its standard input: arguments are everybody's to see.
s3() {
	local key=$1
	shift
	printf 'user = "%s:%s"\n%s' "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY" \
		"${AWS_SESSION_TOKEN:+header = \"x-amz-security-token: $AWS_SESSION_TOKEN\"}" |
		curl -sS "${patience[@]}" -K - --aws-sigv4 "aws:amz:$region:s3" -D "$work/head" -w '%{http_code}' --globoff "$@" "$endpoint/$to/$(escaped "$key")" ||
		die 1 "$endpoint does not answer"
}
etag() { sed -n 's/^[Ee][Tt][Aa][Gg]: *\(.*\)\r*$/\1/p' "$work/head" | tr -d '\r'; }

# get KEY FILE: 200, or 404 and no FILE.
get() {
	local status
	mkdir -p "$(dirname "$2")"
	status=$(s3 "$1" -o "$2")
	case $status in
	200) ;;
	404) rm -f "$2" ;;
	*) die 1 "GET $1: status $status: $(head -c 500 "$2")" ;;
	esac
}

# put KEY FILE CONDITION [TYPE]: prints the status. S3 answers 409 to one of two at once.
put() {
	local status try
	for try in 1 2 3; do
		status=$(s3 "$1" -T "$2" -o "$work/answer" -H "$3" -H "content-type: ${4:-application/octet-stream}" -H "x-amz-content-sha256: $(sha256sum "$2" | cut -d' ' -f1)")
		[ "$status" = 409 ] || break
		sleep "$try"
	done
	case $status in 200 | 404 | 412) echo "$status" ;; *) die 1 "PUT $1: status $status: $(head -c 500 "$work/answer")" ;; esac
}

# once KEY FILE: one that is there must be the same.
once() {
	local status
	status=$(put "$1" "$2" 'If-None-Match: *')
	[ "$status" != 200 ] || return 0
	get "$1" "$work/there"
	cmp -s "$work/there" "$2" || die 4 "$1 is published with another content"
}

# over KEY FILE: in the place of what was looked at; of nothing, if nothing was.
over() {
	local seen
	get "$1" "$work/there"
	seen=$(etag)
	[ -e "$work/there" ] && cmp -s "$work/there" "$2" && return
	swap "$1" "$2" "$([ -e "$work/there" ] && echo "$seen")"
}
instead() { [ -n "$1" ] && echo "If-Match: $1" || echo 'If-None-Match: *'; } # of ETAG
swap() { # KEY FILE ETAG
	local status
	status=$(put "$1" "$2" "$(instead "$3")")
	[ "$status" = 200 ] || die 5 "$1: somebody else has published meanwhile: run it again"
}

# served FOLDER: the metadata that is published, as far as the bundle has names for it.
served() {
	local name
	get metadata/timestamp.json "$1/timestamp.json"
	for name in "${written_once[@]}" "${named[@]}"; do get "metadata/$name" "$1/$name"; done
	get "metadata/$(($(newest "$work/new/metadata") + 1)).root.json" "$1/$(($(newest "$work/new/metadata") + 1)).root.json"
}

open_bundle "$bundle" "$root" --complete
mapfile -t images < <(cd "$work/new/targets" && find . -type f -printf '%P\n' | sort)
mapfile -t written_once < <(numbered "$work/new/metadata")
mapfile -t named < <(fixed "$work/new/metadata")
get metadata/timestamp.json "$work/now/timestamp.json"
seen=$([ ! -e "$work/now/timestamp.json" ] || etag)
if [ -n "$page" ]; then
	get index.html "$work/old.html"
	old_page=$([ ! -e "$work/old.html" ] || etag)
fi
served "$work/now"
moved=0
in_order "$work/now" "$work/new/metadata" || moved=$?

for name in "${images[@]}"; do once "targets/$name" "$work/new/targets/$name"; done
[ $moved = 0 ] || die $moved "its images are uploaded, its metadata is not: what is published was made from it, or from another state"
for name in "${written_once[@]}"; do once "metadata/$name" "$work/new/metadata/$name"; done
for name in "${named[@]}"; do over "metadata/$name" "$work/new/metadata/$name"; done
same "$work/now/timestamp.json" "$work/new/metadata/timestamp.json" || swap metadata/timestamp.json "$work/new/metadata/timestamp.json" "$seen"

served "$work/after/metadata"
"$keyrite" verify "$work/after" --trusted-root "$root" --policy none >/dev/null || die 4 "what is published does not verify"
cmp -s "$work/after/metadata/timestamp.json" "$work/new/metadata/timestamp.json" || die 5 "somebody else has published meanwhile"
if [ -n "$page" ]; then
	front_page "$(basename "$to")" "$root" "$work/index.html"
	status=$(put index.html "$work/index.html" "$(instead "$old_page")" 'text/html; charset=utf-8')
	[ "$status" = 200 ] || say "index.html is somebody else's, who was faster"
fi
say "published: timestamp $(version "$work/new/metadata/timestamp.json"), ${#images[@]} image files"
