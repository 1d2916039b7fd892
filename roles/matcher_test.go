package roles

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestMatcher finds what trying every pattern finds, for made-up patterns of a
// small alphabet: many begin alike, repeat, or are malformed.
func TestMatcher(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	text := func(alphabet string, most int) string {
		var b strings.Builder
		for range random.IntN(most + 1) {
			b.WriteByte(alphabet[random.IntN(len(alphabet))])
		}
		return b.String()
	}
	covered := 0
	for range 300 {
		roles := make([]DelegatedRole, random.IntN(12))
		for i := range roles {
			for range random.IntN(4) {
				roles[i].Paths = append(roles[i].Paths, text(`aaabb/*?[]!\`, 6))
			}
			if random.IntN(4) == 0 {
				roles[i].Paths, roles[i].HashPrefixes = nil, []string{text("0123456789abcdef", 2)}
			}
		}
		for _, f := range Formats {
			m := NewMatcher(f, roles)
			for range 50 {
				path := text("ab/", 6)
				var want []int
				for i := range roles {
					if roles[i].Covers(f, path) {
						want = append(want, i)
					}
				}
				if got, _ := m.Covering(path); !slices.Equal(got, want) {
					t.Fatalf("%s: %q is covered by %v, want %v of %v", f.Name(), path, got, want, roles)
				}
				covered += len(want)
			}
		}
	}
	if covered < 10_000 {
		t.Errorf("only %d roles covered anything; the test shows little", covered)
	}
}

// delegations makes n delegated roles, each with the patterns that patterns
// returns for it.
func delegationsOf(n int, patterns func(i int) []string) []DelegatedRole {
	roles := make([]DelegatedRole, n)
	for i := range roles {
		roles[i] = DelegatedRole{Role: Role{Name: fmt.Sprintf("supplier-%05d", i), Threshold: 1}, Paths: patterns(i)}
	}
	return roles
}

// TestMatcherWork counts the patterns that are tried for each path: as many
// for thousands of suppliers as for a few.
func TestMatcherWork(t *testing.T) {
	for name, shape := range map[string]func(i int) []string{
		"a folder each":      func(i int) []string { return []string{fmt.Sprintf("supplier-%05d/*", i)} },
		"a prefix each":      func(i int) []string { return []string{fmt.Sprintf("supplier-%05d-*", i)} },
		"an exact path each": func(i int) []string { return []string{fmt.Sprintf("supplier-%05d/a.bin", i)} },
		"a prefix of the next": func(i int) []string {
			return []string{strings.Repeat("s", i%200) + fmt.Sprintf("%05d/*", i)}
		},
		"a pattern inside": func(i int) []string { return []string{fmt.Sprintf("supplier-%05d/*-v?.bin", i)} },
	} {
		for _, n := range []int{10, 32_000} {
			m := NewMatcher(OTACE, delegationsOf(n, shape))
			for i := 0; i < n; i += 1 + n/500 {
				path := strings.NewReplacer("*", "x", "?", "1").Replace(shape(i)[0])
				found, tried := m.Covering(path)
				if !slices.Equal(found, []int{i}) || tried > 4 {
					t.Fatalf("%s: of %d: %s is covered by %v after %d tries, want %d and at most 4", name, n, path, found, tried, i)
				}
			}
		}
	}
}

// TestMatcherNested tries what lies one in the other, and little besides.
func TestMatcherNested(t *testing.T) {
	m := NewMatcher(OTACE, delegationsOf(300, func(i int) []string { return []string{strings.Repeat("a", i) + "*"} }))
	for n := range 300 {
		if found, tried := m.Covering(strings.Repeat("a", n)); len(found) != n+1 || tried > 2*n+4 {
			t.Fatalf("%d: covered by %d roles after %d tries", n, len(found), tried)
		}
	}
	if found, tried := m.Covering("b"); len(found) != 1 || tried > 304 {
		t.Errorf("covered by %d roles after %d tries", len(found), tried)
	}
}

// wide is a repository with n suppliers, a folder and an image each. All files
// are signed by the one key of a test.
func wide(t testing.TB, f Format, n int) *repo {
	r := newRepo(t, f)
	keys := r.keys(7)
	r.targets.Delegations.Keys = keys
	r.targets.Delegations.Roles = delegationsOf(n, func(i int) []string { return []string{fmt.Sprintf("s%05d/*", i)} })
	for i := range r.targets.Delegations.Roles {
		role := &r.targets.Delegations.Roles[i]
		role.KeyIDs = []KeyID{keys[0].ID}
		r.delegated[role.Name] = &Targets{Head: r.targets.Head, Images: []Image{image(fmt.Sprintf("s%05d/a.bin", i))}}
		r.signers[role.Name] = []byte{7}
	}
	return r.publish()
}

// TestWideWork verifies a repository of many suppliers with work that grows as
// their number does.
func TestWideWork(t *testing.T) {
	for _, f := range Formats {
		tried := map[int]int{}
		for _, n := range []int{50, 500} {
			c, err := wide(t, f, n).verify(nil)
			if err != nil || c.Report().Images != n+1 {
				t.Fatalf("%s: %d images, %v", f.Name(), c.Report().Images, err)
			}
			tried[n] = c.tried[nil]
		}
		if tried[500] > 10*tried[50] || tried[50] > 200 {
			t.Errorf("%s: tried %v patterns", f.Name(), tried)
		}
	}
}

// TestTooManyTries refuses a repository whose patterns all begin alike, instead
// of trying them for hours.
func TestTooManyTries(t *testing.T) {
	r := newRepo(t, TUF)
	a := r.delegate("targets", "a", 7, false, "*.none", "x*")
	a.Images = []Image{image("x1"), image("x2")}
	c, err := NewClient(r.publish().files["1.root.json"], r, now)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Refresh(); err != nil {
		t.Fatal(err)
	}
	c.tried[nil] = maxTried - 7
	want := "x2: more than 67108864 patterns were tried for the images so far; give each delegation a beginning of its own"
	if _, err := c.All(); err == nil || err.Error() != want {
		t.Errorf("got %v after %d, want %s", err, c.tried[nil], want)
	}
}

// TestChainBound refuses a chain of delegations that is longer than anybody
// follows.
func TestChainBound(t *testing.T) {
	for _, f := range Formats {
		for _, n := range []int{MaxLevels, MaxLevels + 1, 200} {
			c, err := chain(t, f, n).verify(nil)
			if n == MaxLevels {
				if err != nil || !strings.Contains(c.Report().String(), "clients do not follow more than") {
					t.Errorf("%s: %d levels: %v\n%s", f.Name(), n, err, c.Report())
				}
				continue
			}
			want := fmt.Sprintf("%s: signed.delegations: it delegates on, 64 levels below targets; no client follows more than %d", f.MetadataPath("r00063", 1), f.maxLevels())
			if err == nil || err.Error() != want || len(c.Report().Files) > MaxLevels+4 {
				t.Errorf("%s: %d levels: got %v after %d files, want %s", f.Name(), n, err, len(c.Report().Files), want)
			}
		}
	}
}

// chain is a repository of n delegations one below the other.
func chain(t testing.TB, f Format, n int) *repo {
	r, from := newRepo(t, f), "targets"
	for i := range n {
		name := fmt.Sprintf("r%05d", i)
		r.delegate(from, name, 7, false, "*")
		from = name
	}
	return r.publish()
}

// TestDelegationsBound refuses more delegations than a repository may have,
// before any of their files is asked for.
func TestDelegationsBound(t *testing.T) {
	r := newRepo(t, TUF)
	r.targets.Delegations.Keys = r.keys(7)
	r.targets.Delegations.Roles = delegationsOf(MaxDelegations+1, func(int) []string { return []string{"*"} })
	for i := range r.targets.Delegations.Roles {
		r.targets.Delegations.Roles[i].KeyIDs = []KeyID{r.targets.Delegations.Keys[0].ID}
	}
	_, err := r.publish().verify(nil)
	want := "1.targets.json: signed.delegations: 65537 delegations so far; want at most 65536 in a repository"
	if err == nil || err.Error() != want || slices.Contains(r.asked, "1.supplier-00000.json") {
		t.Errorf("got %v, asked for %q; want %s", err, r.asked, want)
	}
}
