package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

// kinesisMain is a client for the scripts: kinesis ADDRESS OPERATION JSON prints the answer.
func kinesisMain() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: kinesis ADDRESS OPERATION JSON")
		os.Exit(2)
	}
	var answer json.RawMessage
	if err := call(os.Args[1], os.Args[2], json.RawMessage(os.Args[3]), &answer); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(string(answer))
}

// call sends one operation of Kinesis Data Streams as any client does, with a signature that nobody checks yet.
func call(addr, operation string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	req, err := http.NewRequest(http.MethodPost, "http://"+addr+"/", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", "Kinesis_20131202."+operation)
	req.Header.Set("X-Amz-Date", time.Now().UTC().Format("20060102T150405Z"))
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/kinesis/aws4_request, "+
		"SignedHeaders=host;x-amz-date, Signature=0000")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s: %s", operation, resp.Status, answer)
	}
	if out == nil || len(answer) == 0 {
		return nil
	}
	return json.Unmarshal(answer, out)
}

// putRecord puts data and returns its sequence number.
func putRecord(addr, stream, data string) (string, error) {
	var out struct{ SequenceNumber string }
	err := call(addr, "PutRecord", map[string]any{"StreamName": stream, "PartitionKey": data, "Data": []byte(data)}, &out)
	return out.SequenceNumber, err
}

// readStream reads all shards from their start to their present end: sequence number to data.
func readStream(addr, stream string) (map[string]string, error) {
	var list struct{ Shards []struct{ ShardId string } }
	if err := call(addr, "ListShards", map[string]any{"StreamName": stream}, &list); err != nil {
		return nil, err
	}
	got := map[string]string{}
	for _, shard := range list.Shards {
		var it struct{ ShardIterator string }
		if err := call(addr, "GetShardIterator", map[string]any{
			"StreamName": stream, "ShardId": shard.ShardId, "ShardIteratorType": "TRIM_HORIZON",
		}, &it); err != nil {
			return nil, err
		}
		for next := it.ShardIterator; next != ""; {
			var page struct {
				Records []struct {
					SequenceNumber string
					Data           []byte
				}
				NextShardIterator  string
				MillisBehindLatest int64
			}
			if err := call(addr, "GetRecords", map[string]any{"ShardIterator": next}, &page); err != nil {
				return nil, err
			}
			for _, r := range page.Records {
				got[r.SequenceNumber] = string(r.Data)
			}
			if next = page.NextShardIterator; len(page.Records) == 0 && page.MillisBehindLatest == 0 {
				break
			}
		}
	}
	return got, nil
}
