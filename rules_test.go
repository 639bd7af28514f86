// Package weir_test keeps the rules of the source tree that no compiler knows.
package weir_test

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/weir-logs/weir"

// forbidden says which package must not import which, and why. A name covers everything below it.
var forbidden = []struct{ from, to, why string }{
	{"tailer", "parsers", "data flows tailer -> parsers -> sink; agent joins them"},
	{"tailer", "sink", "data flows tailer -> parsers -> sink; agent joins them"},
	{"tailer", "agent", "the agent joins the parts; no part knows it"},
	{"parsers", "tailer", "data flows tailer -> parsers -> sink; agent joins them"},
	{"parsers", "sink", "data flows tailer -> parsers -> sink; agent joins them"},
	{"parsers", "agent", "the agent joins the parts; no part knows it"},
	{"sink", "tailer", "data flows tailer -> parsers -> sink; agent joins them"},
	{"sink", "parsers", "data flows tailer -> parsers -> sink; agent joins them"},
	{"sink", "agent", "the agent joins the parts; no part knows it"},
	{"tailer", "cmd", "nothing outside cmd imports cmd"},
	{"parsers", "cmd", "nothing outside cmd imports cmd"},
	{"sink", "cmd", "nothing outside cmd imports cmd"},
	{"agent", "cmd", "nothing outside cmd imports cmd"},
	{"packaging", "cmd", "nothing outside cmd imports cmd"},
	{"agent", "sink/stream", "the agent does not bring the backend along"},
	{"agent", "sink/delivery", "the agent does not bring the backend along"},
	{"agent", "sink/server", "the agent does not bring the backend along"},
	{"cmd/internal/agentcmd", "sink/stream", "only servercmd imports the backend"},
	{"cmd/internal/agentcmd", "sink/delivery", "only servercmd imports the backend"},
	{"cmd/internal/agentcmd", "sink/server", "only servercmd imports the backend"},
	{"cmd/internal/torture", "agent", "the judge has nothing of what it judges"},
	{"cmd/internal/torture", "tailer", "the judge has nothing of what it judges"},
	{"cmd/internal/torture", "sink", "the judge has nothing of what it judges"},
	{"cmd/internal/torture", "cmd/internal/agentcmd", "the judge has nothing of what it judges"},
	{"cmd/internal/torture", "cmd/internal/servercmd", "the judge has nothing of what it judges"},
	{"cmd/internal/witness", "agent", "the judge has nothing of what it judges"},
	{"cmd/internal/witness", "tailer", "the judge has nothing of what it judges"},
	{"cmd/internal/witness", "sink", "the judge has nothing of what it judges"},
	{"cmd/internal/witness", "cmd", "the judge has nothing of what it judges"},
	{"cmd/internal/cli", "sink/stream", "only servercmd imports the backend"},
}

// heavy lists what must never be linked into the agent without the backend.
var heavy = []struct{ path, why string }{
	{"github.com/cockroachdb/pebble", "the backend's storage"},
	{"github.com/apache/arrow-go", "the backend's conversion"},
	{"github.com/jackc/pgx", "the backend's Redshift destination"},
	{"github.com/itchyny/gojq", "the backend's partitioning"},
	{"github.com/aws/aws-sdk-go-v2/service/ec2", "8 MB of code for one call"},
	{"github.com/aws/aws-sdk-go-v2/service/s3", "the backend's object store"},
	{"github.com/expr-lang/expr/vm", "it looks methods up by name, so the linker keeps all there are: 4 MB"},
}

// largestAgent is the most bytes that weir-agent may have, stripped, for Linux on amd64.
const largestAgent = 25_000_000

type source struct {
	path string // slashes, relative to the module
	file *ast.File
}

func (s source) dir() string { return filepath.ToSlash(filepath.Dir(s.path)) }

func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	fset := token.NewFileSet()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "bin" || d.Name() == "dist") {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		f, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		all = append(all, source{filepath.ToSlash(path), f})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 20 {
		t.Fatalf("found only %d Go files: the walk is wrong", len(all))
	}
	return all
}

