package tailer

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// A followed name may be a symbolic link, as /var/log/app.log to /data/logs/app.log. Rotation happens beside the target. So a link has two families:
// that of its own name, and that of the name it leads to in the end. The second is as the first, with these differences:
//
//   - Its directory is scanned for it alone, unless something matches there.
//   - Its generations are the link's: that is the Path of their positions and blocks, and the name that it led to is the Target.
//   - Its name is the link's as long as that leads there. Where a link was switched to another target, the name is one more generation, and what
//     came to be after the switch is none.
//
// A link that leads nowhere still says where that is. A family to which no link leads any more ages as that of a name that is gone, and its
// directory is given up when all in it was read; there are no more of these than links, and a few.

// lead says where a followed symbolic link leads.
type lead struct {
	text   string // what the link itself says
	target string // the name at the end of the way, whether a file has it or not
	plain  bool   // which is followed by itself
	gen    uint32 // of the last listing that saw the link
}

// led is what a family has whose name is or was the target of a followed link.
type led struct {
	link  string // the last one that led there
	left  bool   // none does any more
	until int64  // since then, or earlier
}

const maxHops = 40 // from one symbolic link to the next, as in Linux

// targetOf returns the name that path leads to in the end, which no file needs to have, or "" if that is not to be found. It led elsewhere only
// before switched, as far as the file system tells.
func targetOf(path string) (target string, switched int64) {
	at, rest := "/", strings.Split(path, "/")
	changed := func(path string) {
		var st unix.Stat_t
		if unix.Lstat(path, &st) == nil {
			switched = max(switched, st.Ctim.Nano())
		}
	}
	for hops := 0; len(rest) > 0; {
		name := rest[0]
		rest = rest[1:]
		next := filepath.Join(at, name)
		text, err := os.Readlink(next)
		switch {
		case err != nil:
			if errors.Is(err, fs.ErrNotExist) {
				changed(at)
			}
			at = next
			continue
		case filepath.IsAbs(text):
			at = "/"
		}
		if hops++; hops > maxHops {
			return "", never
		}
		changed(next)
		rest = append(strings.Split(text, "/"), rest...)
	}
	return at, switched
}

// trace has the family looked for beside what a followed link leads to. same says that it stands for the same file as before.
func (l *listing) trace(base, path string, same bool) {
	text, err := os.Readlink(path)
	if err != nil {
		return
	}
	to := l.d.leads[base]
	if to == nil {
		if l.d.leads == nil {
			l.d.leads = map[string]*lead{}
		}
		to = &lead{}
		l.d.leads[base] = to
	}
	to.gen = l.d.gen
	if before := to.target; !same || to.text != text {
		to.text = text
		to.target, _ = targetOf(path)
		to.plain = l.t.patterns.wants(to.target)
		if before != "" && before != to.target {
			l.t.leave(path, before)
		}
	}
	if to.target != "" && !to.plain {
		l.t.follow(path, to.target)
	}
}

// target returns where a symbolic link leads.
func (l *listing) target(base, path string) string {
	if to := l.d.leads[base]; to != nil {
		return to.target
	}
	target, _ := targetOf(path)
	return target
}

// untrace forgets the links that this listing has not seen.
func (l *listing) untrace() {
	for base, to := range l.d.leads {
		if to.gen != l.d.gen {
			delete(l.d.leads, base)
			l.t.leave(filepath.Join(l.d.path, base), to.target)
		}
	}
}

// follow opens the family of the name that a link leads to.
func (t *Tailer) follow(link, target string) {
	home, base := filepath.Split(target)
	home = filepath.Clean(home)
	d, isNew := t.dirAt(home, "", nil)
	fam := d.families[base]
	if fam == nil {
		fam = &family{floor: never, home: home}
		if d.listed {
			fam.floor = t.cfg.floor(d.since)
		}
		d.families[base] = fam
	}
	if fam.led == nil {
		fam.led, fam.home, isNew = &led{}, home, true
		t.shareAll(base, fam)
	}
	fam.led.link, fam.led.left, fam.absent = link, false, 0
	if isNew {
		d.hunt = max(d.hunt, huntListings)
		t.mark(d)
	}
}

