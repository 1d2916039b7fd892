package hsm

// Markdown writes tables of the docs.
var Markdown = markdown

// HasChanged compares what was read of a ledger.
var HasChanged = hasChanged
