// Package images is images.yaml: what a targets role lists, hashed from a folder.
package images