// leave notes that a link does not lead to a name any more.
func (t *Tailer) leave(link, target string) {
	d := t.dirs[filepath.Dir(target)]
	if d == nil {
		return
	}
	if fam := d.families[filepath.Base(target)]; fam != nil && fam.led != nil && fam.led.link == link {
		_, fam.led.until = targetOf(link)
		fam.led.left = true
		d.hunt = max(d.hunt, huntListings)
		t.mark(d)
	}
}

// openTargets has the directories scanned in which targets lay that an earlier run knew.
func (t *Tailer) openTargets() {
	for path, e := range t.earlier {
		if len(e.links) > 0 {
			t.dirAt(path, "", nil)
		}
	}
}

// listTargets lists the directories of targets that were met just now.
func (t *Tailer) listTargets() {
	for d := range t.marked {
		if d.beside() && !d.listed {
			t.list(d)
		}
	}
}

// beside tells whether a directory is scanned for what links lead to, and nothing else.
func (d *dir) beside() bool { return d.parent == "" && len(d.spots) == 0 && !d.aside }

// claims tells whether the file under a name that does not match, which was not seen there before, is followed under another name, or
// will be: the name is the target of a link.
func (l *listing) claims(base string, f *file) bool {
	fam := l.d.families[base]
	if fam == nil || fam.led == nil || fam.home != l.d.path {
		return false
	}
	has := f != nil && f.links > 0
	if !has && !fam.led.left {
		l.meet(fam.led.link)
	}
	return has || !fam.led.left
}

// meet looks at a link whose target has come to be: what it stands for is to be known before the generations beside that are judged.
func (l *listing) meet(link string) {
	if d := l.t.dirs[filepath.Dir(link)]; d != nil {
		other := &listing{t: l.t, d: d, now: l.now}
		other.look(filepath.Base(link), true, true)
		l.links = append(l.links, other)
	}
}

// rotating has a link looked at whose file was met under the name of a generation: it may lead to a new file by now.
func (l *listing) rotating(base string, f *file) {
	origin := l.d.originOf(base)
	if fam := l.d.families[origin]; fam != nil && origin != base && fam.led != nil && !fam.led.left && f != nil && f.links > 0 {
		l.t.markLink(fam)
	}
}

// markLink has the directory listed in which the link lies that leads to the name of a family.
func (t *Tailer) markLink(fam *family) {
	if d := t.dirs[filepath.Dir(fam.led.link)]; d != nil {
		t.mark(d)
	}
}

// linked returns the file that is followed by a link to the name base in d, or nil.
func (t *Tailer) linked(d *dir, base string) *file {
	fam := d.families[base]
	if fam == nil || fam.led == nil || fam.led.left {
		return nil
	}
	if home := t.dirs[filepath.Dir(fam.led.link)]; home != nil {
		if n := home.names[filepath.Base(fam.led.link)]; n != nil {
			return n.file
		}
	}
	return nil
}

// targetDir returns the directory to which the link of a file led, or nil.
func (t *Tailer) targetDir(f *file) *dir {
	t.mu.Lock()
	defer t.mu.Unlock()
	if f.pos.Target == "" {
		return nil
	}
	return t.dirs[filepath.Dir(f.pos.Target)]
}

// attribute lets a generation that was found beside a target be one of the link's.
func (l *listing) attribute(s *suspect, f *file) {
	origin := l.d.originOf(s.name)
	fam := l.d.families[origin]
	if fam == nil || fam.led == nil || l.t.relevant(s.path) {
		return
	}
	l.t.mu.Lock()
	f.pos.Path, f.pos.Target = fam.led.link, filepath.Join(fam.home, origin)
	l.t.mu.Unlock()
}
