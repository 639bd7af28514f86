package tailer

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/weir-logs/weir/tailer/framing"
)

// TestScripts runs the scripts in testdata: actions on files, and the records and events that must come of them. Every line is
// a command with its words; a word may be quoted as in Go, and @long is a line longer than a file's head. Names are relative to a new directory.
//
//	paths GLOB...       what is followed (default app.log)        exclude GLOB...
//	set KEY VALUE       start, max_record, once, block, rotated_to, max_held, acknowledged, meta (records show what is known of them), and the keys of framing
//	fill NAME N         appends N times x
//	append NAME TEXT    opens, appends, closes                    write NAME TEXT: truncates first
//	hold HANDLE NAME    opens for appending, and keeps it         put HANDLE TEXT, close HANDLE; of a fifo only after start
//	at NAME OFFSET TEXT writes there
//	rename, remove, truncate NAME SIZE, cut NAME BYTES (off its end), copy FROM TO, gzip FROM TO, zstd FROM TO, mkdir, link, symlink TARGET NAME, fifo, chmod OCTAL NAME
//	start, stop         begins and kills a run of the tailer      device: another device number in all positions
//	births              the script is for file systems that keep birth times
//	followed NAME...    the files that are kept in mind
//	first               the next start is a first one again       survey: it registers what there is, and is killed then
//	look                everything is looked at                   wait DURATION
//	refuse [TEXT]       blocks that hold TEXT are refused, without a TEXT none is any more
//	expect RECORD...    the records since the last expect, in any order of files
//	events KIND:NAME... the events since the last events, the kinds of interest only
func TestScripts(t *testing.T) {
	scripts, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, script := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(script), ".txt"), func(t *testing.T) { runScript(t, script) })
	}
}

type player struct {
	*rig
	held map[string]*os.File

	acknowledged int64
}

func runScript(t *testing.T, script string) {
	f, err := os.Open(script)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	p := &player{rig: newRig(t, t.TempDir()), held: map[string]*os.File{}}
	defer p.stop()
	defer func() {
		for _, h := range p.held {
			h.Close()
		}
	}()
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		words, err := split(line)
		if err == nil {
			err = p.play(words[0], words[1:])
		}
		if err != nil {
			t.Fatalf("%s:%d: %s: %v", script, n, line, err)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
}

func split(line string) (words []string, err error) {
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimSpace(line) {
		word, _, _ := strings.Cut(line, " ")
		if line[0] == '"' {
			if word, err = strconv.QuotedPrefix(line); err != nil {
				return nil, err
			}
		}
		line = line[len(word):]
		if word[0] == '"' {
			if word, err = strconv.Unquote(word); err != nil {
				return nil, err
			}
		}
		if word == "@long" {
			word = strings.Repeat("x", headSize) + "\n"
		}
		words = append(words, word)
	}
	return words, nil
}

func (p *player) path(name string) string { return filepath.Join(p.dir, name) }

func (p *player) all(names []string) []string {
	var paths []string
	for _, n := range names {
		paths = append(paths, p.path(n))
	}
	return paths
}

func (p *player) play(command string, args []string) error {
	args = append(args, "", "")
	a, b := args[0], args[1]
	args = args[:len(args)-2]
	switch command {
	case "append":
		p.tick(a)
		appendTo(p.t, p.path(a), b)
	case "write":
		p.tick(a)
		return os.WriteFile(p.path(a), []byte(b), 0o644)
	case "hold":
		p.tick(b)
		f, err := os.OpenFile(p.path(b), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
		p.held[a] = f
		return err
	case "close":
		return p.held[a].Close()
	case "put":
		_, err := p.held[a].WriteString(b)
		return err
	case "at":
		f, err := os.OpenFile(p.path(a), os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		at, err := strconv.ParseInt(b, 10, 64)
		_, e := f.WriteAt([]byte(args[2]), at)
		return errors.Join(err, e, f.Close())
	case "fill":
		n, err := strconv.Atoi(b)
		appendTo(p.t, p.path(a), strings.Repeat("x", n))
		return err
	case "rename":
		return os.Rename(p.path(a), p.path(b))
	case "remove":
		return os.RemoveAll(p.path(a))
	case "copy":
		text, err := os.ReadFile(p.path(a))
		return errors.Join(err, os.WriteFile(p.path(b), text, 0o644))
	case "gzip":
		return p.compress(a, b, func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil })
	case "zstd":
		return p.compress(a, b, func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w) })
	case "cut": // off the end
		st, err := os.Stat(p.path(a))
		if err != nil {
			return err
		}
		n, err := strconv.ParseInt(b, 10, 64)
		return errors.Join(err, os.Truncate(p.path(a), st.Size()-n))
	case "truncate":
		size, err := strconv.ParseInt(b, 10, 64)
		return errors.Join(err, os.Truncate(p.path(a), size))
	case "mkdir":
		return os.MkdirAll(p.path(a), 0o755)
	case "link":
		return os.Link(p.path(a), p.path(b))
	case "symlink":
		os.Remove(p.path(b))
		return os.Symlink(p.path(a), p.path(b))
	case "births":
		if st, err := statPath(p.dir); err != nil || st.birth == 0 {
			p.t.Skip("no birth times: some of this comes twice")
		}
	case "fifo":
		return mkfifo(p.path(a))
	default:
		return p.control(command, args)
	}
	return nil
}

