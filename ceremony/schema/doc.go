// Package schema holds the JSON Schemas of the files of a workspace, for editors and for
// programs; they are made from the types that read those files.
package schema
