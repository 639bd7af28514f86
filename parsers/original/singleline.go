package original

import (
	"bytes"
	"slices"
)

const escapeLines = "ESCAPE_NEW_LINE"

// singleLine is SINGLELINE: it joins the lines of a record, each without the blanks around it.
type singleLine struct {
	keepBlanks bool
	joint      string
}

func (m *maker) singleLine() converter {
	for _, option := range m.ParseOptions {
		m.oneOf("parseOptions", option, "NO_TRIM", escapeLines)
	}
	s := &singleLine{keepBlanks: slices.Contains(m.ParseOptions, "NO_TRIM")}
	if slices.Contains(m.ParseOptions, escapeLines) {
		s.joint = `\\n`
	}
	return s
}

func (s *singleLine) convert(dst, in []byte) ([]byte, Outcome) {
	in = bytes.TrimRight(in, "\n") // empty pieces at the end are none
	for joint := ""; len(in) > 0; joint = s.joint {
		line := in
		if i := bytes.IndexByte(in, '\n'); i >= 0 {
			line, in = in[:i], in[i+1:]
		} else {
			in = nil
		}
		if !s.keepBlanks {
			line = trim(line)
		}
		dst = append(append(dst, joint...), line...)
	}
	return append(dst, '\n'), Sent
}

// trim takes everything up to U+0020 off both ends, as String.trim.
func trim(s []byte) []byte {
	for len(s) > 0 && s[0] <= ' ' {
		s = s[1:]
	}
	for len(s) > 0 && s[len(s)-1] <= ' ' {
		s = s[:len(s)-1]
	}
	return s
}
