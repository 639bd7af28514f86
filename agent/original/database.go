package original

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
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
