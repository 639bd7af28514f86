package tailer

import (
	"compress/gzip"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestRandomLives does random things to a log file and its reader, and then compares what was delivered of each
// generation of the file with what was written to it, byte for byte. SEED=N in the environment runs one of them again.
func TestRandomLives(t *testing.T) {
	if text := os.Getenv("SEED"); text != "" {
		seed, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatalf("SEED=%q: %v", text, err)
		}
		live(t, seed)
		return
	}
	seeds := uint64(40)
	if testing.Short() {
		seeds = 8
	}
	base := uint64(time.Now().UnixNano()) % 1e9
	for seed := range seeds {
		if seed%2 == 1 {
			seed += base // half of them are new each time; the name of the test says which
		}
		t.Run("seed="+strconv.FormatUint(seed, 10), func(t *testing.T) { live(t, seed) })
	}
}

// life is one run of the test.
type life struct {
	*rig
	rand        *rand.Rand
	current     *generation // nil between rename and create
	generations []*generation
	held        []*generation // renamed, still open for writing
	streams     map[FileID][]byte
	marks       []map[FileID]Position // what the checkpoint store held, lately
	crashed     bool
	log         []string
	count       int    // of files compressed or moved
	linked      bool   // the followed name is a symbolic link
	home        string // where the files are
}

// generation is the content of one file between two truncations.
type generation struct {
	content strings.Builder
	out     *os.File
}

func live(t *testing.T, seed uint64) {
	l := &life{rig: newRig(t, t.TempDir()), rand: rand.New(rand.NewPCG(seed, 1)), streams: map[FileID][]byte{}}
	l.cfg.BlockSize = minBlockSize
	l.cfg.MaxRecord = 64
	if l.rand.IntN(2) == 0 {
		l.cfg.Paths = []string{filepath.Join(l.dir, "app.log*")}
	}
	if l.rand.IntN(3) == 0 {
		l.cfg.Framing.Multiline.Start = "^[0-4g]" // groups of lines; the bytes are the same
	}
	l.home = l.dir
	if l.linked = l.rand.IntN(3) == 0; l.linked {
		l.relink()
	}
	l.taken = l.note
	l.cfg.RotatedTo = []string{filepath.Join(l.dir, "archive")}
	if err := os.Mkdir(l.cfg.RotatedTo[0], 0o755); err != nil {
		t.Fatal(err)
	}
	l.watch = func(e Event) {
		l.log = append(l.log, fmt.Sprintf("    %s %.6s %s at %d, %d bytes, %.6s %s", e.Kind, e.ID, filepath.Base(e.Path), e.Offset, e.Bytes, e.NewID, filepath.Base(e.From)))
	}
	if st, err := statPath(l.dir); err != nil || st.birth == 0 {
		l.crashed = true // without birth times a generation may come twice, but never be lost
	}
	defer l.stop()
	defer l.closeAll()
	l.create()
	if l.rand.IntN(3) == 0 {
		l.log = append(l.log, "the first start is killed before anything is read, rotate")
		l.rig.begin()
		l.stop()
		l.rename()
		l.create()
	}
	l.start()
	for range 60 {
		l.act()
	}
	l.refuse = nil
	for range 3 {
		l.wait(time.Minute)
	}
	l.check()
	if t.Failed() {
		t.Logf("seed %d, what happened:\n%s", seed, strings.Join(l.log, "\n"))
	}
}

func (l *life) closeAll() {
	for _, g := range l.generations {
		if g.out != nil {
			g.out.Close()
		}
	}
}

// note fills in what a block brought.
func (l *life) note(b *Block) {
	have := l.streams[b.ID]
	if b.Offset > int64(len(have)) {
		l.t.Errorf("file %s: a hole from %d to %d", b.ID, len(have), b.Offset)
		return
	}
	l.streams[b.ID] = append(have[:b.Offset:b.Offset], b.Data...)
	l.marks = append(l.marks, maps.Clone(l.acked))
}

type action struct {
	weight int
	name   string
	do     func()
}

