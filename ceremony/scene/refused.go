package scene

import (
	"github.com/uptane/keyrite/ceremony/fault"
	"github.com/uptane/keyrite/policies"
)

// RefusedBy is the error of a policy that refuses, with its hints.
func RefusedBy(result policies.Result) error {
	err := result.Refused()
	if err == nil {
		return nil
	}
	refusal := &fault.Error{Code: fault.Refused, Err: err}
	for _, f := range result.Findings {
		if f.Severity != policies.Error || f.Waived != nil {
			continue
		}
		refusal.At(fault.Place{Field: f.Field, Check: f.ID, Message: f.Message})
		if f.Hint != "" {
			refusal.Hint("%s", f.Hint)
		}
	}
	return refusal.Hint("keyrite policy explain %s says more", refusal.Where[0].Check)
}
