package roles

import (
	"crypto"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// foresee is what a repository serves, as vehicles see it.
func (r *repo) foresee() Served {
	r.Helper()
	served := Served{}
	for name, data := range r.files {
		role, _, ok := RoleOf(r.f, name)
		if !ok {
			r.Fatalf("what is %s?", name)
		}
		t := TypeTargets
		if len(r.delegated) == 0 || r.delegated[role] == nil {
			t = Type(role)
		}
		file, err := Read(r.f, t, data)
		if err != nil {
			r.Fatal(err)
		}
		if served[name], err = Foresee(file); err != nil {
			r.Fatal(err)
		}
	}
	return served
}

// muddle changes something that vehicles notice.
func (r *repo) muddle(rng *rand.Rand, rounds int) {
	move := func(h *Head) { h.Version = max(1, h.Version+rng.Int64N(4)-1) }
	switch rng.IntN(6) {
	case 0, 1:
		move(&r.timestamp.Head)
	case 2:
		move(&r.snapshot.Head)
		move(&r.timestamp.Head)
	case 3:
		move(&r.targets.Head)
		move(&r.snapshot.Head)
		move(&r.timestamp.Head)
	case 4:
		role := []string{"targets", "snapshot", "timestamp"}[rng.IntN(3)]
		key := byte(30 + rounds)
		r.root.SetRole(role, 1, r.keys(key))
		r.signers[role] = []byte{key}
		r.root.Version++
	case 5:
		r.signers["timestamp"] = []byte{byte(3 + rng.IntN(5))} // perhaps a wrong one
	}
	r.publish()
}

// TestVehicleIsClient lets a vehicle and a client with a memory look at the same
// muddled histories: they say the same, word by word, and remember the same.
func TestVehicleIsClient(t *testing.T) {
	agreed, refused := 0, 0
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 0))
		r := newRepo(t, Formats[seed%2]).publish()
		first, state := r.files["1.root.json"], memory{}
		root, err := Read(r.f, TypeRoot, first)
		if err != nil {
			t.Fatal(err)
		}
		v := NewVehicle(&Foreseen{root, len(root.Raw)})
		for round := range 12 {
			c, err := NewClient(first, r, now)
			if err != nil {
				t.Fatal(err)
			}
			c.State = state
			want, got := c.Refresh(), v.Visit(r.foresee(), now)
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Fatalf("seed %d, round %d: the vehicle says %v, the client %v", seed, round, got, want)
			}
			if v.Root() != c.Root().Version {
				t.Fatalf("seed %d, round %d: the vehicle has root %d, the client %d", seed, round, v.Root(), c.Root().Version)
			}
			for _, role := range []Type{TypeTimestamp, TypeSnapshot, TypeTargets} {
				version := int64(0)
				if file := c.load(string(role), role); file != nil {
					version = HeadOf(file.Body).Version
				}
				if v.Version(string(role)) != version {
					t.Fatalf("seed %d, round %d: the vehicle remembers %s %d, the client %d", seed, round, role, v.Version(string(role)), version)
				}
			}
			if agreed++; want != nil {
				refused++
			}
			r.muddle(rng, round)
		}
	}
	if refused == 0 || refused == agreed {
		t.Errorf("%d of %d visits were refused: that is no test", refused, agreed)
	}
}

// planned is a draft of a role's file, and its body.
func (r *repo) planned(role string, body Body) *Draft {
	r.Helper()
	draft, err := Encode(r.f, body)
	if err != nil {
		r.Fatal(err)
	}
	return draft
}

