package agentjson

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/weir-logs/weir/agent/config/strict"
)

// maxFiles bounds the files of the folder agent.d.
const maxFiles = 1000

// Is reports whether a file is a configuration of the original agent. Its name says so, .json against .yaml and .yml; with any other name it
// is one if its text begins with a brace, after comments.
func Is(name string, data []byte) bool {
	switch filepath.Ext(name) {
	case ".json":
		return true
	case ".yaml", ".yml":
		return false
	}
	s := &scanner{data: bytes.TrimPrefix(data, []byte("\ufeff")), line: 1}
	return s.blank() == nil && s.peek() == '{'
}

// Folder reads the files of the folder agent.d beside the configuration at path, in the order of their names, as the original agent reads
// /etc/aws-kinesis/agent.d. There may be none. What is no regular file is left out.
func Folder(path string) ([]Source, error) {
	dir := filepath.Join(filepath.Dir(path), "agent.d")
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []Source
	for _, e := range entries {
		name := filepath.Join(dir, e.Name())
		if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
			continue
		}
		if len(all) == maxFiles {
			return nil, fmt.Errorf("%s holds more than %d files", dir, maxFiles)
		}
		data, err := strict.ReadFile(name)
		if err != nil {
			return nil, err
		}
		all = append(all, Source{name, data})
	}
	return all, nil
}
