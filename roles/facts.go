package roles

// Facts are what Uptane reads of an image's custom data (Uptane Standard 2.1.0
// §5.2.3.1.1).
type Facts struct {
	HardwareIDs []string // that it is meant for, also by way of an ECU
	Counter     int64    // releaseCounter, -1 when not stated
	ECUs        []string // serials of the ECUs that a Director assigns it to
}

// Facts reads the image's custom data. It fails where a field has another type
// than Uptane gives it.
func (i *Image) Facts() (Facts, error) {
	c, err := readCustom(i.Custom)
	f := Facts{HardwareIDs: c.hardwareIDs, Counter: c.counter}
	for _, e := range c.ecus {
		f.ECUs = append(f.ECUs, e.serial)
		if e.hardwareID != "" {
			f.HardwareIDs = append(f.HardwareIDs, e.hardwareID)
		}
	}
	return f, err
}
