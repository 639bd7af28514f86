package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"
)

// generate writes about size bytes of lines in the combined format, about 190 bytes each, and returns their number.
func generate(path string, size int64) (lines int, err error) {
	f, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	agents := []string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36",
		"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
		"curl/8.4.0",
	}
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	seed := uint64(1)
	for written := int64(0); written < size; lines++ {
		seed = seed*6364136223846793005 + 1442695040888963407
		r := seed >> 20
		n, err := fmt.Fprintf(w, "203.0.%d.%d - - [%s] \"GET /articles/%d/item-%d HTTP/1.1\" %d %d \"https://www.example.org/list?page=%d\" \"%s\"\n",
			r%256, r/256%256, at.Add(time.Duration(lines)*time.Millisecond).Format("02/Jan/2006:15:04:05 -0700"),
			r%9000, r%70000, []int{200, 200, 200, 304, 404, 500}[r%6], r%80000, r%300, agents[r%3])
		if err != nil {
			return lines, err
		}
		written += int64(n)
	}
	return lines, errors.Join(w.Flush(), f.Close())
}

// readAndSplit is the limit of the reading: blocks of 256 KiB and one search per line. It returns the CPU time.
func readAndSplit(path string) (time.Duration, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	before := ownCPU()
	buf, lines := make([]byte, 256<<10), 0
	for {
		n, err := f.Read(buf)
		for rest := buf[:n]; ; lines++ {
			i := bytes.IndexByte(rest, '\n')
			if i < 0 {
				break
			}
			rest = rest[i+1:]
		}
		if errors.Is(err, io.EOF) {
			return ownCPU() - before, nil
		}
		if err != nil {
			return 0, err
		}
	}
}

func ownCPU() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
