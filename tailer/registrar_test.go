package tailer

import (
	"bytes"
	"strings"
	"sync"
	"testing"
)

func plain(head []byte) []byte { return head }

// mintOf asks m for the id of content on an inode.
func mintOf(m *Member, inode uint64, content string) FileID {
	return m.mint(Identity{Inode: inode, Birth: 7}, []byte(content), strings.NewReader(content), plain)
}

func TestRegistrar(t *testing.T) {
	r := NewRegistrar()
	a, b := r.Join(0, nil), r.Join(1, nil)
	first := mintOf(a, 1, "one\n")
	if got := mintOf(b, 1, "one\ntwo\n"); got != first {
		t.Error("the same file, grown, has another id for the second member")
	}
	if got := mintOf(b, 2, "one\n"); got == first {
		t.Error("another inode has the same id")
	}
	if got := mintOf(b, 1, "one\n"); got == first {
		t.Error("what a member knows already is new content for it, under the same id")
	}

	// The file is rewritten twice while b does not look.
	second, third := mintOf(a, 3, "2\n"), mintOf(a, 3, "3\n")
	if second == third {
		t.Fatal("two generations have one id")
	}
	if got := mintOf(b, 3, "3\nmore\n"); got != third {
		t.Error("b is not given the generation that is there")
	}
	if got := mintOf(b, 3, "2\nmore\n"); got != second {
		t.Error("b is not given the generation by its content")
	}

	// An empty head covers all; one that has grown does not.
	empty := mintOf(a, 4, "")
	a.Learn(&Position{ID: empty, Identity: Identity{Inode: 4, Birth: 7, Head: digestOf([]byte("grown\n"))}})
	if mintOf(b, 4, "other\n") == empty {
		t.Error("another content has the id of one that was empty")
	}
	if mintOf(b, 4, "grown\nmore\n") != empty {
		t.Error("the file that has grown has another id")
	}

	// A restart of b: what only a knows keeps its id.
	fifth := mintOf(a, 5, "5\n")
	b = r.Join(1, nil)
	if mintOf(b, 5, "5\n") != fifth || mintOf(b, 1, "one\ntwo\n") != first {
		t.Error("ids are not kept over a restart of one member")
	}
	var none *Member
	if id := none.mint(Identity{}, nil, nil, plain); id == (FileID{}) {
		t.Error("no id without a registrar")
	}
	none.Learn(&Position{})
	none.Forget(first)
}

// TestRegistrarHeadRace: the member that looked first and asks last gets the same id, though it has seen less.
func TestRegistrarHeadRace(t *testing.T) {
	r := NewRegistrar()
	a, b := r.Join(0, nil), r.Join(1, nil)
	now := strings.NewReader("line\nline\n")
	id := Identity{Inode: 1, Birth: 7}
	long := b.mint(id, []byte("line\nline\n"), now, plain)
	if a.mint(id, []byte("line\n"), now, plain) != long {
		t.Error("two ids for one file")
	}
}

// TestRegistrarForgets: memory is bounded by the files there are.
func TestRegistrarForgets(t *testing.T) {
	r := NewRegistrar()
	a, b := r.Join(0, nil), r.Join(1, nil)
	for i := range uint64(1000) {
		id := mintOf(a, i, "x")
		mintOf(b, i, "x")
		a.Forget(id)
		if mintOf(a, i, "x") == id {
			t.Fatal("a file that is done with comes back")
		}
		b.Forget(id)
	}
	if n := len(r.byID); n != 1000 {
		t.Errorf("%d files are kept, want the 1000 that nobody is done with", n)
	}
	for i := range uint64(5 * mostFinished) { // that b never meets
		a.Forget(mintOf(a, 5000+i, "x"))
	}
	if n := len(r.order); n > 3*mostFinished || len(r.byID) != n || len(r.byInode) > n {
		t.Errorf("%d files are kept", n)
	}
}

func TestRegistrarAtOnce(t *testing.T) {
	r := NewRegistrar()
	const members, files = 8, 50
	var got [members][files]FileID
	var group sync.WaitGroup
	for n := range members {
		m := r.Join(n, nil)
		group.Go(func() {
			for i := range files {
				got[n][i] = m.mint(Identity{Inode: uint64(i)}, nil, bytes.NewReader([]byte("same\n")), plain)
			}
		})
	}
	group.Wait()
	for n := range members {
		if got[n] != got[0] {
			t.Fatalf("member %d has other ids", n)
		}
	}
}
