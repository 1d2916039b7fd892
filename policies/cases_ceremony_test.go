package policies

import "testing"

// ceremonyCases are of custody, people and who signs.
var ceremonyCases = []wrong{
	{"ROOT-CUSTODY", Error, "extractable", "", func(t *testing.T, f *fixture) {
		f.facts("root-1", func(k *KeyFacts) { k.Evidence = &Evidence{Local: true, Sensitive: true, Extractable: true} })
	}},
	{"ROOT-CUSTODY", Error, "to be made for backup", "", func(t *testing.T, f *fixture) {
		f.facts("root-1", func(k *KeyFacts) { k.Planned, k.Backup, k.Evidence = true, true, nil })
	}},
	{"ROOT-CUSTODY", Error, "brought in from elsewhere", "", func(t *testing.T, f *fixture) {
		f.facts("root-1", func(k *KeyFacts) { k.Evidence = &Evidence{Sensitive: true, NeverExtractable: true} })
	}},
	{"ROOT-CUSTODY", Error, "a token without evidence", "", func(t *testing.T, f *fixture) { f.facts("root-1", func(k *KeyFacts) { k.Evidence = nil }) }},
	{"ROOT-CUSTODY", Note, "evidence that can be changed", "", func(t *testing.T, f *fixture) { f.facts("root-1", func(k *KeyFacts) { k.Evidence.Modifiable = true }) }},
	{"TARGETS-CUSTODY", Error, "extractable once", "", func(t *testing.T, f *fixture) {
		f.facts("targets-1", func(k *KeyFacts) { k.Evidence.NeverExtractable = false })
	}},
	{"TARGETS-CUSTODY", Error, "extractable, whatever else it says", "", func(t *testing.T, f *fixture) {
		f.facts("targets-1", func(k *KeyFacts) { k.Evidence.Extractable = true })
	}},
	{"TARGETS-CUSTODY", Error, "not sensitive", "", func(t *testing.T, f *fixture) {
		f.facts("targets-1", func(k *KeyFacts) { k.Evidence.Sensitive = false })
	}},
	{"TARGETS-CUSTODY", Warning, "a Director whose key asks a person", "uptane-director", func(t *testing.T, f *fixture) {
		f.director()
		f.facts("targets-1", func(k *KeyFacts) { k.Token = "officer's" })
	}},
	{"SNAPSHOT-CUSTODY", Warning, "not sensitive", "tuf", func(t *testing.T, f *fixture) {
		f.facts("snapshot-1", func(k *KeyFacts) { k.Evidence.Sensitive = false })
		f.Unattended = []string{}
	}},
	{"TIMESTAMP-CUSTODY", Warning, "a Director whose key asks a person", "uptane-director", func(t *testing.T, f *fixture) {
		f.director()
		f.facts("timestamp-1", func(k *KeyFacts) { k.Token = "officer's" })
		f.Unattended = []string{}
	}},
	{"DELEGATED-CUSTODY", Error, "not local", "", func(t *testing.T, f *fixture) { f.facts("acme-1", func(k *KeyFacts) { k.Evidence.Local = false }) }},
	{"ROOT-UNATTENDED", Error, "root without a person", "", func(t *testing.T, f *fixture) { f.Unattended = append(f.Unattended, "root") }},
	{"TARGETS-UNATTENDED", Error, "targets without a person", "", func(t *testing.T, f *fixture) { f.Unattended = append(f.Unattended, "targets") }},
	{"TARGETS-UNATTENDED", Warning, "in a small fleet", "uptane-small", func(t *testing.T, f *fixture) { f.Unattended = append(f.Unattended, "targets") }},
	{"SNAPSHOT-UNATTENDED", Warning, "in plain TUF", "tuf", func(t *testing.T, f *fixture) {}},
	{"DELEGATED-UNATTENDED", Error, "a delegation without a person", "", func(t *testing.T, f *fixture) { f.Unattended = append(f.Unattended, "acme") }},
	{"TOKEN-QUORUM", Error, "five root keys on one token", "", func(t *testing.T, f *fixture) {
		for _, name := range keyNames["root"][:5] {
			f.facts(name, func(k *KeyFacts) { k.Token = "safe" })
		}
	}},
	{"TOKEN-APART", Warning, "root and timestamp on one token", "", func(t *testing.T, f *fixture) {
		f.facts("root-1", func(k *KeyFacts) { k.Token = "token of timestamp-1" })
	}},
	{"CUSTODIAN-QUORUM", Error, "one person holds three targets keys", "", func(t *testing.T, f *fixture) {
		for _, name := range keyNames["targets"][:3] {
			f.facts(name, func(k *KeyFacts) { k.Custodian = "custodian of targets-1" })
		}
	}},
	{"CUSTODIAN-APART", Note, "one person holds two root keys", "", func(t *testing.T, f *fixture) {
		f.facts("root-2", func(k *KeyFacts) { k.Custodian = "custodian of root-1" })
	}},
	{"CUSTODIAN-APART", Note, "nobody is named", "", func(t *testing.T, f *fixture) { f.facts("root-2", func(k *KeyFacts) { k.Custodian = "" }) }},
	{"OFFICERS-ENOUGH", Warning, "four officers for five signatures", "", func(t *testing.T, f *fixture) { f.People.Officers["root"] = 4 }},
	{"PARTS-APART", Error, "the administrator is a witness", "", func(t *testing.T, f *fixture) {
		f.People.Present = append(f.People.Present, Person{Name: " ada", Part: Witness})
	}},
	{"PARTS-APART", Error, "one person for two custodians of root", "", func(t *testing.T, f *fixture) {
		f.officer("custodian of root-1").Name, f.officer("custodian of root-2").Name = "Ben Bit", "ben  bit"
	}},
	{"PEOPLE-PRESENT", Error, "no external witness", "", func(t *testing.T, f *fixture) { f.People.External = 1 }},
	{"PEOPLE-PRESENT", Error, "no witness", "", func(t *testing.T, f *fixture) { f.People.Witnesses = 2 }},
	{"PEOPLE-PRESENT", Error, "no administrator", "", func(t *testing.T, f *fixture) { f.People.Administrators = 2 }},
	{"QUORUM-PRESENT", Error, "an officer is absent", "", func(t *testing.T, f *fixture) {
		f.facts("root-1", func(k *KeyFacts) { k.Custodian = "Eve" })
	}},

	{"SIGN-QUORUM", Error, "two of three sign targets", "", func(t *testing.T, f *fixture) { f.Signing["targets"] = f.prints("targets-1", "targets-2") }},
	{"SIGN-QUORUM", Error, "one key signs three times", "", func(t *testing.T, f *fixture) {
		f.Signing["targets"] = f.prints("targets-1", "targets-1", "targets-1")
	}},
	{"SIGN-QUORUM", Error, "a role that nobody trusts", "", func(t *testing.T, f *fixture) { f.Signing["other"] = f.prints("acme-1") }},
	{"SIGN-OLD-QUORUM", Error, "new keys only", "", func(t *testing.T, f *fixture) {
		for i, name := range []string{"new-1", "new-2", "new-3", "new-4", "new-5"} {
			f.addKey(t, name)
			f.facts(name, func(k *KeyFacts) { k.Custodian = "custodian of " + keyNames["root"][i] })
		}
		names := []string{"new-1", "new-2", "new-3", "new-4", "new-5", "root-6", "root-7", "root-8"}
		f.Next.Root.SetRole("root", 5, f.list(names...))
		f.Signing["root"] = f.prints(names[:5]...)
	}},
	{"SIGN-OLD-QUORUM", Error, "four of five old keys", "", func(t *testing.T, f *fixture) {
		f.addKey(t, "new-1")
		f.facts("new-1", func(k *KeyFacts) { k.Custodian = "custodian of root-1" })
		names := append([]string{"new-1"}, keyNames["root"][1:]...)
		f.Next.Root.SetRole("root", 5, f.list(names...))
		f.Signing["root"] = f.prints(names[:5]...)
	}},
}
