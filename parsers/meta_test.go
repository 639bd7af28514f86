package parsers

import "testing"

// TestMeta: fields that are not from the line go before its own and keep their names; one of the line with such a name is log_NAME.
func TestMeta(t *testing.T) {
	meta := []Field{{Name: "time", Value: []byte("T\"")}, {Name: "pod", Value: []byte("web")}}
	for _, c := range []struct {
		format, line string
		columns      []string // of csv; nil: json
		want         string
	}{
		{"none", "x", nil, `{"time":"T\"","pod":"web","message":"x"}`},
		{"json", `{"a":1,"time":"now","p\u006fd":2}`, nil, `{"time":"T\"","pod":"web","a":1,"log_time":"now","log_p\u006fd":2}`},
		{"json", `{}`, nil, `{"time":"T\"","pod":"web"}`},
		{"json", `x`, nil, `{"time":"T\"","pod":"web","message":"x"}`},
		{"json", `{"a":1,"time":"now"}`, []string{"time", "pod", "a", "log_time", "log_a"}, `"T""",web,1,now,`},
		{"json", `x`, []string{"pod", "a", "b"}, `web,x,`},
		{"json", `x`, []string{"a", "pod", "message"}, `,web,x`},
		{"json", `x`, []string{"pod"}, `x`},
	} {
		p := mustParser(t, c.format, Options{})
		encoding := "json"
		if c.columns != nil {
			encoding = "csv"
		}
		e := mustEncoder(t, encoding, EncodeOptions{Columns: c.columns, NoLineEnd: true})
		rec := &Record{Line: []byte(c.line), Meta: meta}
		p.Parse(rec)
		if got := string(e.Append(nil, rec)); got != c.want {
			t.Errorf("%s %s, columns %q: got %s, want %s", c.format, c.line, c.columns, got, c.want)
		}
	}
}
