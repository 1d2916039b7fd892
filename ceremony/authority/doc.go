// Package authority shows who signs for what before and after a ceremony, and until
// when: as tables, and as pictures that say the same.
package authority
