package main

import "github.com/uptane/keyrite/roles"

// own is the peer that is keyrite itself: never left out, never excused.
const own = "keyrite"

// peers are the columns of the table. Whatever a build fetches lies in work/.
var peers = []peer{
	{name: own, driver: []string{"work/bin/keyrite"}, tool: "go", build: "go build -o work/bin/ ./keyrite"},
	{name: "go-tuf v2", format: roles.TUF, web: true, driver: []string{"work/bin/go-tuf-v2"}, tool: "go",
		build: "go build -o work/bin/ ./go-tuf-v2",
		lock:  "go.mod", pinned: `go-tuf/v2 v(\S+)`},
	{name: "go-tuf v0.7", format: roles.TUF, web: true, driver: []string{"work/bin/go-tuf-v0.7"}, tool: "go",
		build: "go build -o work/bin/ ./go-tuf-v0.7",
		lock:  "go.mod", pinned: `go-tuf v(\S+)`},
	{name: "python-tuf", format: roles.TUF, web: true, driver: []string{"work/python/bin/python", "python-tuf/judge.py"}, tool: "python3",
		build: "python3 -m venv work/python && work/python/bin/pip install -q -r python-tuf/requirements.txt",
		lock:  "python-tuf/requirements.txt", pinned: `\btuf==(\S+)`},
	{name: "tuf-js", format: roles.TUF, web: true, driver: []string{"node", "work/tuf-js/judge.js"}, tool: "npm",
		build: "mkdir -p work/tuf-js && cp tuf-js/* work/tuf-js && npm ci --silent --prefix work/tuf-js",
		lock:  "tuf-js/package.json", pinned: `"tuf-js": "(.+)"`},
	{name: "rust-tuf", format: roles.TUF, direct: true, driver: []string{"work/cargo/debug/rust-tuf"}, tool: "cargo",
		build: cargo + "rust-tuf/Cargo.toml",
		lock:  "rust-tuf/Cargo.toml", pinned: `tuf = .*"=(\S+)"`},
	{name: "tough", format: roles.TUF, driver: []string{"work/cargo/debug/tough-judge"}, tool: "cargo",
		build: cargo + "tough/Cargo.toml",
		lock:  "tough/Cargo.toml", pinned: `tough = "=(\S+)"`},
	{name: "OTA CE", format: roles.OTACE, server: true, driver: []string{"java", "--add-exports", "java.base/sun.security.x509=ALL-UNNAMED",
		"-cp", "work/ota-ce/classes:work/ota-ce/lib/*", "Judge"}, tool: "mvn",
		build: "mvn -q -B -U -Dstyle.color=never -f ota-ce -Dmaven.repo.local=work/m2 compile",
		lock:  "ota-ce/pom.xml", pinned: `<libtuf.version>(.+)<`},
}

const cargo = "nice cargo build -q --locked --target-dir work/cargo --manifest-path "
