package words

// Nearest is the name that somebody may have meant who wrote another: at most two
// letters are wrong, missing, too many or swapped with their neighbour, and fewer in
// short names. ok is false where none is near.
func Nearest(written string, names []string) (nearest string, ok bool) {
	best := min(2, len(written)/3) + 1
	for _, name := range names {
		if d := distance([]rune(written), []rune(name)); d < best && d > 0 {
			nearest, best, ok = name, d, true
		}
	}
	return nearest, ok
}

// distance counts edits, as Damerau and Levenshtein did, each pair of letters swapped
// once.
func distance(a, b []rune) int {
	if len(a) > 64 || len(b) > 64 {
		return len(a) + len(b)
	}
	row := make([][]int, len(a)+1)
	for i := range row {
		row[i] = make([]int, len(b)+1)
		row[i][0] = i
	}
	for j := range row[0] {
		row[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			wrong := 1
			if a[i-1] == b[j-1] {
				wrong = 0
			}
			row[i][j] = min(row[i-1][j]+1, row[i][j-1]+1, row[i-1][j-1]+wrong)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[i][j] = min(row[i][j], row[i-2][j-2]+1)
			}
		}
	}
	return row[len(a)][len(b)]
}
