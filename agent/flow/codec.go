package flow

import (
	"fmt"

	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/parsers"
)

// Codec makes the parser and the encoder of a flow. They serve one goroutine at a time. CSV without columns of its own
// takes those of the format that is parsed.
func Codec(parse config.Parse, encode config.Encode) (parsers.Parser, parsers.Encoder, error) {
	parser, err := parsers.New(parse.Format, parse.Options())
	if err != nil {
		return nil, nil, fmt.Errorf("parse: %w", err)
	}
	opt := encode.Options()
	if encode.Format == "csv" && len(opt.Columns) == 0 {
		opt.Columns = parsers.Columns(parser)
	}
	encoder, err := parsers.NewEncoder(encode.Format, opt)
	if err != nil {
		return nil, nil, fmt.Errorf("encode: %w", err)
	}
	return parser, encoder, nil
}

// CutEnd takes the line end off a record: LF, CRLF or nothing. A CR alone belongs to the line.
func CutEnd(record []byte) (line, end []byte) {
	n := len(record)
	switch {
	case n > 1 && record[n-1] == '\n' && record[n-2] == '\r':
		return record[:n-2], record[n-2:]
	case n > 0 && record[n-1] == '\n':
		return record[:n-1], record[n-1:]
	}
	return record, nil
}
