package ledger

import "fmt"

// The rules of this file are about what was signed: no two files of one version,
// and no lower version. A person can override them, since a version of root that was
// burnt cannot be skipped (TUF 1.0.34 §5.3: root is exactly N+1).

// again finds that the very bytes were the last to be signed: a signature of them
// says nothing new. A transcript alone, which lies on a disk that others may have
// had, is not believed against another file of that version.
func (j *judge) again() error {
	if j.Version < highest(j.known).Version {
		return nil
	}
	top := j.top()
	sure := top != nil && top.Version == j.Version && top.Signed == j.Signed
	var same *Signature
	for i, s := range j.known {
		switch {
		case s.Version != j.Version:
		case s.Signed != j.Signed && !sure:
			return nil
		case s.Signed == j.Signed && same == nil:
			same = &j.known[i]
		}
	}
	if same != nil {
		j.verdict.Again = true
		j.find(SignAgain, "%s version %d was signed with these bytes before%s (%s)", j.Role, same.Version, on(same.Time), same.Where)
	}
	return nil
}

// ahead refuses what the token signed already and no transcript here knows of; below
// that, the other transcript is missed.
func (j *judge) ahead() error {
	top := j.top()
	switch {
	case top == nil || top.Seq <= j.seq:
		return nil
	case j.verdict.Again:
		return nil // an interrupted run, most likely
	case top.Version >= j.Version:
		return j.overridable(top.Version, refuse(Ahead, hintFetch, "the token signed %s version %d%s, SHA-256 %s, which no transcript here knows of; got %s to sign",
			j.Role, top.Version, on(top.Time), short(top.Signed), j.wanted()))
	}
	j.find(Ahead, "the token has record %d (%s version %d%s), but the transcripts end with record %d: fetch the transcript of the other site",
		top.Seq, j.Role, top.Version, on(top.Time), j.seq)
	return nil
}

// versions refuses other bytes of a version, a lower one, and a gap in root.
func (j *judge) versions() error {
	if j.verdict.Again || j.verdict.Overridden {
		return nil
	}
	known := append(j.known[:len(j.known):len(j.known)], j.Published)
	for _, s := range known {
		if s.Version == j.Version && s.Signed != j.Signed {
			return j.overridable(s.Version, refuse(OtherBytes, hintOverride, "%s version %d was signed with other bytes%s (%s); got SHA-256 %s, want %s",
				j.Role, s.Version, on(s.Time), s.Where, short(j.Signed), short(s.Signed)))
		}
	}
	last := highest(known)
	switch {
	case j.Version < last.Version:
		return j.overridable(last.Version, refuse(LowerVersion, hintOverride, "%s version %d was signed%s (%s); got %s, want above version %d",
			j.Role, last.Version, on(last.Time), last.Where, j.wanted(), last.Version))
	case last.Version == 0 || j.Version <= last.Version+1:
		return nil
	case j.Role == "root":
		return refuse(SkippedVersion, "look for the ceremony that signed the versions between", "root version %d is the last (%s); got version %d, want %d",
			last.Version, last.Where, j.Version, last.Version+1)
	}
	j.find(SkippedVersion, "%s goes from version %d (%s) to version %d", j.Role, last.Version, last.Where, j.Version)
	return nil
}

// wanted names the file to sign.
func (j *judge) wanted() string {
	return fmt.Sprintf("version %d, SHA-256 %s", j.Version, short(j.Signed))
}
