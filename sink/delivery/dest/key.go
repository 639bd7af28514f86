package dest

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

const (
	maxKey  = 1024 // bytes, as on S3
	maxName = 255  // bytes of one file name, as on every file system in use

	hexDigits = "0123456789ABCDEF"
)

// filePath turns a key into the names of folders and file, joined by slashes. Different keys get different paths, and
// none leads out of the folder or to a file that the store keeps for itself:
//
//   - the key is cut at its slashes; what is between two of them becomes one name
//   - %, control bytes and bytes that are not UTF-8 become % and two hexadecimal digits
//   - so does a dot at the start of a name that would be ".", ".." or begin with ".weir": "..", for example, is %2E.
//   - an empty name (a slash at either end, or two in a row) becomes a single %
//   - a key over 1024 bytes, and one with a name that has over 255 bytes by now, is refused
func filePath(key string) (string, error) {
	if err := checkLength(key); err != nil {
		return "", err
	}
	names := strings.Split(key, "/")
	for i, name := range names {
		names[i] = fileName(name)
		if len(names[i]) > maxName {
			return "", fmt.Errorf("%w: part %d of it, %.40q…, has %d bytes as a file name, and %d are allowed", ErrKey, i+1, name, len(names[i]), maxName)
		}
	}
	return strings.Join(names, "/"), nil
}

func checkLength(key string) error {
	if key == "" || len(key) > maxKey {
		return fmt.Errorf("%w: it has %d bytes, and 1 to %d are allowed", ErrKey, len(key), maxKey)
	}
	return nil
}

func fileName(part string) string {
	if part == "" {
		return "%"
	}
	var out strings.Builder
	reserved := part == "." || part == ".." || strings.HasPrefix(part, ".weir")
	for i := 0; i < len(part); {
		r, n := utf8.DecodeRuneInString(part[i:])
		switch {
		case r == utf8.RuneError && n == 1, r < ' ', r == 0x7f, r == '%', reserved && i == 0:
			out.WriteByte('%')
			out.WriteByte(hexDigits[part[i]>>4])
			out.WriteByte(hexDigits[part[i]&15])
		default:
			out.WriteString(part[i : i+n])
		}
		i += n
	}
	return out.String()
}