func (l *life) act() {
	actions := []action{
		{8, "write", func() { l.write(l.current, false) }},
		{3, "write part of a line", func() { l.write(l.current, true) }},
		{3, "write to a renamed file", func() {
			if len(l.held) > 0 {
				l.write(l.held[l.rand.IntN(len(l.held))], l.rand.IntN(3) == 0)
			}
		}},
		{3, "rotate", func() { l.rename(); l.create() }},
		{2, "rename", l.rename},
		{3, "create", l.create},
		{2, "truncate", l.truncate},
		{3, "copytruncate", l.copytruncate},
		{2, "compress", l.compress},
		{2, "move", l.move},
		{1, "stop, compress, start", func() { l.stop(); l.compress(); l.write(l.current, true); l.start() }},
		{1, "stop, rotate, move, start", func() { l.stop(); l.rename(); l.move(); l.create(); l.start() }},
		{1, "stop, copytruncate, start", func() { l.stop(); l.copytruncate(); l.write(l.current, false); l.start() }},
		{4, "look", func() { l.wait(time.Second) }},
		{4, "look soon", func() { l.wait(20 * time.Millisecond) }},
		{1, "wait", func() { l.wait(7 * time.Second) }},
		{1, "wait long", func() { l.wait(2 * time.Minute) }},
		{1, "stop, start", func() { l.stop(); l.start() }},
		{1, "stop, rotate twice, start", func() { l.stop(); l.again(); l.again(); l.start() }},
		{1, "rotate twice", func() { l.again(); l.again() }},
		{1, "stop, rotate, start", func() { l.stop(); l.rename(); l.create(); l.write(l.current, false); l.start() }},
		{1, "crash", l.crash},
		{1, "refuse", func() {
			l.refuse = func(*Block) error {
				if l.rand.IntN(2) == 0 {
					return errors.New("refused by the test")
				}
				return nil
			}
		}},
		{1, "accept", func() { l.refuse = nil }},
	}
	if l.linked {
		actions = append(actions, []action{
			{1, "switch", l.relinkKnown},
			{1, "stop, switch, start", func() { l.stop(); l.relinkKnown(); l.write(l.current, false); l.start() }},
			{1, "stop, rotate, switch, rotate, start", func() {
				if l.current != nil && l.known(l.path(0)) {
					l.stop()
					l.again()
					l.relink()
					l.again()
					l.start()
				}
			}},
		}...)
	}
	total := 0
	for _, a := range actions {
		total += a.weight
	}
	n := l.rand.IntN(total)
	for _, a := range actions {
		if n -= a.weight; n < 0 {
			l.log = append(l.log, a.name)
			a.do()
			return
		}
	}
}

func (l *life) path(n int) string {
	if n == 0 {
		return filepath.Join(l.home, "app.log")
	}
	return filepath.Join(l.home, fmt.Sprintf("app.log.%d", n))
}

func (l *life) create() {
	if l.current != nil {
		return
	}
	name, err := filepath.Rel(l.dir, l.path(0))
	if err != nil {
		l.t.Fatal(err)
	}
	l.tick(name)
	out, err := os.OpenFile(l.path(0), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		l.t.Fatal(err)
	}
	l.begin(out)
}

// again rotates, and writes.
func (l *life) again() {
	l.rename()
	l.create()
	l.write(l.current, false)
}

// relinkKnown does so if each of the last acknowledgements knows the old target: else nothing would lead to it any more.
func (l *life) relinkKnown() {
	if l.current == nil || !l.known(l.path(0)) {
		return
	}
	l.relink()
}

// relink lets the link lead to a log in another folder; the old target stays as it is.
func (l *life) relink() {
	if l.current != nil && l.rand.IntN(2) == 0 {
		l.held = append(l.held, l.current)
	}
	l.current = nil
	folders, err := filepath.Glob(filepath.Join(l.dir, "data*"))
	l.home = filepath.Join(l.dir, fmt.Sprintf("data%d", len(folders)))
	link := filepath.Join(l.dir, "app.log")
	if err = errors.Join(err, os.Mkdir(l.home, 0o755)); err != nil {
		l.t.Fatal(err)
	}
	if l.rand.IntN(2) == 0 {
		l.create() // else later
	}
	os.Remove(link)
	if err := os.Symlink(l.path(0), link); err != nil {
		l.t.Fatal(err)
	}
}