func below(path, root string) bool { return path == root || strings.HasPrefix(path, root+"/") }

func TestImports(t *testing.T) {
	for _, s := range sources(t) {
		for _, spec := range s.file.Imports {
			to, ours := strings.CutPrefix(strings.Trim(spec.Path.Value, `"`), module+"/")
			if !ours {
				continue
			}
			for _, rule := range forbidden {
				if below(s.dir(), rule.from) && below(to, rule.to) {
					t.Errorf("%s imports %s: %s", s.path, to, rule.why)
				}
			}
		}
	}
}

func TestNoInit(t *testing.T) {
	for _, s := range sources(t) {
		for _, decl := range s.file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s has an init function: wire it explicitly", s.path)
			}
		}
	}
}

func TestPackageComments(t *testing.T) {
	documented := map[string]bool{}
	for _, s := range sources(t) {
		if strings.HasSuffix(s.path, "_test.go") {
			continue
		}
		documented[s.dir()] = documented[s.dir()] || s.file.Doc != nil && len(s.file.Doc.Text()) > 40
	}
	for dir, ok := range documented {
		if !ok {
			t.Errorf("package %s has no package comment (or a blank line parts it from the package clause)", dir)
		}
	}
}

func TestExportedNamesAreDocumented(t *testing.T) {
	for _, s := range sources(t) {
		if strings.HasSuffix(s.path, "_test.go") || s.file.Name.Name == "main" {
			continue
		}
		for _, decl := range s.file.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) {
					t.Errorf("%s: %s has no comment", s.path, d.Name.Name)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if ts, ok := spec.(*ast.TypeSpec); ok && ts.Name.IsExported() && d.Doc == nil && ts.Doc == nil {
						t.Errorf("%s: type %s has no comment", s.path, ts.Name.Name)
					}
				}
			}
		}
	}
}

// exportedReceiver reports whether a function is one that users see: no method, or a method of an exported type.
func exportedReceiver(f *ast.FuncDecl) bool {
	if f.Recv == nil {
		return true
	}
	expr := f.Recv.List[0].Type
	if star, ok := expr.(*ast.StarExpr); ok {
		expr = star.X
	}
	if index, ok := expr.(*ast.IndexExpr); ok {
		expr = index.X
	}
	ident, ok := expr.(*ast.Ident)
	return ok && ident.IsExported()
}

func TestAgentStaysLean(t *testing.T) {
	deps := dependencies(t, "./cmd/weir-agent")
	for _, dep := range deps {
		for _, h := range heavy {
			if below(dep, h.path) || below(dep, h.path+"/v2") {
				t.Errorf("weir-agent links %s: %s", dep, h.why)
			}
		}
		for _, own := range []string{"sink/stream", "sink/delivery", "sink/server", "sink/backend"} {
			if below(dep, module+"/"+own) {
				t.Errorf("weir-agent links %s: the backend belongs to weir", dep)
			}
		}
	}
	full := dependencies(t, "./cmd/weir")
	if !slices.ContainsFunc(full, func(dep string) bool { return strings.HasPrefix(dep, heavy[0].path) }) {
		t.Errorf("weir itself does not link %s: this test looks for the wrong name", heavy[0].path)
	}
}

// TestAgentSize: what grows the agent's binary beyond its budget is noticed when it comes.
func TestAgentSize(t *testing.T) {
	path := filepath.Join(t.TempDir(), "weir-agent")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", path, "./cmd/weir-agent")
	cmd.Env = append(cmd.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes of %d", info.Size(), largestAgent)
	if info.Size() > largestAgent {
		t.Errorf("weir-agent has %d bytes, at most %d: go tool nm -size -sort size of an unstripped build tells what it is", info.Size(), largestAgent)
	}
}

func dependencies(t *testing.T, pkg string) []string {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath", pkg)
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("go list: %v\n%s", err, exit.Stderr)
		}
		t.Fatal(err)
	}
	var deps []string
	decoder := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p struct{ ImportPath string }
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return deps
		} else if err != nil {
			t.Fatal(err)
		}
		deps = append(deps, p.ImportPath)
	}
}
