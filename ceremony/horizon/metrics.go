package horizon

import (
	"fmt"
	"strings"
	"time"
)

// metric is one family of a Prometheus text file.
type metric struct {
	name, help string
	samples    []sample
}

type sample struct {
	labels [][2]string
	value  int64
}

// Metrics is the horizon in Prometheus' text format 0.0.4, for the textfile collector:
// times are Unix times in seconds, so that alerts compare them with time().
func (h *Horizon) Metrics() []byte {
	b := &strings.Builder{}
	for _, m := range h.metrics() {
		if len(m.samples) == 0 {
			continue
		}
		fmt.Fprintf(b, "# HELP %s %s\n# TYPE %s gauge\n", m.name, m.help, m.name)
		for _, s := range m.samples {
			fmt.Fprintf(b, "%s%s %d\n", m.name, s.text(), s.value)
		}
	}
	return []byte(b.String())
}

func (h *Horizon) metrics() []metric {
	renew := metric{name: "keyrite_renew_timestamp_seconds", help: "When a file is due for renewal."}
	expires := metric{name: "keyrite_expires_timestamp_seconds", help: "When a file expires."}
	version := metric{name: "keyrite_version", help: "The version of a file."}
	due := metric{name: "keyrite_due", help: "1 when a file has to be renewed or signed now, or has expired."}
	age := metric{name: "keyrite_key_created_timestamp_seconds", help: "When a key was made."}
	broken := metric{name: "keyrite_key_broken", help: "1 when what is publicly known of its token forbids the use of a key."}
	drill := metric{name: "keyrite_drill_timestamp_seconds", help: "When a backup was last restored for trial."}
	kits := metric{name: "keyrite_kit_due", help: "1 when an emergency kit is of no use, or is to be sealed anew now."}
	at := metric{name: "keyrite_status_timestamp_seconds", help: "When this was written.", samples: []sample{{[][2]string{{"fleet", h.Fleet}}, h.At.Unix()}}}
	for _, i := range h.Items {
		if i.Kit != "" {
			kits.add([][2]string{{"fleet", h.Fleet}, {"kit", i.Kit}}, truth(i.IsDue()))
		}
		if i.Repository == "" {
			continue
		}
		labels := [][2]string{{"fleet", h.Fleet}, {"repository", i.Repository}, {"role", i.Role}}
		due.add(labels, truth(i.IsDue()))
		if !i.Expires.IsZero() {
			renew.add(labels, i.By.Unix())
			expires.add(labels, i.Expires.Unix())
			version.add(labels, i.Version)
		}
	}
	for _, k := range h.Keys {
		labels := [][2]string{{"fleet", h.Fleet}, {"repository", k.Repository}, {"key", k.Name}}
		age.add(labels, k.Created.Unix())
		broken.add(labels, truth(k.Broken))
	}
	if !h.Drill.Equal(time.Time{}) {
		drill.add(at.samples[0].labels, h.Drill.Unix())
	}
	return []metric{at, due, renew, expires, version, age, broken, drill, kits}
}

func (m *metric) add(labels [][2]string, value int64) {
	m.samples = append(m.samples, sample{labels, value})
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func (s sample) text() string {
	var parts []string
	for _, l := range s.labels {
		parts = append(parts, fmt.Sprintf(`%s="%s"`, l[0], strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(l[1])))
	}
	return "{" + strings.Join(parts, ",") + "}"
}
