package original

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	_ "modernc.org/sqlite" // SQLite in Go
)

// Bounds of what is read. A database of the original agent has a row for each file of a week, and less than a megabyte.
const (
	maxDatabase = 256 << 20
	maxRows     = 100_000
	maxText     = 8192 // bytes of a path or a flow's id
	readTime    = time.Minute
)

// Row is one row of the table FILE_CHECKPOINTS.
type Row struct {
	Flow     string    `json:"flow"`    // kinesis:STREAM:DIR/PATTERN, or fh: and a delivery stream
	Path     string    `json:"path"`    // of the file when the row was written
	FileID   string    `json:"file_id"` // as Java prints it: (dev=HEX,ino=DECIMAL)
	Modified time.Time `json:"modified"`
	Size     int64     `json:"size"`
	Offset   int64     `json:"offset"`
	Updated  time.Time `json:"updated"` // zero if it cannot be read

	Problem string `json:"problem,omitempty"` // why the row means nothing
}

// Read returns all rows of a checkpoint database, those that were written last first. The file itself is not touched: it is copied, with
// its journal, into a private temporary folder, where SQLite can undo or finish what a crash left half done. The original agent must
// have been stopped.
func Read(ctx context.Context, path string) (rows []Row, err error) {
	wrap := func(err error) error { return fmt.Errorf("original: %s: %w", path, err) }
	if err := checkHeader(path); err != nil {
		return nil, wrap(err)
	}
	dir, err := os.MkdirTemp("", "weir-convert-")
	if err != nil {
		return nil, fmt.Errorf("original: %w", err)
	}
	defer func() {
		if e := os.RemoveAll(dir); err == nil && e != nil {
			err = fmt.Errorf("original: %w", e)
		}
	}()
	copied := filepath.Join(dir, "checkpoints")
	if err := copyDatabase(path, copied); err != nil {
		return nil, wrap(err)
	}
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	if rows, err = readCopy(ctx, copied); err != nil {
		return nil, wrap(err)
	}
	return rows, nil
}

// checkHeader looks at the first bytes: the message about a file of another kind should not be SQLite's.
func checkHeader(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return errors.Unwrap(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	const magic = "SQLite format 3\x00"
	var head [len(magic)]byte
	_, err = io.ReadFull(f, head[:])
	switch {
	case !info.Mode().IsRegular():
		return errors.New("it is no regular file; name the original agent's checkpoint file, such as /var/run/aws-kinesis-agent/checkpoints")
	case info.Size() > maxDatabase:
		return fmt.Errorf("it has %d bytes; a checkpoint file of the original agent never has more than %d", info.Size(), int64(maxDatabase))
	case err != nil || string(head[:]) != magic:
		return errors.New("it is no SQLite database; name the original agent's checkpoint file, such as /var/run/aws-kinesis-agent/checkpoints")
	}
	return nil
}

// copyDatabase copies a database and what a crash left beside it. It fails if somebody writes to it meanwhile.
func copyDatabase(from, to string) error {
	suffixes := []string{"", "-journal", "-wal"}
	before := stamps(from, suffixes)
	for _, suffix := range suffixes {
		if err := copyFile(from+suffix, to+suffix); err != nil && (suffix == "" || !errors.Is(err, fs.ErrNotExist)) {
			return fmt.Errorf("copy it: %w", err)
		}
	}
	if stamps(from, suffixes) != before {
		return errors.New("somebody writes to it: stop the original agent first")
	}
	return nil
}

// stamps describes the files so that a change shows.
func stamps(path string, suffixes []string) string {
	var all strings.Builder
	for _, suffix := range suffixes {
		if info, err := os.Stat(path + suffix); err == nil {
			fmt.Fprintf(&all, "%s %d %d\n", suffix, info.Size(), info.ModTime().UnixNano())
		}
	}
	return all.String()
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	n, err := io.Copy(out, io.LimitReader(in, maxDatabase+1))
	if err == nil && n > maxDatabase {
		err = fmt.Errorf("%s is too large", from)
	}
	return errors.Join(err, out.Close())
}

// readCopy reads a database that may be written to.
func readCopy(ctx context.Context, path string) ([]Row, error) {
	name := url.URL{Scheme: "file", Path: path, RawQuery: "_pragma=trusted_schema(0)"}
	db, err := sql.Open("sqlite", name.String())
	if err != nil {
		return nil, err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	var verdict, kind, definition string
	if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return nil, fmt.Errorf("the database is damaged: %w", err)
	}
	if verdict != "ok" {
		return nil, fmt.Errorf("the database is damaged: %s", verdict)
	}
	err = db.QueryRowContext(ctx, "SELECT type, substr(sql, 1, 12) FROM sqlite_schema WHERE name = 'FILE_CHECKPOINTS' COLLATE NOCASE").Scan(&kind, &definition)
	if errors.Is(err, sql.ErrNoRows) || err == nil && (kind != "table" || !strings.EqualFold(definition, "CREATE TABLE")) {
		return nil, errors.New("it is a SQLite database, but not the original agent's: it has no table FILE_CHECKPOINTS")
	}
	if err != nil {
		return nil, err
	}
	return readTable(ctx, db)
}

// readTable reads the rows. Brackets, because SQLite takes a name in quotes that it does not know for a text.
func readTable(ctx context.Context, db *sql.DB) (all []Row, err error) {
	text := func(column string) string { return fmt.Sprintf("substr(CAST([%s] AS TEXT), 1, %d)", column, maxText+1) }
	rows, err := db.QueryContext(ctx, fmt.Sprintf("SELECT %s, %s, %s, %s, [lastModifiedTime], [size], [offset] FROM FILE_CHECKPOINTS ORDER BY [lastUpdated] DESC LIMIT %d",
		text("flow"), text("path"), text("fileId"), text("lastUpdated"), maxRows+1))
	if err != nil {
		return nil, fmt.Errorf("it is not the original agent's database: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if len(all) == maxRows {
			return nil, fmt.Errorf("it has more than %d rows", maxRows)
		}
		var c columns
		if err := rows.Scan(&c.flow, &c.path, &c.fileID, &c.updated, &c.modified, &c.size, &c.offset); err != nil {
			return nil, err
		}
		all = append(all, c.row())
	}
	return all, rows.Err()
}

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