// TestForeseenIsTaken has a vehicle take a root and a timestamp that nobody has signed
// yet; with one signer fewer it does not.
func TestForeseenIsTaken(t *testing.T) {
	for _, f := range Formats {
		r := newRepo(t, f).publish()
		v := NewVehicle(r.foresee()["1.root.json"])
		if err := v.Visit(r.foresee(), now); err != nil {
			t.Fatal(err)
		}
		r.root.Version = 2
		r.root.SetRole("timestamp", 1, r.keys(9))
		root := r.planned("root", r.root)
		r.timestamp.Version = 2
		timestamp := r.planned("timestamp", r.timestamp)
		for _, tt := range []struct {
			root, timestamp []byte
			want            string
		}{
			{[]byte{0, 2}, []byte{9}, ""},
			{[]byte{0}, []byte{9}, "1 of 2 signatures that role root needs by root 1"},
			{[]byte{0, 3}, []byte{9}, "1 of 2 signatures that role root needs by root 1"},
			{[]byte{0, 1}, []byte{6}, "0 of 1 signatures that role timestamp needs by root 2"},
		} {
			served := r.foresee()
			var err error
			if served["2.root.json"], err = root.Foresee(r.root, r.keys(tt.root...)); err != nil {
				t.Fatal(err)
			}
			if served["timestamp.json"], err = timestamp.Foresee(r.timestamp, r.keys(tt.timestamp...)); err != nil {
				t.Fatal(err)
			}
			err = v.Clone().Visit(served, now)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("%s, signed by %v and %v: got %v, want %q", f.Name(), tt.root, tt.timestamp, err, tt.want)
			}
		}
		if v.Root() != 1 || v.Version("timestamp") != 1 {
			t.Errorf("the vehicle moved with its clones: root %d, timestamp %d", v.Root(), v.Version("timestamp"))
		}
	}
}

// TestForeseenCountsNowhereElse reads the bytes of a foreseen file as everybody else
// does: it has no signatures, but only the count of those that it will have.
func TestForeseenCountsNowhereElse(t *testing.T) {
	for _, f := range Formats {
		pairs, keys := newKeyPairs(t), []Key{}
		publics := []crypto.PublicKey{pairs.ed25519.Public(), pairs.p256.Public(), pairs.rsa.Public()}
		if f == OTACE {
			publics = slices.Delete(publics, 1, 2)
		}
		for _, public := range publics {
			k, err := NewKey(f, public)
			if err != nil {
				t.Fatal(err)
			}
			keys = append(keys, k)
		}
		r := newRepo(t, f)
		r.root.SetRole("root", 1, keys)
		seen, err := r.planned("root", r.root).Foresee(r.root, keys)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Read(f, TypeRoot, seen.file.Raw); err == nil {
			t.Errorf("%s: the bytes of a foreseen root are a file", f.Name())
		}
		if _, err := NewClient(seen.file.Raw, nil, now); err == nil {
			t.Errorf("%s: a client trusts a foreseen root", f.Name())
		}
	}
}

// TestPartial takes a Director's targets alone, by the root that the ECU has: also an
// expired one, and with no root, snapshot or timestamp to be had.
func TestPartial(t *testing.T) {
	for _, f := range Formats {
		r := newRepo(t, f)
		r.targets.Delegations = nil
		r.root.Expires = now.AddDate(0, 0, -1)
		r.publish()
		state := memory{}
		look := func() error {
			name := f.MetadataPath("targets", r.targets.Version)
			c, err := NewClient(r.files["1.root.json"], &repo{TB: t, files: map[string][]byte{name: r.files[name]}}, now)
			if err != nil {
				t.Fatal(err)
			}
			c.Partial, c.Director, c.State = true, true, state
			c.Newest = func(string) int64 { return r.targets.Version }
			return c.Refresh()
		}
		for _, tt := range []struct {
			version int64
			signers []byte
			want    string
		}{
			{2, []byte{3, 4}, ""},
			{1, []byte{3, 4}, "possible rollback attack"},
			{3, []byte{3}, "1 of 2 signatures that role targets needs by root 1"},
			{3, []byte{3, 4}, ""},
		} {
			r.targets.Version, r.signers["targets"] = tt.version, tt.signers
			r.publish()
			if err := look(); tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("%s: targets %d by %v: got %v, want %q", f.Name(), tt.version, tt.signers, err, tt.want)
			}
		}
	}
}
