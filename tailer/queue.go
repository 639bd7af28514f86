package tailer

import "container/heap"

// queue is the files that wait for a worker, first come first served.
type queue struct {
	head, tail *file
	length     int
}

func (q *queue) push(f *file) {
	f.next = nil
	if q.tail == nil {
		q.head = f
	} else {
		q.tail.next = f
	}
	q.tail = f
	q.length++
}

func (q *queue) pop() *file {
	f := q.head
	if f == nil {
		return nil
	}
	if q.head = f.next; q.head == nil {
		q.tail = nil
	}
	f.next = nil
	q.length--
	return f
}

// remove takes f out of its turn, and tells whether it was there.
func (q *queue) remove(f *file) bool {
	for before, at := (*file)(nil), q.head; at != nil; before, at = at, at.next {
		switch {
		case at != f:
			continue
		case before == nil:
			q.head = f.next
		default:
			before.next = f.next
		}
		if q.tail == f {
			q.tail = before
		}
		f.next = nil
		q.length--
		return true
	}
	return false
}

// agenda is the times at which files must be reviewed, earliest first. A file may be in it several times; only an entry
// that agrees with file.due counts, the others are left over.
type agenda []appointment

type appointment struct {
	at   int64
	file *file
}

func (a agenda) Len() int           { return len(a) }
func (a agenda) Less(i, j int) bool { return a[i].at < a[j].at }
func (a agenda) Swap(i, j int)      { a[i], a[j] = a[j], a[i] }
func (a *agenda) Push(x any)        { *a = append(*a, x.(appointment)) }
func (a *agenda) Pop() any {
	old := *a
	last := old[len(old)-1]
	old[len(old)-1] = appointment{}
	*a = old[:len(old)-1]
	return last
}

// schedule makes sure that f is reviewed at the given time or earlier, and tells whether that is the earliest of all.
func (a *agenda) schedule(f *file, at int64) bool {
	if at == never || f.due <= at {
		return false
	}
	f.due = at
	heap.Push(a, appointment{at, f})
	return (*a)[0].file == f
}

// next is the earliest time in the agenda.
func (a agenda) next() int64 {
	if len(a) == 0 {
		return never
	}
	return a[0].at
}

// take removes and returns a file that is due, or nil.
func (a *agenda) take(now int64) *file {
	for len(*a) > 0 && (*a)[0].at <= now {
		e := heap.Pop(a).(appointment)
		if e.file.due == e.at {
			e.file.due = never
			return e.file
		}
	}
	return nil
}
