package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/weir-logs/weir/cmd/internal/witness"
)

// kinesisMain is a client for the scripts: kinesis ADDRESS OPERATION JSON prints the answer.
func kinesisMain() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: kinesis ADDRESS OPERATION JSON")
		os.Exit(2)
	}
	var answer json.RawMessage
	if err := witness.NewClient(os.Args[1]).Call(context.Background(), os.Args[2], json.RawMessage(os.Args[3]), &answer); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(string(answer))
}

// putRecord puts data and returns its sequence number.
func putRecord(ctx context.Context, c *witness.Client, stream, data string) (string, error) {
	var out struct{ SequenceNumber string }
	err := c.Call(ctx, "PutRecord", map[string]any{"StreamName": stream, "PartitionKey": data, "Data": []byte(data)}, &out)
	return out.SequenceNumber, err
}

// readStream reads all shards from their start to their present end: sequence number to data.
func readStream(ctx context.Context, c *witness.Client, stream string) (map[string]string, error) {
	got := map[string]string{}
	err := c.Stream(stream).Collect(ctx, func(r witness.Record) error {
		got[r.SequenceNumber] = string(r.Data)
		return nil
	})
	return got, err
}
