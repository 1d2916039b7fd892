package hsm_test

import (
	"crypto"
	"maps"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/miekg/pkcs11"
	"github.com/uptane/keyrite/hsm"
	"github.com/uptane/keyrite/hsm/hsmtest"
)

var message = []byte("a small root metadata file is about this long, give or take some bytes")

// BenchmarkSign compares, on one token and key, signing through keyrite with a
// bare loop of C_SignInit and C_Sign in this process. "one" waits for each
// signature before it sends the next message; "several" keeps 16 a core under way, so
// that the token works while signatures are verified. "verify" is what verifying
// with the standard library costs alone: no signature is used without.
func BenchmarkSign(b *testing.B) {
	for _, kind := range hsm.KeyTypes() {
		b.Run(string(kind), func(b *testing.B) {
			m, uri, pin := hsmtest.Token(b, "bench")
			g := target{module: m, uri: uri, pin: pin, kind: kind}
			token := g.open(b)
			defer token.Close()
			key := hsmtest.Generate(b, token, "bench", kind)
			b.Run("one", func(b *testing.B) {
				for b.Loop() {
					sign(b, key)
				}
			})
			b.Run("several", func(b *testing.B) {
				b.SetParallelism(16) // times GOMAXPROCS: the queue of the token never runs dry
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						sign(b, key)
					}
				})
			})
			b.Run("verify", func(b *testing.B) { verifyLoop(b, key) })
			token.Close()
			b.Run("raw", func(b *testing.B) { rawLoop(b, g, key) })
		})
	}
}

func sign(b *testing.B, key *hsm.Key) {
	if _, err := key.Sign(b.Context(), message); err != nil {
		b.Fatal(err)
	}
}

// verifyLoop verifies a proof, which is a signature of this key over a short
// message.
func verifyLoop(b *testing.B, key *hsm.Key) {
	proof, err := key.Prove(b.Context(), "bench", time.Now())
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := proof.Verify("bench", key.Public()); err != nil {
			b.Fatal(err)
		}
	}
}

// rawLoop signs without keyrite.
func rawLoop(b *testing.B, g target, key *hsm.Key) {
	p, session := g.raw(b)
	found := rawFind(b, p, session, key.ID())
	mechanism, input := rawMechanism(g.kind)
	for b.Loop() {
		if err := p.SignInit(session, mechanism, found); err != nil {
			b.Fatal(err)
		}
		if _, err := p.Sign(session, input); err != nil {
			b.Fatal(err)
		}
	}
}

// raw opens the token in this process, without keyrite.
func (g target) raw(t testing.TB) (*pkcs11.Ctx, pkcs11.SessionHandle) {
	t.Helper()
	for name, value := range g.module.Env {
		t.Setenv(name, value)
	}
	p := pkcs11.New(g.module.Path)
	if err := p.Initialize(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Finalize(); p.Destroy() })
	slots, err := p.GetSlotList(true)
	if err != nil {
		t.Fatal(err)
	}
	session, err := p.OpenSession(slots[0], pkcs11.CKF_SERIAL_SESSION|pkcs11.CKF_RW_SESSION)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Login(session, pkcs11.CKU_USER, g.pin); err != nil {
		t.Fatal(err)
	}
	return p, session
}

// rawFind finds a private key by id.
func rawFind(t testing.TB, p *pkcs11.Ctx, session pkcs11.SessionHandle, id []byte) pkcs11.ObjectHandle {
	t.Helper()
	template := []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_PRIVATE_KEY), pkcs11.NewAttribute(pkcs11.CKA_ID, id)}
	if err := p.FindObjectsInit(session, template); err != nil {
		t.Fatal(err)
	}
	found, _, err := p.FindObjects(session, 2)
	if err != nil || len(found) != 1 {
		t.Fatalf("found %v, %v", found, err)
	}
	if err := p.FindObjectsFinal(session); err != nil {
		t.Fatal(err)
	}
	return found[0]
}

// rawMechanism is what keyrite uses for the key type, and what it passes in.
func rawMechanism(kind hsm.KeyType) ([]*pkcs11.Mechanism, []byte) {
	switch kind {
	case hsm.Ed25519:
		return []*pkcs11.Mechanism{pkcs11.NewMechanism(0x1057, nil)}, message
	case hsm.ECDSAP256:
		return []*pkcs11.Mechanism{pkcs11.NewMechanism(pkcs11.CKM_ECDSA, nil)}, make([]byte, 32)
	case hsm.ECDSAP384:
		return []*pkcs11.Mechanism{pkcs11.NewMechanism(pkcs11.CKM_ECDSA, nil)}, make([]byte, 48)
	}
	params := pkcs11.NewPSSParams(pkcs11.CKM_SHA256, pkcs11.CKG_MGF1_SHA256, 32)
	return []*pkcs11.Mechanism{pkcs11.NewMechanism(pkcs11.CKM_SHA256_RSA_PKCS_PSS, params)}, message
}

// BenchmarkStart is what a ceremony pays once per token: start the helper, open
// the token, log in, find a key.
func BenchmarkStart(b *testing.B) {
	m, uri, pin := hsmtest.Token(b, "bench")
	g := target{module: m, uri: uri, pin: pin, kind: hsm.Ed25519}
	token := g.open(b)
	pub := hsmtest.Generate(b, token, "bench", g.kind).Public()
	token.Close()
	for b.Loop() {
		token := g.open(b)
		if _, err := token.Find(b.Context(), pub); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		token.Close()
		b.StartTimer()
	}
}

// BenchmarkCalls counts the PKCS#11 calls of a ceremony that opens a token, finds
// a key and makes three signatures.
func BenchmarkCalls(b *testing.B) {
	for _, kind := range []hsm.KeyType{hsm.Ed25519, hsm.ECDSAP256} {
		b.Run(string(kind), func(b *testing.B) {
			m, uri, pin := hsmtest.Token(b, "bench")
			g := target{module: m, uri: uri, pin: pin, kind: kind}
			token := g.open(b)
			pub := hsmtest.Generate(b, token, "bench", kind).Public()
			token.Close()
			for b.Loop() {
				b.ReportMetric(float64(g.countedCeremony(b, pub)), "calls")
			}
			b.ReportMetric(minimumCalls, "minimum-calls")
		})
	}
}

// minimumCalls is what no client can do without: C_Initialize, C_GetSlotList
// (length and list), C_GetTokenInfo, C_OpenSession, C_Login, twice the three calls
// to find an object, three times C_SignInit and C_Sign, C_Logout, C_CloseSession
// and C_Finalize.
const minimumCalls = 1 + 2 + 1 + 1 + 1 + 2*3 + 3*2 + 3

// countedCeremony finds the key of pub, makes three signatures, and returns how
// many PKCS#11 calls that took.
func (g target) countedCeremony(b *testing.B, pub crypto.PublicKey) int {
	log := filepath.Join(b.TempDir(), "calls")
	g.module = behindProxy(b, g.module, "", log)
	token := g.open(b)
	key, err := token.Find(b.Context(), pub)
	if err != nil {
		b.Fatal(err)
	}
	for range 3 {
		sign(b, key)
	}
	token.Close()
	total := 0
	calls := countCalls(b, log)
	for _, name := range slices.Sorted(maps.Keys(calls)) {
		b.Logf("%3d %s", calls[name], name)
		total += calls[name]
	}
	return total
}
