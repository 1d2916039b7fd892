// Package schematest makes JSON Schemas (draft 2020-12) of Go types, and holds
// documents against them. It is for tests alone: what they make is embedded.
package schematest
