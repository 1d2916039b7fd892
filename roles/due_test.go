package roles

import "testing"

func TestDueText(t *testing.T) {
	over := func(roles ...string) (list []Stated) {
		for i, role := range roles {
			list = append(list, Stated{role, int64(i + 1)})
		}
		return list
	}
	for _, tt := range []struct {
		due  Due
		want string
	}{
		{Due{TypeSnapshot, 8, []Stated{{"targets", 5}}, []string{"snapshot-1"}}, "the server must sign snapshot 8 over targets 5 with snapshot-1 before publishing"},
		{Due{TypeTargets, 13, nil, []string{"a", "b"}}, "the server must sign targets 13 with a, b before publishing"},
		{Due{TypeTimestamp, 0, []Stated{{"snapshot", 0}}, []string{"t"}}, "the server must sign the next timestamp over the next snapshot with t before publishing"},
		{Due{TypeSnapshot, 1, over("a", "b", "c", "d", "e", "f"), []string{"s"}}, "the server must sign snapshot 1 over a 1, b 2, c 3, d 4 and 2 more with s before publishing"},
	} {
		if got := tt.due.String(); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
}
