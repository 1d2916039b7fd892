// Package qr carries small files over an air gap as QR codes (ISO/IEC 18004): pieces
// that a terminal can show, and that come back from a picture or from scanned text.
package qr