// begin makes a new generation, whose first line tells it from the others.
func (l *life) begin(out *os.File) {
	l.current = &generation{out: out}
	l.generations = append(l.generations, l.current)
	l.log = append(l.log, fmt.Sprintf("  generation %d begins", len(l.generations)-1))
	l.put(l.current, fmt.Sprintf("generation %d\n", len(l.generations)-1))
}

func (l *life) put(g *generation, text string) {
	if _, err := g.out.WriteString(text); err != nil {
		l.t.Fatal(err)
	}
	g.content.WriteString(text)
}

func (l *life) write(g *generation, partial bool) {
	defer func() {
		if g != nil {
			l.log = append(l.log, fmt.Sprintf("  generation %d has %d bytes", slices.Index(l.generations, g), g.content.Len()))
		}
	}()
	if g == nil {
		return
	}
	var text strings.Builder
	for range 1 + l.rand.IntN(100) {
		fmt.Fprintf(&text, "%d %s\n", l.rand.Uint32(), strings.Repeat("x", l.rand.IntN(100)))
	}
	if partial {
		text.WriteString("part ")
	}
	l.put(g, text.String())
}

// shift renames the generations from the first on, each to the next name.
func (l *life) shift(first int) {
	n := first
	for exists(l.path(n)) {
		n++
	}
	for n--; n >= first; n-- {
		if err := os.Rename(l.path(n), l.path(n+1)); err != nil {
			l.t.Fatal(err)
		}
	}
}

func (l *life) rename() {
	if l.current == nil {
		return
	}
	l.shift(0)
	if l.rand.IntN(2) == 0 {
		l.held = append(l.held, l.current)
	}
	l.current = nil
}

// truncate empties the file once it has been read: what would be lost otherwise is no fault of the reader.
func (l *life) truncate() {
	if l.current == nil || l.refuse != nil {
		return
	}
	l.wait(10 * time.Second)
	if err := l.current.out.Truncate(0); err != nil {
		l.t.Fatal(err)
	}
	l.begin(l.current.out)
}

// copytruncate copies the file as it is, whatever was read of it, and empties it.
func (l *life) copytruncate() {
	if l.current == nil {
		return
	}
	l.shift(1)
	l.tick("no such name")
	content := l.current.content.String()
	half := l.rand.IntN(len(content))
	to, err := os.Create(l.path(1))
	if err != nil {
		l.t.Fatal(err)
	}
	defer to.Close()
	for i, part := range []string{content[:half], content[half:]} {
		if _, err := to.WriteString(part); err != nil {
			l.t.Fatal(err)
		}
		if i == 0 && l.tailer != nil && l.rand.IntN(2) == 0 {
			l.wait(20 * time.Millisecond) // the copy is met while it is being made
		}
	}
	if err := l.current.out.Truncate(0); err != nil {
		l.t.Fatal(err)
	}
	l.begin(l.current.out)
}

// rotated returns the path of a file that was rotated and is not written to any more, or "".
func (l *life) rotated() string {
	var paths []string
	for n := 1; exists(l.path(n)); n++ {
		info, err := os.Stat(l.path(n))
		if err != nil {
			l.t.Fatal(err)
		}
		writes := func(g *generation) bool {
			out, err := g.out.Stat()
			return err == nil && os.SameFile(out, info)
		}
		if !slices.ContainsFunc(l.held, writes) {
			paths = append(paths, l.path(n))
		}
	}
	if len(paths) == 0 {
		return ""
	}
	return paths[l.rand.IntN(len(paths))]
}

