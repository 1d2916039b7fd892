// Package declare changes what people declare: it makes a new workspace, and edits
// trust.yaml and site.yaml in their place, where what people wrote else stays as it is.
package declare
