package policies

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/hex"
	"fmt"
	"math/big"
	"sync"

	"github.com/titanous/rocacheck"
)

var keyROCA = check{CheckInfo{
	ID:       "KEY-ROCA",
	Severity: Error,
	Title:    "no RSA key was made by the faulty Infineon library",
	Hint:     "generate the key on another token: this one can be computed from its public part",
	Sources:  []string{"CVE-2017-15361", "WEAK-RSA"},
	Waivable: true,
}, func(e *exam) {
	for _, k := range e.rsaKeys() {
		if rocacheck.IsWeak(k.rsa) {
			e.report(k.at, "an RSA key with the mark of CVE-2017-15361", "another key")
		}
	}
}}

// minExponent is the smallest public exponent of FIPS 186-5 §A.1.1.
const minExponent = 1<<16 + 1

var keyExponent = check{CheckInfo{
	ID:       "KEY-EXPONENT",
	Severity: Error,
	Title:    "no RSA key has a small public exponent",
	Hint:     "generate the key with the public exponent 65537",
	Sources:  []string{"WEAK-RSA"},
	Waivable: true,
}, func(e *exam) {
	for _, k := range e.rsaKeys() {
		if k.rsa.E < minExponent {
			e.report(k.at, fmt.Sprintf("an RSA key with the public exponent %d", k.rsa.E), fmt.Sprintf("at least %d", minExponent))
		}
	}
}}

var keyFactors = check{CheckInfo{
	ID:       "KEY-FACTORS",
	Severity: Error,
	Title:    "no RSA modulus has small factors or factors that lie close together",
	Hint:     "generate the key anew on a sound token: this one can be computed from its public part",
	Sources:  []string{"WEAK-RSA"},
	Waivable: true,
}, func(e *exam) {
	for _, k := range e.rsaKeys() {
		switch {
		case new(big.Int).GCD(nil, nil, k.rsa.N, smallPrimes()).Cmp(big.NewInt(1)) != 0:
			e.report(k.at, "an RSA key whose modulus has a small factor", "two large primes")
		case closeFactors(k.rsa.N):
			e.report(k.at, "an RSA key whose factors lie close together", "two primes chosen apart")
		}
	}
}}

var keyCommonFactor = check{CheckInfo{
	ID:       "KEY-COMMON-FACTOR",
	Severity: Error,
	Title:    "no two RSA keys share a factor",
	Hint:     "generate both keys anew on sound tokens: whoever has the two public keys can compute the private ones",
	Sources:  []string{"WEAK-RSA"},
	Waivable: true,
}, func(e *exam) {
	product, one := big.NewInt(1), big.NewInt(1)
	for _, k := range e.rsaKeys() {
		rest := new(big.Int).Mod(product, k.rsa.N)
		if new(big.Int).GCD(nil, nil, rest, k.rsa.N).Cmp(one) != 0 {
			e.report(k.at, "an RSA key that shares a factor with another key of this repository", "primes of its own")
		}
		product.Mul(product, k.rsa.N)
	}
}}

var keyPublished = check{CheckInfo{
	ID:       "KEY-PUBLISHED",
	Severity: Error,
	Title:    "no private key is one that stands in a public document",
	Hint:     "generate a key: everybody has this one",
	Sources:  []string{"TEST-KEYS"},
	Waivable: true,
}, func(e *exam) {
	e.needRoles("root")
	for _, k := range e.keys() {
		if public, ok := k.Public.(interface{ Equal(crypto.PublicKey) bool }); ok && published(public) {
			e.report(k.at, "a test key of a standard", "a key that only its custodian has")
		}
	}
}}

// rsaKey is an RSA key that is really there, not planned.
type rsaKey struct {
	*usedKey
	rsa *rsa.PublicKey
}

func (e *exam) rsaKeys() []rsaKey {
	e.needRoles("root")
	var found []rsaKey
	for _, k := range e.keys() {
		if public, ok := k.Public.(*rsa.PublicKey); ok && !k.facts.Planned {
			found = append(found, rsaKey{k, public})
		}
	}
	return found
}

// smallPrimes is the product of all primes below 1000.
var smallPrimes = sync.OnceValue(func() *big.Int {
	product := big.NewInt(1)
	for n := int64(2); n < 1000; n++ {
		if p := big.NewInt(n); p.ProbablyPrime(0) {
			product.Mul(product, p)
		}
	}
	return product
})

// fermatRounds is how far closeFactors looks. Sound keys are never found, keys
// of the generators that were faulty in practice in the first rounds.
const fermatRounds = 100

// closeFactors is Fermat's method: N = a² - b² for an a just above the root of
// N, when the factors a+b and a-b are close.
func closeFactors(n *big.Int) bool {
	one := big.NewInt(1)
	a, b, square := new(big.Int).Sqrt(n), new(big.Int), new(big.Int)
	if square.Mul(a, a).Cmp(n) == 0 {
		return true
	}
	a.Add(a, one)
	square.Mul(a, a).Sub(square, n)
	for range fermatRounds {
		// Squares end in few patterns of bits: that spares most roots.
		if low := square.Bits()[0] & 15; low == 0 || low == 1 || low == 4 || low == 9 {
			if b.Sqrt(square); b.Mul(b, b).Cmp(square) == 0 {
				return true
			}
		}
		square.Add(square, b.Lsh(a, 1)).Add(square, one)
		a.Add(a, one)
	}
	return false
}

// published recognises the private keys printed in standards, which tests and
// examples copy.
func published(public interface{ Equal(crypto.PublicKey) bool }) bool {
	for _, known := range publishedKeys() {
		if public.Equal(known) {
			return true
		}
	}
	return false
}

var publishedKeys = sync.OnceValue(func() (keys []crypto.PublicKey) {
	for _, seed := range []string{ // RFC 8032 §7.1
		"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
		"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
		"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
		"f5e5767cf153319517630f226876b86c8160cc583bc013744c6bf255f5cc0ee5",
		"833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
	} {
		private, _ := hex.DecodeString(seed)
		keys = append(keys, ed25519.NewKeyFromSeed(private).Public())
	}
	for curve, d := range map[elliptic.Curve]string{ // RFC 6979 §A.2.5, §A.2.6
		elliptic.P256(): "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
		elliptic.P384(): "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5",
	} {
		private, _ := hex.DecodeString(d)
		if k, err := ecdsa.ParseRawPrivateKey(curve, private); err == nil {
			keys = append(keys, k.Public())
		}
	}
	return keys
})
