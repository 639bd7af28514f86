package framing

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

const benchBytes = 16 << 20

// repeat makes about benchBytes of copies of a text, numbered.
func repeat(text string) []byte {
	var b bytes.Buffer
	for i := 0; b.Len() < benchBytes; i++ {
		b.WriteString(strings.ReplaceAll(text, "#", fmt.Sprintf("%06d", i%1_000_000)))
	}
	return b.Bytes()
}

const (
	benchLine = `192.0.2.7 - - [23/Nov/2026:14:00:00 +0000] "GET /shop/item/#?ref=abcdef HTTP/1.1" 200 5120 "https://www.example.com/shop/list" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"` + "\n"
	benchJava = "2026-11-23 14:00:00,# INFO [main] com.example.Server: request served in 12 ms\n" +
		"2026-11-23 14:00:00,# ERROR [main] com.example.Server: request failed\njava.io.IOException: no route to host #\n" +
		"\tat com.example.net.Client.connect(Client.java:17)\n\tat com.example.net.Client.call(Client.java:118)\n\tat com.example.Server.serve(Server.java:40)\nCaused by: java.net.ConnectException: refused\n\t... 3 more\n"
)

// BenchmarkFrame frames 16 MiB in memory, in blocks of 256 KiB. Its limit, IndexByte over the same bytes, is the case limit.
func BenchmarkFrame(b *testing.B) {
	cri := "2026-11-23T14:00:00.123456789Z stdout F " + benchLine
	for _, c := range []struct {
		name string
		cfg  Config
		data []byte
	}{
		{"plain", Config{}, repeat(benchLine)},
		{"line_end", Config{LineEnd: "\r\n"}, repeat(strings.ReplaceAll(benchLine, "\n", "\r\n"))},
		{"latin-1", Config{Encoding: Latin1}, repeat(benchLine)},
		{"utf-16", Config{Encoding: UTF16LE}, []byte(utf16Text(string(repeat(benchLine)[:benchBytes/2]), false))},
		{"java", Config{Multiline: Multiline{Mode: "java"}}, repeat(benchJava)},
		{"start", Config{Multiline: Multiline{Start: `^\d{4}-\d\d-\d\d `}}, repeat(benchJava)},
		{"cri", Config{Container: CRI}, repeat(cri)},
		{"cri+java", Config{Container: CRI, Multiline: Multiline{Mode: "java", Timeout: 1e9}}, repeat("2026-11-23T14:00:00.123456789Z stdout F " +
			strings.ReplaceAll(strings.TrimSuffix(benchJava, "\n"), "\n", "\n2026-11-23T14:00:00.123456789Z stdout F ") + "\n")},
		{"docker", Config{Container: Docker}, repeat(`{"log":"192.0.2.7 - - \"GET /shop/item/#?ref=abcdef HTTP/1.1\" 200 5120 \"Mozilla/5.0 (X11; Linux x86_64)\"\n","stream":"stdout","time":"2026-11-23T14:00:00.123456789Z"}` + "\n")},
		{"limit", Config{MaxRecord: -1}, repeat(benchLine)},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.data)))
			b.ReportAllocs()
			if c.cfg.MaxRecord < 0 {
				for b.Loop() {
					lines(c.data)
				}
			} else {
				frameAll(b, c.cfg, c.data)
			}
			b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/float64(len(c.data))*1e9, "s/GB")
		})
	}
}

func lines(data []byte) (n int) {
	for i := 0; i >= 0; n++ {
		i = bytes.IndexByte(data, '\n')
		data = data[i+1:]
	}
	return n
}

func frameAll(b *testing.B, cfg Config, data []byte) {
	cfg.MaxRecord = 1 << 20
	rules, err := Compile(cfg)
	if err != nil {
		b.Fatal(err)
	}
	f := rules.NewFramer()
	for b.Loop() {
		records := 0
		for pos := 0; pos < len(data); {
			end := min(pos+256<<10, len(data))
			in := Input{Data: data[pos:end], At: int64(pos)}
			if end == len(data) {
				in.Close = EndOfFile
			}
			r := f.Frame(in)
			if r.Taken == 0 {
				b.Fatalf("nothing is taken at %d", pos)
			}
			pos += r.Taken
			records += len(r.Ends)
		}
		if records < 1000 {
			b.Fatalf("%d records", records)
		}
	}
}
