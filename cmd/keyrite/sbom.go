package main

import (
	"io"
	"strings"
	"time"

	"github.com/CycloneDX/cyclonedx-go"
)

// writeSBOM writes the bill of materials of a build: the same build, the same bytes. It
// has every module whose code is in the program, and the standard library. Which of them
// needs which, the program does not know.
func writeSBOM(w io.Writer, b build) error {
	bom := cyclonedx.NewBOM()
	program := component(cyclonedx.ComponentTypeApplication, dependency{Path: b.Module, Version: moduleVersion(b)})
	program.Name = "keyrite"
	bom.Metadata = &cyclonedx.Metadata{Component: &program}
	if !b.Time.IsZero() {
		bom.Metadata.Timestamp = b.Time.Format(time.RFC3339)
	}
	parts, refs := []cyclonedx.Component{}, []string{}
	for _, d := range append([]dependency{{Path: "std", Version: strings.TrimPrefix(b.Go, "go")}}, b.Dependencies...) {
		c := component(cyclonedx.ComponentTypeLibrary, d)
		parts, refs = append(parts, c), append(refs, c.BOMRef)
	}
	bom.Components = &parts
	bom.Dependencies = &[]cyclonedx.Dependency{{Ref: program.BOMRef, Dependencies: &refs}}
	e := cyclonedx.NewBOMEncoder(w, cyclonedx.BOMFileFormatJSON).SetPretty(true).SetEscapeHTML(false)
	return e.EncodeVersion(bom, cyclonedx.SpecVersion1_6)
}

// moduleVersion is the most exact that is known of the program itself.
func moduleVersion(b build) string {
	if b.Version == "" || b.Version == "(devel)" {
		return strings.ReplaceAll(b.String(), " ", "+")
	}
	return b.Version
}

func component(kind cyclonedx.ComponentType, d dependency) cyclonedx.Component {
	url := "pkg:golang/" + d.Path + "@" + d.Version
	c := cyclonedx.Component{BOMRef: url, Type: kind, Name: d.Path, Version: d.Version, PackageURL: url}
	if d.Sum != "" {
		c.Properties = &[]cyclonedx.Property{{Name: "go:sum", Value: d.Sum}}
	}
	return c
}
