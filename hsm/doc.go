// Package hsm is where keyrite's keys live: PKCS#11 modules, tokens, key pairs,
// evidence and PINs. It knows PKCS#11 and nothing else.
//
// # How it works
//
// Each open token has a helper process: keyrite itself, started again, which
// loads the module and answers over a socket. Who only looks at tokens, and logs in to
// none, has one for each module: [Viewer]. A module that crashes becomes
// ErrCrashed, one that hangs ErrTimeout, and keyrite goes on. Main, and TestMain
// of a package that uses tokens, begin with
//
//	if hsm.IsHelper() {
//		os.Exit(hsm.Helper())
//	}
//
// and a command that may meet a secret goes on with [Reexec].
//
// # How a helper is locked in
//
// A module is foreign code with a PIN in its hands. It reaches what [Module]
// declares and nothing else: State, Reads, Connects, Network, and the environment
// of Env with a few plain variables. [Blocks] are the needs of known modules, and
// an error of a module's start names what it was refused.
//
// keyrite and its helpers run from an unreadable file in memory, so that no other
// process of the user sees their memory. A helper has a session of its own, dies
// with keyrite, and before it loads the module's bytes, from where they were
// hashed, it takes away from itself: other files (a root of its own, Landlock), the
// network (a namespace without one), capabilities, and every system call that
// starts a program, makes a socket that was not declared, looks at another process
// or types into a terminal (seccomp). keyrite reads from the kernel what holds, and
// again before it sends a PIN. Where a measure cannot be had, [Token.Protections]
// says so; without the system-call filter no module is loaded. [Probe] tries each
// way out.
//
// What stays open: a module can do what it likes with its own keys and state, reach
// any host at a port of Network, and, where keyrite runs as root, is shown to other
// processes of root.
//
// # How it is used
//
//	token, err := hsm.Open(ctx, module, uri)     // exactly one token, locked
//	defer token.Close()                          // logs out, ends the helper
//	err = token.Login(ctx, pin)                  // nil PIN: typed on the token
//	key, err := token.Generate(ctx, spec)        // or Find(ctx, publicKey)
//	signature, err := key.Sign(ctx, message)     // verified before it is returned
//	proof, err := key.Prove(ctx, name, now)      // proof of possession
//
// A key pair is found by its public key, a token by its serial number, never by
// slot number or first match. Modules search badly, give ids of their own, show slots
// that cannot be read ([Listing]), want no login, or a PIN for each signature
// ([Token.AskPIN]): docs/hsm-modules.md has the table of these habits. The caller of
// Generate writes the id of the new key down durably before the call; after a crash,
// FindBegun says what there is.
//
// Errors are [*Error] values with a Hint; errors.Is tells the kinds apart. After
// ErrCrashed, ErrTimeout, ErrCanceled and ErrClosed the token is unusable: Close
// it, and Open it again.
//
// A module's lifetime makes objects first and destroys them last. Where more is
// wanted the helper is ended and a fresh one logs in with the PIN that was
// accepted: by itself in Generate, Restore and the ledger, or with [Token.Renew].
//
// Some tokens remember what their keys have signed: [TokenInfo.Ledger] says
// which, [Token.Ledger] and [Token.CreateLedgerRecords] read and write.
//
// [WaitForToken] waits for a person to insert a token. [Key.Backup] and
// [Token.Restore] carry a key that was made for it to another token, under a key
// that both security officers imported with [ImportWrappingKey]; show
// [BackupWarning] first. [VerifyAttestation] checks a vendor's certificate chain.
// [Harden] and [DenyNetwork] are for keyrite's own process; what a helper did is
// in [Token.Protections]. [CapabilityTable] is the table of `keyrite token info`.
//
// PINs come from a [PINSource], travel to the helper in the body of a frame, and
// are wiped on both sides; keyrite keeps an accepted one until the token is
// closed. The copy that the PKCS#11 binding makes for the C call is freed without
// being wiped, in a process that cannot be dumped and ends with the token.
//
// The package needs Linux, on amd64 or arm64.
package hsm
