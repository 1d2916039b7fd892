package transcript

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// Kind is what a line of the transcript reports: the name of its type of Data.
type Kind string

// samples has one value of each type of Data.
var samples = []Data{
	Started{}, Resumed{}, Rehearsed{}, Inspected{}, Compared{}, Checkpoint{}, Generating{}, Generated{}, Vouched{}, Reviewed{}, Signing{}, Signed{}, Received{}, Confirmed{},
	Writing{}, Written{}, Sealed{}, Verified{}, Destroying{}, Destroyed{}, Adopted{}, Imported{}, ImportedKey{}, Restated{}, Wrapping{}, Wrapped{}, Shared{}, BackingUp{}, BackedUp{},
	Restoring{}, Restored{}, Initialising{}, Initialised{}, Practised{}, Drilled{}, Asked{}, Agreed{}, Mistyped{}, Declined{}, Unattended{},
	Arrived{}, Left{}, Equipped{}, Unbagged{}, Bagged{}, Exception{}, Failed{}, Note{},
	Torn{}, Finished{}, Aborted{},
}

// Kinds has an empty value of each type of Data, by its kind.
func Kinds() map[Kind]Data {
	byKind := make(map[Kind]Data, len(samples))
	for _, d := range samples {
		byKind[d.kind()] = d
	}
	return byKind
}

// types finds the type of Data of a kind.
var types = func() map[Kind]reflect.Type {
	byKind := make(map[Kind]reflect.Type, len(samples))
	for _, d := range samples {
		byKind[d.kind()] = reflect.TypeOf(d)
	}
	return byKind
}()

// decodeData reads the data of a kind. That nothing else was in it, the caller
// finds by writing it again.
func decodeData(k Kind, raw json.RawMessage) (Data, error) {
	t, known := types[k]
	if !known {
		return nil, fmt.Errorf("event is %q, which no transcript has", k)
	}
	value := reflect.New(t)
	if err := json.Unmarshal(raw, value.Interface()); err != nil {
		return nil, fmt.Errorf("data of %s: %w", k, err)
	}
	return value.Elem().Interface().(Data), nil
}

// kindOf is the kind that is called as a type is, in lower case with hyphens.
func kindOf[T any]() Kind {
	var b strings.Builder
	for i, r := range reflect.TypeFor[T]().Name() {
		if i > 0 && 'A' <= r && r <= 'Z' {
			b.WriteByte('-')
		}
		b.WriteString(strings.ToLower(string(r)))
	}
	return Kind(b.String())
}

func (Started) kind() Kind      { return kindOf[Started]() }
func (Resumed) kind() Kind      { return kindOf[Resumed]() }
func (Rehearsed) kind() Kind    { return kindOf[Rehearsed]() }
func (Inspected) kind() Kind    { return kindOf[Inspected]() }
func (Compared) kind() Kind     { return kindOf[Compared]() }
func (Checkpoint) kind() Kind   { return kindOf[Checkpoint]() }
func (Generating) kind() Kind   { return kindOf[Generating]() }
func (Generated) kind() Kind    { return kindOf[Generated]() }
func (Vouched) kind() Kind      { return kindOf[Vouched]() }
func (Reviewed) kind() Kind     { return kindOf[Reviewed]() }
func (Signing) kind() Kind      { return kindOf[Signing]() }
func (Signed) kind() Kind       { return kindOf[Signed]() }
func (Received) kind() Kind     { return kindOf[Received]() }
func (Confirmed) kind() Kind    { return kindOf[Confirmed]() }
func (Sealed) kind() Kind       { return kindOf[Sealed]() }
func (Writing) kind() Kind      { return kindOf[Writing]() }
func (Written) kind() Kind      { return kindOf[Written]() }
func (Verified) kind() Kind     { return kindOf[Verified]() }
func (Destroying) kind() Kind   { return kindOf[Destroying]() }
func (Destroyed) kind() Kind    { return kindOf[Destroyed]() }
func (Adopted) kind() Kind      { return kindOf[Adopted]() }
func (Imported) kind() Kind     { return kindOf[Imported]() }
func (ImportedKey) kind() Kind  { return kindOf[ImportedKey]() }
func (Restated) kind() Kind     { return kindOf[Restated]() }
func (Wrapping) kind() Kind     { return kindOf[Wrapping]() }
func (Wrapped) kind() Kind      { return kindOf[Wrapped]() }
func (Shared) kind() Kind       { return kindOf[Shared]() }
func (Drilled) kind() Kind      { return kindOf[Drilled]() }
func (BackingUp) kind() Kind    { return kindOf[BackingUp]() }
func (BackedUp) kind() Kind     { return kindOf[BackedUp]() }
func (Restoring) kind() Kind    { return kindOf[Restoring]() }
func (Restored) kind() Kind     { return kindOf[Restored]() }
func (Initialising) kind() Kind { return kindOf[Initialising]() }
func (Initialised) kind() Kind  { return kindOf[Initialised]() }
func (Practised) kind() Kind    { return kindOf[Practised]() }
func (Asked) kind() Kind        { return kindOf[Asked]() }
func (Agreed) kind() Kind       { return kindOf[Agreed]() }
func (Mistyped) kind() Kind     { return kindOf[Mistyped]() }
func (Declined) kind() Kind     { return kindOf[Declined]() }
func (Unattended) kind() Kind   { return kindOf[Unattended]() }
func (Arrived) kind() Kind      { return kindOf[Arrived]() }
func (Left) kind() Kind         { return kindOf[Left]() }
func (Equipped) kind() Kind     { return kindOf[Equipped]() }
func (Unbagged) kind() Kind     { return kindOf[Unbagged]() }
func (Bagged) kind() Kind       { return kindOf[Bagged]() }
func (Exception) kind() Kind    { return kindOf[Exception]() }
func (Failed) kind() Kind       { return kindOf[Failed]() }
func (Note) kind() Kind         { return kindOf[Note]() }
func (Torn) kind() Kind         { return kindOf[Torn]() }
func (Finished) kind() Kind     { return kindOf[Finished]() }
func (Aborted) kind() Kind      { return kindOf[Aborted]() }
