#!/usr/bin/env bash
# ota-ce.sh: upload a bundle to OTA Community Edition: to its repo server, or a root to
# its Director.
#
# Usage: ota-ce.sh BUNDLE URL --trusted-root FILE --namespace NAME [--curl FILE]
#                  [--root-only] [--delete KEYID,…] [--omit PATH,…] [--page FILE]
#
# URL is where `root` is: http://reposerver/api/v1/user_repo for the Image repository,
# with --root-only http://director/api/v1/admin/repo for the Director, or what a gateway
# makes of them. FILE for curl (-K) holds what a gateway wants, such as the header with a
# token. A root that does not list an online key any more has the server delete it, and
# targets that omit an image have it delete that: both are asked for, or named in full.
#
# Each root is exactly one above the last, and targets too; a delegation never goes back,
# which the server does not look at. Run again after it was killed, it goes on.
#
# A server without the key of targets answers an edit of its images with status 412 and
# what has to be signed. Keep that answer (curl -o answer.json), carry it to the workspace,
# where keyrite plan --request answer.json takes it in, and upload the bundle that follows.
#
# The server has no place for a page at its front door. --page writes it to FILE, once what
# is served verifies; put it where people look. Without an upload, at any time:
# fetch-ota-ce.sh URL DIR, then keyrite status --site DIR --trusted-root FILE --html FILE.

. "$(dirname "$0")/lib.sh"

bundle='' url='' root='' namespace='' config='' root_only='' may_delete='' may_omit='' page=''
while [ $# -gt 0 ]; do
	case $1 in
	--trusted-root) root=${2:-} && shift ;;
	--namespace) namespace=${2:-} && shift ;;
	--curl) config=${2:-} && shift ;;
	--delete) may_delete=${2:-} && shift ;;
	--omit) may_omit=${2:-} && shift ;;
	--page) page=${2:-} && shift ;;
	--root-only) root_only=1 ;;
	-*) usage ;;
	*) if [ -z "$bundle" ]; then bundle=$1; elif [ -z "$url" ]; then url=${1%/}; else usage; fi ;;
	esac
	shift
done
[ -n "$bundle" ] && [ -n "$url" ] && [ -n "$root" ] && [ -n "$namespace" ] || usage
[ -z "$page" ] || [ -z "$root_only" ] || die 2 "--page shows what a server serves, and after --root-only it signs that first: fetch-ota-ce.sh, then keyrite status --site"
need jq curl

# http METHOD NAME ARG…: prints the status; the answer is in $work/answer.
http() {
	local method=$1 name=$2
	shift 2
	curl -sS "${patience[@]}" --max-filesize $((64 << 20)) ${config:+-K "$config"} -X "$method" -H "x-ats-namespace: $namespace" -H 'Content-Type: application/json' \
		-D "$work/head" -o "$work/answer" -w '%{http_code}' "$@" "$url/$name" || die 1 "$method $url/$name"
}
causes() { jq -r '[.code, .description, (.cause // empty | tostring)] | map(select(. != null)) | join(": ")' "$work/answer" 2>/dev/null || head -c 500 "$work/answer"; }

# get NAME FILE: what the server has; no FILE where it has none.
get() {
	local status
	status=$(http GET "$1")
	case $status in
	200) mkdir -p "$(dirname "$2")" && mv "$work/answer" "$2" ;;
	404 | 424) rm -f "$2" ;;
	*) die 1 "GET $1: status $status: $(causes)" ;;
	esac
}

# agree WHAT LISTED ALLOWED: somebody says yes to all that is deleted.
agree() {
	local answer
	[ -n "$2" ] || return 0
	say "This deletes on the server $1:" && sed 's/^/  /' <<<"$2" >&2
	[ "$(tr ',' '\n' <<<"$3" | sort)" != "$(sort <<<"$2")" ] || return 0
	[ -t 0 ] || die 3 "nobody is here to agree: name them: $4 $(paste -sd, <<<"$2")"
	read -r -p 'Type delete to go on: ' answer </dev/tty
	[ "$answer" = delete ] || die 3 "not agreed; nothing was uploaded"
}

# key_ids FILE: those of the roles that a server may sign.
key_ids() { jq -r '.signed.roles | [.targets, .snapshot, .timestamp] | map(.keyids[]) | unique[]' "$1" | sort; }

