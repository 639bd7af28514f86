package main

import (
	"database/sql"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/sys/unix"
)

// original writes into a checkpoint database what the original agent would when it has shipped a file up to an offset:
// original DATABASE FLOW PATH OFFSET
func original(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: original DATABASE FLOW PATH OFFSET")
	}
	offset, err := strconv.ParseInt(args[3], 10, 64)
	ts.Check(err)
	path := ts.MkAbs(args[2])
	var st unix.Stat_t
	ts.Check(unix.Stat(path, &st))
	info, err := os.Stat(path)
	ts.Check(err)
	db, err := sql.Open("sqlite", ts.MkAbs(args[0]))
	ts.Check(err)
	defer db.Close()
	_, err = db.Exec(`CREATE TABLE IF NOT EXISTS FILE_CHECKPOINTS (flow text, path text, fileId text, lastModifiedTime bigint, size bigint,
		offset bigint, lastUpdated datetime, PRIMARY KEY (flow, path))`)
	ts.Check(err)
	_, err = db.Exec("INSERT OR REPLACE INTO FILE_CHECKPOINTS VALUES (?, ?, ?, ?, ?, ?, ?)", args[1], path, fmt.Sprintf("(dev=%x,ino=%d)", st.Dev, st.Ino),
		info.ModTime().UnixMilli(), info.Size(), offset, strings.TrimSuffix(time.Now().UTC().Format("2006-01-02 15:04:05.000"), "Z"))
	ts.Check(err)
}
