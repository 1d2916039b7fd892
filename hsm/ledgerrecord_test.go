package hsm_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/uptane/keyrite/hsm"
)

// aRecord is the record of a signature.
func aRecord(seq uint64, version int64) hsm.LedgerRecord {
	r := hsm.LedgerRecord{
		Seq: seq, Time: time.Unix(0x65000000, 0).UTC(), Version: version,
		Key: sha256.Sum256([]byte("key")), Repository: sha256.Sum256([]byte("repository")), Role: sha256.Sum256([]byte("root")),
		Signed: sha256.Sum256([]byte("metadata")), Plan: sha256.Sum256([]byte("plan")),
	}
	if seq > 1 {
		r.Previous = sha256.Sum256([]byte("previous"))
	}
	return r
}

// The bytes are a format: what one release writes, all later ones read.
func TestLedgerRecordBytes(t *testing.T) {
	r := hsm.LedgerRecord{Flags: hsm.LedgerSeeded | hsm.LedgerOverride, Seq: 2, Time: time.Unix(3, 0).UTC(), Version: 4}
	for i, field := range []*[32]byte{&r.Key, &r.Repository, &r.Role, &r.Signed, &r.Previous, &r.Plan} {
		field[0], field[31] = byte(0x10+i), byte(0xf0+i)
	}
	hash := func(i string) string { return "1" + i + strings.Repeat("00", 30) + "f" + i }
	want := "4b524c31" + "01" + "05" + "0100" + "0000000000000002" + "0000000000000003" + hash("0") + hash("1") + hash("2") +
		"0000000000000004" + hash("3") + hash("4") + hash("5")
	raw, err := hex.DecodeString(want)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(raw)
	raw = append(raw, sum[:]...)
	if got := r.Encode(); !bytes.Equal(got, raw) {
		t.Errorf("got  %x\nwant %x", got, raw)
	}
	if got, err := hsm.ParseLedgerRecord(raw); err != nil || got != r {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, want := r.Hash(), sha256.Sum256(raw); got != want {
		t.Errorf("hash; got %x, want %x", got, want)
	}
	place := sha256.Sum256(append(r.Repository[:], r.Role[:]...))
	if got, want := r.Label(), "keyrite-ledger/1 1000000000000000 "+hex.EncodeToString(place[:8]); got != want {
		t.Errorf("label; got %q, want %q", got, want)
	}
	genesis := hsm.LedgerRecord{Time: r.Time, Key: r.Key}
	if got, want := genesis.Label(), "keyrite-genesis/1 1000000000000000"; got != want || !genesis.Genesis() {
		t.Errorf("label; got %q, want %q", got, want)
	}
}

func TestParseLedgerRecordRefuses(t *testing.T) {
	number := func(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }
	zeros := make([]byte, 32)
	for _, test := range []struct {
		name string
		at   int
		set  []byte
		want string
	}{
		{"magic", 0, []byte("KRL2"), "head; got 4b524c32"},
		{"layout", 4, []byte{2}, "head; got 4b524c3102"},
		{"length", 6, []byte{0, 255}, "head; got"},
		{"unknown flag", 5, []byte{16}, "flags; got 0x10"},
		{"negative time", 16, number(1 << 63), "time; got -"},
		{"time after 9999", 16, number(253402300800), "time; got 253402300800"},
		{"no key", 24, zeros, "no key"},
		{"no repository", 56, zeros, "no repository"},
		{"no role", 88, zeros, "no role"},
		{"negative version", 120, number(1 << 63), "version -"},
		{"version 0 with bytes", 120, number(0), "version 0 with signed bytes"},
		{"version without bytes", 128, zeros, "version 7 with signed bytes 00000000"},
		{"version 0 of a signature", 120, append(number(0), zeros...), "version; got 0"},
		{"sequence number too large", 8, number(1 << 63), "sequence number; got 9223372036854775808"},
		{"first with a predecessor", 8, number(1), "the first one names one before it"},
		{"genesis with a signature", 8, number(0), "sequence number; got 0"},
	} {
		t.Run(test.name, func(t *testing.T) {
			raw := aRecord(2, 7).Encode()
			copy(raw[test.at:], test.set)
			if _, err := hsm.ParseLedgerRecord(raw); err == nil || !strings.Contains(err.Error(), "checksum") {
				t.Errorf("with the old checksum: %v", err)
			}
			sum := sha256.Sum256(raw[:224])
			copy(raw[224:], sum[:])
			if _, err := hsm.ParseLedgerRecord(raw); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
	for _, length := range []int{0, 255, 257} {
		raw := append(aRecord(2, 7).Encode(), 0)[:length]
		if _, err := hsm.ParseLedgerRecord(raw); err == nil || !strings.Contains(err.Error(), "want 256") {
			t.Errorf("%d bytes: %v", length, err)
		}
	}
}

// A ledger begun again may know of no signature, and says with a flag why.
func TestLedgerRecordOfNoSignature(t *testing.T) {
	r := aRecord(1, 0)
	r.Flags, r.Signed = hsm.LedgerAdopted, [32]byte{}
	if got, err := hsm.ParseLedgerRecord(r.Encode()); err != nil || got != r {
		t.Errorf("got %+v, %v", got, err)
	}
}

func FuzzLedgerRecord(f *testing.F) {
	f.Add(aRecord(1, 1).Encode())
	f.Add(aRecord(2, 7).Encode())
	f.Add(hsm.LedgerRecord{Time: time.Unix(1, 0), Key: [32]byte{1}}.Encode())
	f.Fuzz(func(t *testing.T, raw []byte) {
		raw = bytes.Clone(raw)
		if len(raw) == hsm.LedgerRecordBytes { // else no input gets past the checksum
			sum := sha256.Sum256(raw[:224])
			copy(raw[224:], sum[:])
		}
		r, err := hsm.ParseLedgerRecord(raw)
		if err == nil && !bytes.Equal(r.Encode(), raw) {
			t.Errorf("%x is written as %x", raw, r.Encode())
		}
	})
}
