package hsm

// Markdown writes tables of the docs.
var Markdown = markdown
