package policies

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"fmt"

	"github.com/uptane/keyrite/roles"
)

// keyTypes are the types of keys that a policy can speak of, as trust.yaml
// spells them.
var keyTypes = []string{"ed25519", "ecdsa-p256", "ecdsa-p384", "rsa-2048", "rsa-3072", "rsa-4096"}

// typeOf names the type of a public key.
func typeOf(k roles.Key) string {
	switch public := k.Public.(type) {
	case ed25519.PublicKey:
		return "ed25519"
	case *ecdsa.PublicKey:
		return fmt.Sprintf("ecdsa-p%d", public.Curve.Params().BitSize)
	case *rsa.PublicKey:
		return fmt.Sprintf("rsa-%d", public.N.BitLen())
	}
	return "unknown"
}

var keyType = check{CheckInfo{
	ID:       "KEY-TYPE",
	Severity: Error,
	Title:    "every key is of a type and size that the policy and the format's clients take",
	Hint:     "generate an ed25519 key, or rsa-3072 where the token has no ed25519",
	Sources:  []string{"TUF-003", "TUF-004", "CLIENTS"},
	Waivable: true,
}, func(e *exam) {
	e.needRoles("root")
	for _, k := range e.keys() {
		if k.Problem != nil {
			continue // KEY-USABLE says it
		}
		kind := typeOf(k.Key)
		switch verdict := e.policy.doc.KeyTypes[kind]; {
		case e.Format == roles.OTACE && k.Scheme != roles.Ed25519 && k.Scheme != roles.RSAPSSSHA256:
			e.report(k.at, kind, "ed25519 or RSA in format ota-ce")
		case verdict == Refused || verdict == "":
			e.report(k.at, kind, "a type that the policy takes")
		case verdict == Discouraged:
			e.advise(k.at, kind, "a type that is not discouraged")
		case k.Scheme == roles.RSAPKCS1v15SHA256:
			e.weigh(k.roles[0].statedBy(), k.at, "of the scheme "+string(k.Scheme), "rsassa-pss-sha256, which all clients of RSA keys know")
		}
	}
}}
