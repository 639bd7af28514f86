package original

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"time"
)

// columns is a row as SQLite gives it: any column may hold any type.
type columns struct {
	flow, path, fileID, updated sql.NullString
	modified, size, offset      any
}

func (c *columns) row() Row {
	r := Row{Flow: c.flow.String, Path: c.path.String, FileID: c.fileID.String, Updated: parseTime(c.updated.String)}
	number := func(name string, value any) int64 {
		n, ok := value.(int64)
		if !ok && r.Problem == "" {
			r.Problem = fmt.Sprintf("its column %s holds no whole number", name)
		}
		return n
	}
	r.Modified = time.UnixMilli(number("lastModifiedTime", c.modified))
	r.Size, r.Offset = number("size", c.size), number("offset", c.offset)
	switch {
	case len(r.Flow) > maxText || len(r.Path) > maxText || len(r.FileID) > maxText:
		r.Flow, r.Path, r.FileID = r.Flow[:min(len(r.Flow), 100)], r.Path[:min(len(r.Path), 100)], ""
		r.Problem = fmt.Sprintf("a text of it has more than %d bytes", maxText)
	case r.Problem == "" && (r.Offset < 0 || r.Size < 0 || r.Offset > r.Size):
		r.Problem = fmt.Sprintf("offset %d and size %d do not fit together", r.Offset, r.Size)
	case r.Problem == "" && !filepath.IsAbs(r.Path):
		r.Problem = "its path is not absolute"
	}
	return r
}

// parseTime reads a time as SQLite keeps it: a text in UTC, or milliseconds. It returns the zero time if it is neither.
func parseTime(text string) time.Time {
	for _, layout := range []string{"2006-01-02 15:04:05.999999999", "2006-01-02T15:04:05.999999999Z07:00", "2006-01-02T15:04:05.999999999"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t
		}
	}
	var ms int64
	if _, err := fmt.Sscanf(text, "%d", &ms); err == nil && ms > 1e11 && ms < 1e14 {
		return time.UnixMilli(ms).UTC()
	}
	return time.Time{}
}