// known tells whether each of the last acknowledgements knows the file: a compressed one of which nobody knows is not read.
func (l *life) known(path string) bool {
	st, err := statPath(path)
	if err != nil {
		l.t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		l.t.Fatal(err)
	}
	for _, mark := range l.marks[max(len(l.marks)-4, 0):] {
		if !slices.ContainsFunc(slices.Collect(maps.Values(mark)), func(p Position) bool {
			return p.Identity.Head.Len > 0 && p.Identity.matches(&st) && p.Identity.Head.covers(text)
		}) {
			return false
		}
	}
	return len(l.marks) > 0
}

// compress packs a rotated file.
func (l *life) compress() {
	path := l.rotated()
	if path == "" || !l.known(path) {
		return
	}
	l.count++
	to := filepath.Join(l.home, fmt.Sprintf("app.log-2026%04d.gz", l.count))
	l.log = append(l.log, "  "+filepath.Base(path)+" to "+filepath.Base(to))
	text, err := os.ReadFile(path)
	if err != nil {
		l.t.Fatal(err)
	}
	out, err := os.Create(to)
	if err != nil {
		l.t.Fatal(err)
	}
	defer out.Close()
	w := gzip.NewWriter(out)
	_, err = w.Write(text)
	if err = errors.Join(err, w.Close(), os.Remove(path)); err != nil {
		l.t.Fatal(err)
	}
	l.closeGap(path)
}

// move takes a rotated file to another directory.
func (l *life) move() {
	path := l.rotated()
	if path == "" {
		return
	}
	l.count++
	to := filepath.Join(l.dir, "archive", fmt.Sprintf("app.log.%d", l.count))
	l.log = append(l.log, "  "+filepath.Base(path)+" to archive/"+filepath.Base(to))
	if err := os.Rename(path, to); err != nil {
		l.t.Fatal(err)
	}
	l.closeGap(path)
}

// closeGap renames the generations after path, which is gone, so that there is no hole in their numbers.
func (l *life) closeGap(path string) {
	n := 1
	for l.path(n) != path {
		n++
	}
	for ; exists(l.path(n + 1)); n++ {
		if err := os.Rename(l.path(n+1), l.path(n)); err != nil {
			l.t.Fatal(err)
		}
	}
}

// crash takes the last acknowledgements back, as if they had not been saved.
func (l *life) crash() {
	l.stop()
	if len(l.marks) > 0 {
		back := l.rand.IntN(min(len(l.marks), 4))
		l.marks = l.marks[:len(l.marks)-back]
		l.acked = maps.Clone(l.marks[len(l.marks)-1])
		l.order = slices.DeleteFunc(l.order, func(id FileID) bool { _, ok := l.acked[id]; return !ok })
		for id := range l.acked {
			if !slices.Contains(l.order, id) {
				l.order = append(l.order, id) // it was forgotten after what is kept now
			}
		}
		l.crashed = true
		l.log = append(l.log, fmt.Sprintf("  %d acknowledgements are lost", back))
	}
	l.start()
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// check compares the streams with the generations.
func (l *life) check() {
	complete := make([]int, len(l.generations))
	for id, stream := range l.streams {
		if len(stream) == 0 {
			continue // it was truncated before anything but its beginning was handed out
		}
		var n int
		if _, err := fmt.Sscanf(string(stream), "generation %d\n", &n); err != nil || n >= len(complete) {
			l.t.Errorf("file %s begins with %.40q", id, stream)
			continue
		}
		want := l.generations[n].content.String()
		switch {
		case !strings.HasPrefix(want, string(stream)):
			l.t.Errorf("generation %d: the %d bytes delivered are not what was written", n, len(stream))
		case len(stream) == len(want):
			complete[n]++
		case !l.crashed:
			l.t.Errorf("generation %d: %d of %d bytes delivered", n, len(stream), len(want))
		}
	}
	for n, times := range complete {
		if times == 0 || times > 1 && !l.crashed {
			l.t.Errorf("generation %d of %d bytes was delivered %d times", n, l.generations[n].content.Len(), times)
		}
	}
}