roots() {
	local n had status why
	get root.json "$now/root.json"
	had=$(version "$now/root.json")
	last=$(newest "$new")
	[ "$had" -le "$last" ] || die 5 "the server has root $had, this is root $last: it has moved on; fetch it, and keyrite import --update"
	[ "$had" = 0 ] || same "$now/root.json" "$new/$had.root.json" || die 4 "the server has another root $had"
	if [ "$had" -gt 0 ] && [ "$had" -lt "$last" ]; then
		agree "the online keys that root $last does not list" "$(comm -23 <(key_ids "$now/root.json") <(jq -r '.signed.keys | keys[]' "$new/$last.root.json" | sort))" "$may_delete" --delete
	fi
	for ((n = had + 1; n <= last; n++)); do
		[ -e "$new/$n.root.json" ] || die 4 "the bundle has no root $n"
		status=$(http POST root --data-binary "@$new/$n.root.json")
		case $status in
		204 | 200) say "root $n is uploaded" ;;
		400 | 409)
			why=$(causes)
			get root.json "$work/there.json" # perhaps by somebody else, just now
			same "$work/there.json" "$new/$n.root.json" || die 5 "root $n: status $status: $why"
			;;
		*) die 1 "root $n: status $status: $(causes)" ;;
		esac
	done
}

targets() {
	local had next sum status role
	[ -e "$new/targets.json" ] || { say "the bundle has no targets: the server signs them" && return; }
	for role in $(jq -r '.signed.delegations.roles // [] | .[].name' "$new/targets.json"); do
		[ -e "$new/delegations/$role.json" ] || die 4 "targets delegate to $role, whose file is not in the bundle: the server would forget all delegations"
	done
	get targets.json "$now/targets.json"
	sum=$(sed -n 's/^x-ats-role-checksum: *//Ip' "$work/head" | tr -d '\r')
	had=$(version "$now/targets.json")
	next=$(version "$new/targets.json")
	if [ "$had" = "$next" ] && same "$now/targets.json" "$new/targets.json"; then return; fi
	[ "$had" -lt "$next" ] || die 5 "the server has targets $had, this is targets $next: it has moved on; fetch it, and keyrite import --update"
	[ $((had + 1)) = "$next" ] || die 5 "the server has targets $had and takes $((had + 1)) next, this is targets $next: upload the bundles between them first"
	[ "$had" = 0 ] || agree "the images that targets $next omit" "$(comm -23 <(paths "$now/targets.json") <(paths "$new/targets.json"))" "$may_omit" --omit
	status=$(http PUT targets ${sum:+-H "x-ats-role-checksum: $sum"} --data-binary "@$new/targets.json")
	case $status in
	204 | 200) say "targets $next are uploaded" ;;
	409 | 412 | 428)
		get targets.json "$work/there.json"
		same "$work/there.json" "$new/targets.json" || die 5 "targets $next: status $status: the server has moved on"
		;;
	*) die 1 "targets $next: status $status: $(causes)" ;;
	esac
}
paths() { jq -r '.signed.targets | keys[]' "$1" | sort; }

delegation() {
	local name=$1 had next status
	get "delegations/$name" "$now/delegations/$name"
	had=$(version "$now/delegations/$name")
	next=$(version "$new/delegations/$name")
	if [ "$had" = "$next" ]; then
		same "$now/delegations/$name" "$new/delegations/$name" || die 4 "$name $next is there with another content"
		return
	fi
	[ "$had" -lt "$next" ] || die 5 "the server has $name $had, this is $next: it has moved on; fetch it, and keyrite import --update"
	status=$(http PUT "delegations/$name" --data-binary "@$new/delegations/$name")
	case $status in 204 | 200) say "$name $next is uploaded" ;; *) die 1 "$name $next: status $status: $(causes)" ;; esac
}

open_bundle "$bundle" "$root"
new=$work/new/metadata now=$work/now
mkdir -p "$now"
roots
if [ -z "$root_only" ]; then
	targets
	while IFS= read -r name; do delegation "$name"; done < <(cd "$new" && find delegations -name '*.json' -printf '%P\n' 2>/dev/null | sort)
	"$(dirname "$0")/fetch-ota-ce.sh" "$url" "$work/after" --namespace "$namespace" ${config:+--curl "$config"}
	cp -n "$new"/*.root.json "$work/after/metadata/"
	"$keyrite" verify "$work/after" --trusted-root "$root" --policy none >/dev/null || die 4 "what the server serves does not verify"
	[ -z "$page" ] || front_page "${namespace//[^A-Za-z0-9._-]/_}" "$root" "$page"
fi
say "the server has what is signed here: root $last${root_only:+, and signs the rest itself}"