// compress does what a compressor does: it writes the packed file, and removes the other.
func (p *player) compress(from, to string, packer func(io.Writer) (io.WriteCloser, error)) error {
	text, err := os.ReadFile(p.path(from))
	if err != nil {
		return err
	}
	p.tick(to)
	out, err := os.Create(p.path(to))
	if err != nil {
		return err
	}
	defer out.Close()
	w, err := packer(out)
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return errors.Join(err, w.Close(), os.Remove(p.path(from)))
}

// control does the commands that are about the tailer.
func (p *player) control(command string, args []string) error {
	switch command {
	case "paths":
		p.cfg.Paths = p.all(args)
	case "exclude":
		p.cfg.Exclude = args
	case "set":
		return p.set(args[0], args[1])
	case "start":
		p.start()
	case "stop":
		p.stop()
	case "first":
		p.ever = false
	case "survey":
		p.begin()
		p.stop()
	case "followed":
		return p.followed(args)
	case "look":
		p.look()
	case "wait":
		d, err := time.ParseDuration(args[0])
		if err != nil {
			return err
		}
		p.wait(d)
	case "device":
		for id, known := range p.acked {
			known.Identity.Device++
			p.acked[id] = known
		}
	case "refuse":
		p.refuse = nil
		if len(args) > 0 {
			p.refuse = func(b *Block) error {
				if strings.Contains(string(b.Data), args[0]) {
					return errors.New("refused by the test")
				}
				return nil
			}
		}
	case "expect":
		return p.expect(args)
	case "events":
		return p.expectEvents(args)
	default:
		return errors.New("no such command")
	}
	return nil
}

// followed compares the files that the tailer keeps, those that it does not read among them.
func (p *player) followed(want []string) error {
	var got []string
	p.tailer.files.each(func(f *file) { got = append(got, filepath.Base(f.path)) })
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) || p.tailer.files.count != len(got) {
		return fmt.Errorf("got %q (counted %d), want %q", got, p.tailer.files.count, want)
	}
	return nil
}

func (p *player) set(key, value string) (err error) {
	switch key {
	case "max_held":
		p.cfg.MaxHeld, err = strconv.ParseInt(value, 10, 64)
	case "acknowledged":
		p.acknowledged, err = strconv.ParseInt(value, 10, 64)
		p.cfg.Acknowledged = func(FileID) int64 { return p.acknowledged }
	case "rotated_to":
		p.cfg.RotatedTo = []string{p.path(value)}
	case "start":
		if p.from = 0; value == "end" {
			p.from = End
		}
	case "max_record":
		p.cfg.MaxRecord, err = strconv.Atoi(value)
	case "block":
		p.cfg.BlockSize, err = strconv.Atoi(value)
	case "once":
		p.cfg.Once, err = strconv.ParseBool(value)
	case "meta":
		p.meta, err = strconv.ParseBool(value)
	default:
		err = setFraming(&p.cfg.Framing, key, value)
	}
	return err
}

func setFraming(c *framing.Config, key, value string) (err error) {
	switch key {
	case "encoding":
		c.Encoding = framing.Encoding(value)
	case "line_end":
		c.LineEnd = value
	case "oversize":
		c.Oversize = framing.Oversize(value)
	case "truncate_mark":
		c.TruncateMark = value
	case "skip_header_lines":
		c.SkipHeaderLines, err = strconv.Atoi(value)
	case "multiline.mode":
		c.Multiline.Mode = value
	case "multiline.start":
		c.Multiline.Start = value
	case "multiline.end":
		c.Multiline.End = value
	case "multiline.timeout":
		c.Multiline.Timeout, err = time.ParseDuration(value)
	case "container":
		c.Container = framing.Container(value)
	default:
		err = errors.New("no such setting")
	}
	return err
}

func (p *player) expect(want []string) error {
	got := p.records
	p.records = nil
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		return fmt.Errorf("got %q, want %q\nevents: %+v", got, want, p.events)
	}
	return nil
}

// expectEvents compares what happened, without files found and resumed unless they are asked for.
func (p *player) expectEvents(want []string) error {
	ordinary := !slices.ContainsFunc(want, func(w string) bool {
		return strings.HasPrefix(w, string(FileFound)) || strings.HasPrefix(w, string(FileResumed))
	})
	var got []string
	for _, e := range p.events {
		if ordinary && (e.Kind == FileFound || e.Kind == FileResumed) {
			continue
		}
		name, _ := filepath.Rel(p.dir, e.Path)
		text := fmt.Sprintf("%s:%s", e.Kind, name)
		switch e.Kind {
		case FileRotated:
			from, _ := filepath.Rel(p.dir, e.From)
			text = fmt.Sprintf("%s:%s>%s", e.Kind, from, name)
		case FileTruncated, FileGone, PartialSent:
			text += fmt.Sprintf(":%d", e.Bytes)
		case LineSplit, LineTruncated, GroupForced, LineForeign, FilesHeld:
			text += fmt.Sprintf(":%d", e.Count)
		}
		got = append(got, text)
	}
	p.events = nil
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		return fmt.Errorf("got %q, want %q", got, want)
	}
	return nil
}
