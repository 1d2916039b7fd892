#!/usr/bin/env bash
# test-pages.sh: runbooks and records of the demo, of one of its rehearsals too, and the
# page of status, as a browser prints them (make test-pages). Each page must be one sheet
# of A4 with nothing over its margins, the file must need nothing but itself, and pictures
# must have a text. Pages for browsers, those at the front doors of its repositories, must
# fit screens from 320 pixels on, and be in the order that a reader of screens tells.
#
# Leaves PDF and PNG beside each other in demo/pages, to be looked at.
set -euo pipefail
cd "$(dirname "$0")/.."

browser() { command -v chromium || command -v chromium-browser || command -v google-chrome; }
compgen -G 'demo/fleet/ceremonies/*/*/record.html' >/dev/null || { echo "no record in demo/; run make demo first" >&2; exit 1; }

out=$PWD/demo/pages
profile=$(mktemp -d)
trap 'rm -rf "$profile"' EXIT
rm -rf "$out"
mkdir -p "$out"

chrome() {
	"$(browser)" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
		--disable-component-update --disable-sync --user-data-dir="$profile" "$@" 2>/dev/null
}

failed=
bad() {
	echo "$name: $*" >&2
	failed=1
}

# measure is put into a copy of the file: it lists what stands over the margins of
# its page, in mm. Half a millimetre is for rounding and for borders.
measure='<script>
const mm = 96 / 25.4, over = [];
for (const page of document.querySelectorAll(".page")) {
	const p = page.getBoundingClientRect(), label = page.getAttribute("aria-label");
	if (p.height > 297 * mm + 1) over.push(label + " is " + (p.height / mm).toFixed(1) + " mm high");
	for (const e of page.querySelectorAll("*:not(.foot):not(.foot *):not(.band)")) {
		const r = e.getBoundingClientRect();
		if (r.right > p.right - 14.5 * mm || r.left < p.left + 24.5 * mm || r.bottom > p.bottom - 24.5 * mm || !(e instanceof SVGElement) && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0)
			over.push(label + ": " + e.tagName + " " + e.textContent.slice(0, 40).replace(/\s+/g, " "));
	}
}
document.documentElement.textContent = "OVER" + over.map(x => "\n" + x).join("");
</script></body>'

