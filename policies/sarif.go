package policies

import (
	"encoding/json"
	"strings"
)

// SARIF writes results as SARIF 2.1.0 (OASIS), which code hosts read. artifact
// is the file or folder that was checked, as a relative URI; version is that of
// keyrite. Fields of trust.yaml become logical locations, waivers become
// suppressions.
func SARIF(artifact, version string, results ...Result) ([]byte, error) {
	run := sarifRun{ColumnKind: "utf16CodeUnits", Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{Name: "keyrite", Version: version, InformationURI: "https://github.com/uptane/keyrite"}
	rule := map[string]int{}
	for i, c := range Checks() {
		rule[c.ID] = i
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{
			ID:                   c.ID,
			ShortDescription:     sarifText{c.Title},
			Help:                 sarifText{c.Hint + " (" + strings.Join(c.Sources, ", ") + ")"},
			DefaultConfiguration: sarifConfiguration{string(c.Severity)},
		})
	}
	for _, r := range results {
		for _, f := range r.Findings {
			run.Results = append(run.Results, f.sarif(artifact, rule[f.ID]))
		}
	}
	return json.MarshalIndent(sarifLog{
		Schema:  "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
		Version: "2.1.0",
		Runs:    []sarifRun{run},
	}, "", "  ")
}

func (f Finding) sarif(artifact string, rule int) sarifResult {
	var where sarifLocation
	where.Physical.Artifact.URI = artifact
	where.Logical = []sarifLogical{{FullyQualifiedName: f.Field, Kind: "member"}}
	r := sarifResult{
		RuleID: f.ID, RuleIndex: rule, Level: string(f.Severity),
		Message:   sarifText{f.Message},
		Locations: []sarifLocation{where},
	}
	if f.Waived != nil {
		r.Suppressions = []sarifSuppression{{Kind: "external", Status: "accepted", Justification: f.Waived.Person + ": " + f.Waived.Reason}}
	}
	return r
}

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool struct {
		Driver sarifDriver `json:"driver"`
	} `json:"tool"`
	ColumnKind string        `json:"columnKind"`
	Results    []sarifResult `json:"results"`
}

type sarifDriver struct {
	Name           string      `json:"name"`
	Version        string      `json:"version"`
	InformationURI string      `json:"informationUri"`
	Rules          []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID                   string             `json:"id"`
	ShortDescription     sarifText          `json:"shortDescription"`
	Help                 sarifText          `json:"help"`
	DefaultConfiguration sarifConfiguration `json:"defaultConfiguration"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifConfiguration struct {
	Level string `json:"level"`
}

type sarifResult struct {
	RuleID       string             `json:"ruleId"`
	RuleIndex    int                `json:"ruleIndex"`
	Level        string             `json:"level"`
	Message      sarifText          `json:"message"`
	Locations    []sarifLocation    `json:"locations"`
	Suppressions []sarifSuppression `json:"suppressions,omitempty"`
}

type sarifLocation struct {
	Physical struct {
		Artifact struct {
			URI string `json:"uri"`
		} `json:"artifactLocation"`
	} `json:"physicalLocation"`
	Logical []sarifLogical `json:"logicalLocations"`
}

type sarifLogical struct {
	FullyQualifiedName string `json:"fullyQualifiedName"`
	Kind               string `json:"kind"`
}

type sarifSuppression struct {
	Kind          string `json:"kind"`
	Status        string `json:"status"`
	Justification string `json:"justification"`
}
