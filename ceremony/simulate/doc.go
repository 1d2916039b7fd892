// Package simulate has a fleet walk a plan before anybody signs it: which vehicles
// come along, which are stuck, and why.
//
//   - A publication is what a repository serves now and what comes, file by file, in
//     the order in which it is put online.
//   - A class is vehicles of one state: how they verify, which root they trust, and
//     what they remember.
//   - A fate is what became of a class: it visits after every file, and once more as
//     one that was away until the last.
//
// What a vehicle takes, [roles.Vehicle] decides, which is keyrite's client with a
// memory. There is no second model of it here.
package simulate