bare() { # FILE: it needs nothing but itself
	for word in '<script' '<link' '<img' '<iframe' 'src=' 'href=' 'url(' '@import' 'http:' 'https:'; do
		if grep -qF "$word" "$1"; then bad "has $word"; fi
	done
	[ "$(grep -c '<svg' "$1")" = "$(grep -c '<svg role="img" aria-label="[^"]' "$1")" ] || bad "has a picture without a text"
	grep -q '<html lang="en">' "$1" || bad "names no language"
}

# fits is put into a copy: it lists what stands over the sides of the window, and headings
# that are out of order, and tables without heads.
fits='<script>
const over = [];
if (document.documentElement.scrollWidth > innerWidth) over.push("the page is " + document.documentElement.scrollWidth + " wide");
for (const e of document.querySelectorAll("body *"))
	if (e.getBoundingClientRect().right > innerWidth + 1) over.push(e.tagName + " " + e.textContent.slice(0, 40).replace(/\s+/g, " "));
let last = 0;
for (const h of document.querySelectorAll("h1, h2, h3")) {
	const level = +h.tagName[1];
	if (level > last + 1) over.push(h.tagName + " behind h" + last);
	last = level;
}
if (document.querySelectorAll("h1").length != 1 || !document.querySelector("main")) over.push("want one h1, in main");
for (const t of document.querySelectorAll("table"))
	if (!t.querySelector("th[scope]")) over.push("a table without heads");
document.documentElement.textContent = "OVER " + innerWidth + over.map(x => "\n" + x).join("");
</script></body>'

check_web() { # FILE
	local width
	bare "$1"
	cp "$1" "$out/$name.html"
	measure=$fits awk '{ i = index($0, "</body>"); if (i) print substr($0, 1, i - 1) ENVIRON["measure"] substr($0, i + 7); else print }' "$1" >"$out/inner.html"
	for width in 320 640 1280; do # in a frame: a window is never narrower than 500
		printf '<!doctype html><iframe src="inner.html" width="%s" height="4000" style="border:0"></iframe><script>onload = () => { document.documentElement.textContent = frames[0].document.documentElement.textContent }</script>' "$width" >"$out/frame.html"
		chrome --allow-file-access-from-files --window-size=1400,1000 --virtual-time-budget=5000 --dump-dom "file://$out/frame.html" >"$out/measured.txt"
		grep -q "OVER $width" "$out/measured.txt" || bad "was not measured at $width pixels: $(head -c 200 "$out/measured.txt")"
		sed -e 's/<[^>]*>//g' "$out/measured.txt" | grep -v '^OVER' | grep . >"$out/over.txt" && bad "at $width pixels: $(cat "$out/over.txt")"
		chrome --window-size="$width,2000" --screenshot="$out/$name-$width.png" "file://$1"
	done
	rm -f "$out/inner.html" "$out/frame.html" "$out/measured.txt" "$out/over.txt"
	chrome --no-pdf-header-footer --print-to-pdf="$out/$name.pdf" "file://$1"
	pdfinfo "$out/$name.pdf" | grep -q '^Page size:.*(A4)$' || bad "is not printed on A4"
	echo "$name: fits from 320 pixels on"
}

check() { # FILE
	local sheets pages
	bare "$1"

	measure=$measure awk '{ i = index($0, "</body>"); if (i) print substr($0, 1, i - 1) ENVIRON["measure"] substr($0, i + 7); else print }' "$1" >"$out/measured.html"
	chrome --dump-dom "file://$out/measured.html" >"$out/measured.txt"
	rm "$out/measured.html"
	grep -q OVER "$out/measured.txt" || bad "was not measured"
	sed -e 's/<[^>]*>//g' "$out/measured.txt" | grep -v '^OVER$' | grep . >"$out/over.txt" && bad "over the margins: $(cat "$out/over.txt")"
	rm -f "$out/measured.txt" "$out/over.txt"

	chrome --no-pdf-header-footer --print-to-pdf="$out/$name.pdf" "file://$1"
	sheets=$(grep -c '<section class="page"' "$1")
	pages=$(pdfinfo "$out/$name.pdf" | sed -n 's/^Pages: *//p')
	[ "$sheets" = "$pages" ] || bad "prints on $pages sheets, want $sheets"
	pdfinfo "$out/$name.pdf" | grep -q '^Page size:.*(A4)$' || bad "is not A4"
	for ((n = 1; n <= pages; n++)); do
		pdftotext -f "$n" -l "$n" "$out/$name.pdf" - | grep -q "page $n of $sheets" || bad "sheet $n does not say so"
	done
	pdftoppm -r 80 -png "$out/$name.pdf" "$out/$name"
	echo "$name: $pages pages"
}

for file in "$PWD"/demo/fleet/ceremonies/*/{runbook,*/record}.html; do
	name=${file#"$PWD/demo/fleet/ceremonies/"}
	name=$(echo "${name%.html}" | tr / -)
	check "$file"
done
fake=$(echo "$PWD"/demo/fleet/rehearsals/*-image-2/FAKE-1)
bin/keyrite -C "$fake" record "$(basename "${fake%/*}")" -o "$out/FAKE-record.html" >/dev/null
bin/keyrite -C demo/fleet status --html "$out/status.html" >/dev/null
for name in FAKE-record status; do
	check "$out/$name.html"
done
for file in "$PWD"/demo/published/*/index.html; do
	name=door-$(basename "$(dirname "$file")")
	check_web "$file"
done
[ -z "$failed" ] || exit 1
echo "look at them: demo/pages"
