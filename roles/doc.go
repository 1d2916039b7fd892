// Package roles holds what is signed: the metadata of the root, targets,
// snapshot and timestamp roles and of delegated targets roles, the two wire
// formats that carry it, its verification, and the differences between two
// versions of it.
//
// The package is pure: bytes in, values out. It opens no file, reads no clock
// and knows no terminal. Whatever it needs of the world is handed in.
//
// One internal model (Root, Targets, Snapshot, Timestamp) serves both formats.
// What differs between them lives behind the Format interface and nowhere
// else: format_tuf.go is the TUF specification 1.0.34, format_otace.go is
// OTA Community Edition and aktualizr.
//
// What a format's vehicles and servers do not take, though it can be read, are
// the Objections of a file. A file is published and hashed in its Published
// form. Inspect reads what Read refuses, to be looked at and no more.
//
// Reading is strict where leniency could be abused (duplicate names, floats,
// trailing bytes, depth, encoding) and lenient where real histories are odd
// (old key spellings, surplus signatures, unknown fields). Unknown fields are
// kept byte for byte (TUF 1.0.34 §4).
package roles
