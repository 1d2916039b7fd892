package workspace

// Held says of each key name whether the private key is at a site: at this one, by
// site.yaml, or at the one whose token made it, by its record.
func (w *Workspace) Held() (func(key string) bool, error) {
	site, err := w.Site()
	if err != nil {
		return nil, err
	}
	records, err := w.Keys()
	if err != nil {
		return nil, err
	}
	return func(key string) bool {
		_, here := site.Keys[key]
		return here || records[key].OnToken()
	}, nil
}

// OnToken says whether a token made the key; nil is the record of none.
func (r *KeyRecord) OnToken() bool { return r != nil && r.Token != nil }
