package tailer

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestProves(t *testing.T) {
	content := strings.Repeat("0123456789", 200)
	at := func(off int) Position {
		return Position{
			Identity: Identity{Head: digestOf([]byte(content[:headSize]))}, Offset: int64(off),
			Before: digestOf([]byte(content[max(off-beforeSize, 0):off])),
		}
	}
	short := at(100)
	short.Identity.Head = digestOf([]byte(content[:50]))
	none := Position{Offset: 300}
	changedHead, changedTail := "x"+content[1:], content[:1400]+"x"+content[1401:]
	for _, c := range []struct {
		name    string
		content string
		pos     Position
		want    bool
	}{
		{"the same", content, at(1500), true},
		{"grown", content + "more", at(1500), true},
		{"at the end", content, at(2000), true},
		{"at the start", content, at(0), true},
		{"in the first bytes", content, at(7), true},
		{"head recorded when the file was shorter", content, short, true},
		{"nothing recorded", content, none, true},
		{"nothing recorded, and too short", content[:200], none, false},
		{"shorter than the offset", content[:1499], at(1500), false},
		{"shorter than the head", content[:900], at(800), false},
		{"another head", changedHead, at(1500), false},
		{"the same head, other bytes before the offset", changedTail, at(1500), false},
		{"a change after the offset", changedTail, at(1200), true},
		{"empty", "", at(1500), false},
	} {
		got, err := proves(bytes.NewReader([]byte(c.content)), []byte(c.content[:min(len(c.content), headSize)]), &c.pos)
		if got != c.want || err != nil {
			t.Errorf("%s: %t, %v; want %t", c.name, got, err, c.want)
		}
	}
}

func TestFileIDText(t *testing.T) {
	id := newFileID()
	if other := newFileID(); id == other || id == (FileID{}) {
		t.Errorf("ids %s and %s", id, other)
	}
	text, err := json.Marshal(map[string]FileID{"id": id})
	if err != nil {
		t.Fatal(err)
	}
	var back map[string]FileID
	if err := json.Unmarshal(text, &back); err != nil || back["id"] != id {
		t.Errorf("%s comes back as %s, %v", id, back["id"], err)
	}
	for _, bad := range []string{"", "00", strings.Repeat("0", 26), strings.Repeat("x", 24)} {
		if err := new(FileID).UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("%q is taken for a file id", bad)
		}
	}
}

func TestBlockRecord(t *testing.T) {
	b := Block{Data: []byte("a\nbb\nc"), Ends: []int{2, 5, 6}}
	for i, want := range []string{"a\n", "bb\n", "c"} {
		if got := string(b.Record(i)); got != want {
			t.Errorf("record %d is %q, want %q", i, got, want)
		}
	}
}

// TestRegistry adds and removes files that share inode numbers.
func TestRegistry(t *testing.T) {
	r := registry{byInode: map[uint64]*file{}}
	mk := func(inode, device uint64, birth int64, links int32) *file {
		f := &file{inode: inode, birth: birth, links: links}
		f.pos.Identity = Identity{Inode: inode, Device: device, Birth: birth}
		r.add(f)
		return f
	}
	a, b, c := mk(1, 1, 10, 1), mk(1, 2, 20, 1), mk(1, 1, 30, 0)
	for _, q := range []struct {
		st    fileStat
		named *file
		want  *file
	}{
		{fileStat{inode: 1, device: 1, birth: 10}, nil, a},
		{fileStat{inode: 1, device: 2, birth: 20}, nil, b},
		{fileStat{inode: 1, device: 3, birth: 10}, nil, nil}, // a is elsewhere
		{fileStat{inode: 1, device: 3, birth: 10}, a, a},     // the name was a's: mounted anew
		{fileStat{inode: 1, device: 3, birth: 30}, nil, c},   // c has lost its names
		{fileStat{inode: 1, device: 1, birth: 11}, nil, nil},
		{fileStat{inode: 2, device: 1, birth: 10}, nil, nil},
	} {
		if got := r.find(&q.st, q.named); got != q.want {
			t.Errorf("find(%+v) = %+v, want %+v", q.st, got, q.want)
		}
	}
	for i, f := range []*file{b, a, c} {
		r.remove(f)
		if got := r.find(&fileStat{inode: 1, device: f.pos.Identity.Device, birth: f.birth}, nil); got != nil || r.count != 2-i {
			t.Errorf("a removed file is found, or the count is %d", r.count)
		}
	}
	if len(r.byInode) != 0 {
		t.Errorf("%d inodes are left over", len(r.byInode))
	}
}

func TestAgenda(t *testing.T) {
	var a agenda
	f, g := &file{due: never}, &file{due: never}
	if a.next() != never || a.take(100) != nil {
		t.Error("an empty agenda has something")
	}
	if !a.schedule(f, 50) || a.schedule(f, 60) || a.schedule(g, 70) || !a.schedule(g, 40) || a.schedule(f, never) {
		t.Error("schedule does not tell what comes first")
	}
	if a.next() != 40 || a.take(30) != nil {
		t.Error("something comes before its time")
	}
	if first, second, third := a.take(100), a.take(100), a.take(100); first != g || second != f || third != nil {
		t.Errorf("out of order: %p %p %p", first, second, third)
	}
	if len(a) != 0 {
		t.Errorf("%d left over", len(a))
	}
}
