package horizon

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/uptane/keyrite/ceremony/ceremonytest"
)

// hostile is a horizon whose names hold what the formats write in another way.
func hostile() *Horizon {
	h := &Horizon{Fleet: "Röadster; \"A\\B\",\nline two " + strings.Repeat("ü", 60), ID: "abc", At: ceremonytest.Now}
	h.add(Item{What: "renew image root 3", Repository: "image", Role: "root", Version: 3, By: h.At.AddDate(0, 1, 0), Expires: h.At.AddDate(0, 2, 0), Command: "keyrite plan image --renew root"})
	h.Next = []Gathering{{Repository: "image", Roles: []string{"root"}, Need: []Need{{Of: "root", Threshold: 1, From: []Holder{{Key: "root-a", Custodian: "officer; 1, of \\ two"}}}}}}
	h.Keys = []Key{{Name: "root-a", Repository: "image", Created: h.At, Broken: true}}
	h.Drill = h.At
	return h
}

// TestCalendar is read by another program, which finds what was meant.
func TestCalendar(t *testing.T) {
	h := hostile()
	data := h.Calendar()
	for line := range strings.SplitSeq(strings.TrimSuffix(string(data), "\r\n"), "\r\n") {
		if len(line) > maxLine || strings.ContainsAny(line, "\r\n\x00") || !strings.HasPrefix(strings.ToValidUTF8(line, "\x00"), line) {
			t.Errorf("line of %d bytes: %q", len(line), line)
		}
	}
	c, err := ics.ParseCalendar(bytes.NewReader(data))
	if err != nil || len(c.Events()) != 2 {
		t.Fatalf("got %v, %v", c, err)
	}
	due, expires := c.Events()[0], c.Events()[1]
	if at, err := due.GetAllDayStartAt(); err != nil || !at.Equal(time.Date(2026, 12, 23, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("due: got %v, %v", at, err)
	}
	if at, err := expires.GetAllDayStartAt(); err != nil || !at.Equal(time.Date(2027, 1, 23, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("expires: got %v, %v", at, err)
	}
	value := func(e *ics.VEvent, p ics.ComponentProperty) string { return ics.FromText(e.GetProperty(p).Value) }
	if got, want := value(due, ics.ComponentPropertySummary), "renew image root 3 ("+h.Fleet+")"; got != want {
		t.Errorf("summary: got %q, want %q", got, want)
	}
	if got, want := value(due, ics.ComponentPropertyDescription), "expires 2027-01-23 05:00 UTC\nroot, 1 of 1:\n- officer; 1, of \\ two: key root-a, of another site\nkeyrite plan image --renew root"; got != want {
		t.Errorf("description: got %q, want %q", got, want)
	}
	var triggers []string
	for _, a := range due.Alarms() {
		triggers = append(triggers, a.GetProperty(ics.ComponentPropertyTrigger).Value)
	}
	if fmt.Sprint(triggers) != "[-P30D -P7D -P1D]" || due.Id() != "due-renew-image-root-3@abc.keyrite" || due.Id() == expires.Id() {
		t.Errorf("got %v, %s, %s", triggers, due.Id(), expires.Id())
	}
	h.At = h.At.Add(time.Hour)
	if again, err := ics.ParseCalendar(bytes.NewReader(h.Calendar())); err != nil || again.Events()[0].Id() != due.Id() {
		t.Errorf("an hour later it has another identifier: %v", err)
	}
}

// TestMetrics is read by Prometheus' own parser, which finds what was meant.
func TestMetrics(t *testing.T) {
	h := hostile()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(h.Metrics()))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]float64{
		"keyrite_status_timestamp_seconds":      float64(h.At.Unix()),
		"keyrite_due":                           0,
		"keyrite_renew_timestamp_seconds":       float64(h.At.AddDate(0, 1, 0).Unix()),
		"keyrite_expires_timestamp_seconds":     float64(h.At.AddDate(0, 2, 0).Unix()),
		"keyrite_version":                       3,
		"keyrite_key_created_timestamp_seconds": float64(h.At.Unix()),
		"keyrite_key_broken":                    1,
		"keyrite_drill_timestamp_seconds":       float64(h.At.Unix()),
	} {
		f := families[name]
		if f == nil || len(f.Metric) != 1 || f.Metric[0].GetGauge().GetValue() != want || f.Metric[0].Label[0].GetValue() != h.Fleet {
			t.Errorf("%s: got %v, want %v of fleet %q", name, f, want, h.Fleet)
		}
	}
	if len(families) != 8 {
		t.Errorf("got %d families, want 8", len(families))
	}
}
