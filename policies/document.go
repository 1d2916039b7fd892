package policies

// Document is a policy file. It starts from a preset and states what differs
// from it; a preset is a document too. What is left out stays as it is.
//
// Whatever is stricter than the preset may be written as it is. Whatever is
// looser needs an entry in Loosen that names the check it weakens, a reason and
// a person.
type Document struct {
	Version     int                 `yaml:"version"`           // of the file format: 1
	Extends     string              `yaml:"extends,omitempty"` // name of a preset
	Roles       RoleLimits          `yaml:"roles,omitempty"`
	KeyTypes    map[string]Verdict  `yaml:"key-types,omitempty"` // by type as in trust.yaml; others are refused
	Delegations DelegationLimits    `yaml:"delegations,omitempty"`
	Images      ImageLimits         `yaml:"images,omitempty"`
	Rotations   AtMost              `yaml:"rotations,omitempty"` // of root, that a client walks in one go
	Severity    map[string]Severity `yaml:"severity,omitempty"`  // by id of a check
	Loosen      []Waiver            `yaml:"loosen,omitempty"`
}

// RoleLimits are the limits of the four top-level roles and of all delegated
// ones.
type RoleLimits struct {
	Root      RoleLimit `yaml:"root,omitempty"`
	Targets   RoleLimit `yaml:"targets,omitempty"`
	Snapshot  RoleLimit `yaml:"snapshot,omitempty"`
	Timestamp RoleLimit `yaml:"timestamp,omitempty"`
	Delegated RoleLimit `yaml:"delegated,omitempty"`
}

// RoleLimit is what a policy asks of one role.
type RoleLimit struct {
	Keys       AtLeast    `yaml:"keys,omitempty"`
	Threshold  AtLeast    `yaml:"threshold,omitempty"`
	Lifetime   Span       `yaml:"lifetime,omitempty"` // from the signing to the expiry
	Renew      Lifetime   `yaml:"renew,omitempty"`    // how long before the expiry a new version is due
	Custody    Custody    `yaml:"custody,omitempty"`
	Unattended Permission `yaml:"unattended,omitempty"` // signing without a person
	Bytes      AtMost     `yaml:"bytes,omitempty"`      // size of the file
}

// DelegationLimits are what a policy asks of delegations.
type DelegationLimits struct {
	Depth *int `yaml:"depth,omitempty"` // levels below targets; 0 forbids delegations
}

// ImageLimits are what a policy asks of the custom data of images.
type ImageLimits struct {
	HardwareIDs     Need `yaml:"hardware-ids,omitempty"`
	ReleaseCounters Need `yaml:"release-counters,omitempty"`
}

// AtLeast is a lower limit: less than Min is an error, less than Advised a
// warning. Zero sets nothing.
type AtLeast struct {
	Min     int `yaml:"min,omitempty"`
	Advised int `yaml:"advised,omitempty"`
}

// AtMost is an upper limit: more than Max is an error, more than Advised a
// warning. Zero sets nothing.
type AtMost struct {
	Max     int `yaml:"max,omitempty"`
	Advised int `yaml:"advised,omitempty"`
}

// Span is a range of lifetimes: shorter than Min or longer than Max is an error,
// longer than Advised a warning. Zero sets nothing.
type Span struct {
	Min     Lifetime `yaml:"min,omitempty"`
	Advised Lifetime `yaml:"advised,omitempty"`
	Max     Lifetime `yaml:"max,omitempty"`
}

// Waiver sets a check aside, in a person's name and for a reason.
type Waiver struct {
	Check  string `yaml:"check" json:"check"`
	Reason string `yaml:"reason" json:"reason"`
	Person string `yaml:"person" json:"person"`
}
