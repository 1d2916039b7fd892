package qr

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // the kinds of picture that cameras and screenshots make
	_ "image/png"
	"slices"

	"github.com/makiuchi-d/gozxing"
	multi "github.com/makiuchi-d/gozxing/multi/qrcode"
)

// maxPixels bounds a picture; the cameras of telephones make fewer.
const maxPixels = 64 << 20

// IsPicture says whether data begins as a PNG or JPEG does.
func IsPicture(data []byte) bool {
	return bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")) || bytes.HasPrefix(data, []byte("\xff\xd8\xff"))
}

// Read finds the frames in a picture, dark on light or light on dark. Codes that are no
// frames are left out.
func Read(data []byte) ([]string, error) {
	config, kind, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	if config.Width < 1 || config.Height < 1 || config.Width > maxPixels/config.Height {
		return nil, fmt.Errorf("the picture (%s) is %d by %d, want at most %d pixels", kind, config.Width, config.Height, maxPixels)
	}
	picture, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	source := gozxing.NewLuminanceSourceFromImage(picture)
	var frames []string
	for _, s := range []gozxing.LuminanceSource{source, source.Invert()} {
		for _, text := range find(s) {
			if IsFrame(text) && !slices.Contains(frames, text) {
				frames = append(frames, text)
			}
		}
	}
	if frames == nil {
		return nil, errors.New("no QR code of keyrite is readable in the picture; want the whole code, sharp, with its margin")
	}
	return frames, nil
}

// find finds codes. Who made the picture may want the reader to fall: then it has found
// none.
func find(source gozxing.LuminanceSource) (texts []string) {
	defer func() {
		if recover() != nil {
			texts = nil
		}
	}()
	hints := map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true}
	for _, binarizer := range []gozxing.Binarizer{gozxing.NewHybridBinarizer(source), gozxing.NewGlobalHistgramBinarizer(source)} {
		bitmap, err := gozxing.NewBinaryBitmap(binarizer)
		if err != nil {
			continue
		}
		results, err := multi.NewQRCodeMultiReader().DecodeMultiple(bitmap, hints)
		for _, r := range results {
			if err == nil {
				texts = append(texts, r.GetText())
			}
		}
	}
	return texts
}
