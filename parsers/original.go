package parsers

// original adds the whole line to what another parser makes of it, as the last field. A field of the line that has the same name is called
// log_NAME then, so that it cannot be taken for the line.
type original struct {
	Parser
	name  string
	plain bool   // name has nothing to escape in JSON
	own   string // what a field of the line is called that has the same name
}

func keepLine(p Parser, name string) Parser {
	return &original{p, name, string(appendEscaped(nil, []byte(name))) == name, OwnPrefix + name}
}

func (p *original) Parse(rec *Record) bool {
	if !p.Parser.Parse(rec) {
		return false
	}
	for i := range rec.Fields {
		if f := &rec.Fields[i]; f.Is(p.name) {
			f.Name, f.EscapedName = p.own, p.plain
		}
	}
	rec.Fields = append(rec.Fields, Field{Name: p.name, Value: rec.Line, EscapedName: p.plain})
	return true
}

func (p *original) setHeader(line []byte) { SetHeader(p.Parser, line) }

func (p *original) columns() []string {
	if names := Columns(p.Parser); names != nil {
		return append(names[:len(names):len(names)], p.name)
	}
	return nil
}
