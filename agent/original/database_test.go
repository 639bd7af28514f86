package original

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const createTable = `CREATE TABLE FILE_CHECKPOINTS (flow text, path text, fileId text, lastModifiedTime bigint, size bigint, offset bigint,
	lastUpdated datetime, PRIMARY KEY (flow, path))`

// database makes a database and runs statements in it. It stays open, and unclean, until the test ends.
func database(t *testing.T, statements ...string) (path string, db *sql.DB) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "checkpoints")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	return path, db
}

// insert is the statement for one row.
func insert(flow, path, fileID string, size, offset int64, updated string) string {
	return fmt.Sprintf("INSERT INTO FILE_CHECKPOINTS VALUES ('%s', '%s', '%s', 1700000000000, %d, %d, '%s')", flow, path, fileID, size, offset, updated)
}

func mustRead(t *testing.T, path string) []Row {
	t.Helper()
	rows, err := Read(t.Context(), path)
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	return rows
}

// snapshot remembers a folder byte by byte.
func snapshot(t *testing.T, path string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(filepath.Dir(path), e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = fmt.Sprint(info.ModTime(), string(data))
	}
	return files
}

// crashed copies a database that is in use, with what lies beside it, as a crash would leave it.
func crashed(t *testing.T, path string) string {
	t.Helper()
	dir := t.TempDir()
	for _, suffix := range []string{"", "-journal", "-wal"} {
		data, err := os.ReadFile(path + suffix)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "checkpoints"+suffix), data, 0o400); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "checkpoints")
}

func TestReadFixture(t *testing.T) {
	rows := mustRead(t, "testdata/checkpoints")
	if len(rows) != 3 {
		t.Fatalf("%d rows, want 3", len(rows))
	}
	want := Row{Flow: "kinesis:web-logs:/var/log/nginx/access.log*", Path: "/var/log/nginx/access.log", FileID: "(dev=fd00,ino=12345)",
		Modified: time.UnixMilli(1770000000123), Size: 2048, Offset: 1024, Updated: time.Date(2026, 2, 2, 2, 40, 1, 500e6, time.UTC)}
	if rows[0] != want {
		t.Errorf("row %+v, want %+v", rows[0], want)
	}
	if rows[1].Flow != "fh:archive:/var/log/app/*.log" || !rows[1].Updated.Before(rows[0].Updated) || !rows[2].Updated.Before(rows[1].Updated) {
		t.Errorf("rows %+v, want the latest first", rows)
	}
}

// TestReadAfterACrash reads databases that a crash left half written: with a journal to roll back, and with a log to take in.
func TestReadAfterACrash(t *testing.T) {
	t.Run("rollback journal", func(t *testing.T) {
		path, db := database(t, "PRAGMA cache_size = 2", createTable, insert("kinesis:s:/l/*", "/l/a", "(dev=1,ino=1)", 10, 5, "2026-01-01 00:00:00"))
		tx, err := db.Begin()
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		if _, err := tx.Exec("UPDATE FILE_CHECKPOINTS SET offset = 7"); err != nil {
			t.Fatal(err)
		}
		for i := range 500 { // more than the cache holds: pages go to disk before the end of the transaction
			if _, err := tx.Exec(insert("kinesis:s:/l/*", fmt.Sprint("/l/", strings.Repeat("x", 200), i), "(dev=1,ino=2)", 10, 5, "2026-01-02 00:00:00")); err != nil {
				t.Fatal(err)
			}
		}
		left := crashed(t, path)
		if _, err := os.Stat(left + "-journal"); err != nil {
			t.Fatalf("there is no hot journal, the test proves nothing: %v", err)
		}
		before := snapshot(t, left)
		if rows := mustRead(t, left); len(rows) != 1 || rows[0].Offset != 5 {
			t.Errorf("rows %+v, want the one from before the transaction", rows)
		}
		unchanged(t, left, before)
	})
	t.Run("write-ahead log", func(t *testing.T) {
		path, _ := database(t, "PRAGMA journal_mode = WAL", "PRAGMA wal_autocheckpoint = 0", createTable,
			insert("kinesis:s:/l/*", "/l/a", "(dev=1,ino=1)", 10, 5, "2026-01-01 00:00:00"))
		left := crashed(t, path)
		if info, err := os.Stat(left + "-wal"); err != nil || info.Size() == 0 {
			t.Fatalf("there is no log, the test proves nothing: %v", err)
		}
		before := snapshot(t, left)
		if rows := mustRead(t, left); len(rows) != 1 || rows[0].Offset != 5 {
			t.Errorf("rows %+v, want the one in the log", rows)
		}
		unchanged(t, left, before)
	})
}

