package derive

// server states what a server has to sign once the files of the plan are in place.
func (d *derivation) server() {
	planned := map[string]int64{}
	for _, f := range d.plan.Files {
		planned[f.Role] = f.Version
	}
	d.plan.Server = d.Signed.Due(d.Repo, planned, d.LacksSignatures)
}
