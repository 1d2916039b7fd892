// Package page sets what people hold in their hands: blocks that become numbered
// A4 pages of one HTML file without scripts or references, or plain text.
package page