func unchanged(t *testing.T, path string, before map[string]string) {
	t.Helper()
	after := snapshot(t, path)
	if len(after) != len(before) {
		t.Errorf("%d files lie there after reading, %d did before", len(after), len(before))
	}
	for name, was := range before {
		if after[name] != was {
			t.Errorf("%s was changed by reading", name)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	write := func(content string) string {
		path := filepath.Join(t.TempDir(), "f")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good, _ := database(t, createTable, insert("kinesis:s:/l/*", "/l/a", "(dev=1,ino=1)", 10, 5, "2026-01-01"), "CREATE INDEX i ON FILE_CHECKPOINTS (path)")
	data, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	for i := len(data) / 2; i < len(data); i++ {
		data[i] ^= 0xff
	}
	foreign, _ := database(t, "CREATE TABLE t (a)")
	view, _ := database(t, "CREATE VIEW FILE_CHECKPOINTS AS SELECT 1 AS flow")
	columns, _ := database(t, "CREATE TABLE FILE_CHECKPOINTS (flow, path)")
	for _, c := range []struct{ name, path, want string }{
		{"absent", filepath.Join(t.TempDir(), "none"), "no such file"},
		{"empty", write(""), "it is no SQLite database"},
		{"text", write("SQLite format 3, or so"), "it is no SQLite database"},
		{"folder", t.TempDir(), "it is no regular file"},
		{"only a head", write(string(data[:100])), "damaged"},
		{"cut", write(string(data[:len(data)-4096])), "damaged"},
		{"flipped", write(string(data)), "damaged"},
		{"foreign", foreign, "has no table FILE_CHECKPOINTS"},
		{"a view", view, "has no table FILE_CHECKPOINTS"},
		{"other columns", columns, "not the original agent's database"},
	} {
		t.Run(c.name, func(t *testing.T) {
			rows, err := Read(context.Background(), c.path)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.path) {
				t.Errorf("Read = %d rows, %v; want an error with %q and the file's name", len(rows), err, c.want)
			}
		})
	}
}

func TestRowsThatMeanNothing(t *testing.T) {
	for name, c := range map[string]struct{ statement, want string }{
		"text for a number": {"INSERT INTO FILE_CHECKPOINTS VALUES ('f', '/p', 'i', 1, 'many', 1, '2026-01-01')", "size holds no whole number"},
		"null":              {"INSERT INTO FILE_CHECKPOINTS (flow, path) VALUES ('f', '/p')", "holds no whole number"},
		"beyond the size":   {insert("f", "/p", "i", 1, 2, ""), "do not fit together"},
		"negative":          {insert("f", "/p", "i", 1, -2, ""), "do not fit together"},
		"relative":          {insert("f", "p", "i", 1, 1, ""), "not absolute"},
		"long": {"INSERT INTO FILE_CHECKPOINTS VALUES ('f', CAST(zeroblob(5000000) AS TEXT), 'i', 1, 1, 1, '2026-01-01')",
			"not absolute"},
		"long path": {insert("f", "/"+strings.Repeat("x", maxText), "i", 1, 1, ""), "more than 8192 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			path, _ := database(t, createTable, c.statement)
			rows := mustRead(t, path)
			if len(rows) != 1 || !strings.Contains(rows[0].Problem, c.want) {
				t.Errorf("rows %.300v, want one with the problem %q", rows, c.want)
			}
		})
	}
}

func TestTooManyRows(t *testing.T) {
	if testing.Short() {
		t.Skip("makes 100,000 rows")
	}
	path, _ := database(t, createTable, fmt.Sprintf("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n LIMIT %d) "+
		"INSERT INTO FILE_CHECKPOINTS SELECT 'f', '/p'||i, 'x', 1, 1, 1, '' FROM n", maxRows+1))
	if _, err := Read(t.Context(), path); err == nil || !strings.Contains(err.Error(), "more than 100000 rows") {
		t.Errorf("Read of too many rows: %v", err)
	}
}

func TestParseTime(t *testing.T) {
	want := time.Date(2026, 2, 3, 4, 5, 6, 789e6, time.UTC)
	for _, text := range []string{"2026-02-03 04:05:06.789", "2026-02-03T04:05:06.789Z", fmt.Sprint(want.UnixMilli())} {
		if got := parseTime(text); !got.Equal(want) {
			t.Errorf("parseTime(%s) = %s", text, got)
		}
	}
	for _, text := range []string{"", "yesterday", "12", "2026-02-03"} {
		if got := parseTime(text); !got.IsZero() {
			t.Errorf("parseTime(%s) = %s, want none", text, got)
		}
	}
}
