package agentjson

import (
	"crypto/sha256"
	"encoding/hex"
	"path"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/weir-logs/weir/agent/config/strict"
)

// flow is one flow that is being translated.
type flow struct {
	agent *agent
	level
	stream, delivery *value // exactly one, unless there was a problem
	chain            []converter
	chained          bool // chain is without problems
}

// judge looks at what goes together in a flow.
func (f *flow) judge() {
	if f.object.kind != object {
		return
	}
	if !f.has("filePattern") && !f.blamed("filePattern") {
		f.problem(f.object, "filePattern is needed, such as \"/var/log/app.log*\"")
	}
	stream, delivery := f.got["kinesisStream"], f.got["deliveryStream"]
	switch {
	case f.has("deliveryStream"):
		f.delivery = delivery
		if f.has("kinesisStream") {
			f.warn(stream.place, stream.path, "ignored: the flow has a deliveryStream, which goes before it")
		}
	case f.has("kinesisStream"):
		f.stream = stream
	case !f.blamed("kinesisStream") && !f.blamed("deliveryStream"):
		f.problem(f.object, "a destination is needed: kinesisStream or deliveryStream")
	}
	f.judgeMisplaced()
	f.chain, f.chained = f.converters()
}

// judgeMisplaced warns of keys that do nothing in a flow like this.
func (f *flow) judgeMisplaced() {
	if v := f.got["partitionKeyOption"]; v != nil && f.delivery != nil {
		f.warn(v.place, v.path, "ignored: delivery streams have no partition keys")
	}
	if v := f.got["aggregatedRecordSizeBytes"]; f.number("aggregatedRecordSizeBytes") > 0 {
		switch {
		case f.stream != nil:
			f.warn(v.place, v.path, "ignored: it is for delivery streams")
		case f.has("multiLineStartPattern"):
			f.warn(v.place, v.path, "ignored: it does not go with multiLineStartPattern")
		}
	}
	const firehoseRequest = 4_194_304
	if v := f.got["maxBufferSizeBytes"]; f.delivery != nil && f.number("maxBufferSizeBytes") > firehoseRequest {
		f.problem(v, "%s is out of range; from 1 to %d for a delivery stream", v.text, firehoseRequest)
	}
	if v := f.got["fileFooterPattern"]; f.has("fileFooterPattern") {
		f.warn(v.place, v.path, "ignored: the footer is sent as any other line; the original goes on after it at its next look, so it is no end there either")
	}
	if v := f.got["skipHeaderLines"]; f.number("skipHeaderLines") < 0 {
		f.warn(v.place, v.path, "ignored: it is less than 0")
		delete(f.got, "skipHeaderLines")
	}
}

// blamed reports whether a key is there and was refused.
func (f *flow) blamed(key string) bool {
	v := f.object.get(key)
	return v != nil && v.kind != null && f.got[key] == nil
}

// id is the name that the original agent keeps the flow's positions under.
func (f *flow) id() string {
	switch {
	case f.delivery != nil:
		return "fh:" + f.delivery.text + ":" + f.text("filePattern")
	case f.stream != nil:
		return "kinesis:" + f.stream.text + ":" + f.text("filePattern")
	}
	return ""
}

// name is what the flow is called in weir: its destination, its pattern, and eight digits that belong to the two. It is the same
// wherever the flow stands, and as long as the original agent would take it for the same flow.
func (f *flow) name() string {
	const longest = 26 // of each part: 64 in all
	short := func(s string) string {
		s = strings.Trim(strings.Map(func(r rune) rune {
			if r < 0x80 && (r == '.' || r == '-' || r == '_' || '0' <= r && r <= '9' || 'a' <= r|0x20 && r|0x20 <= 'z') {
				return r
			}
			return -1
		}, s), ".-_")
		return strings.TrimRight(s[:min(len(s), longest)], ".-_")
	}
	sum := sha256.Sum256([]byte(f.id()))
	_, destination, _ := strings.Cut(f.id(), ":")
	destination = strings.TrimSuffix(destination, ":"+f.text("filePattern"))
	parts := []string{short(destination), short(path.Base(f.text("filePattern"))), hex.EncodeToString(sum[:4])}
	if parts[1] == "" {
		parts = []string{parts[0], parts[2]}
	}
	return strings.TrimLeft(strings.Join(parts, "-"), "-")
}

// from is where a key stands, or the flow if it does not.
func (f *flow) from(key string) place {
	if v := f.got[key]; v != nil {
		return v.place
	}
	return f.object.place
}

// write makes the keys of the flow.
func (f *flow) write() *yaml.Node {
	all := group(f.object.place)
	all.set("name", str(f.name(), f.object.place))
	all.set("read", f.writeRead())
	f.writeProcessing(all)
	all.set("send", sequence(f.object.place, f.writeSend()))
	return all.node
}

func (f *flow) writeRead() *yaml.Node {
	all := group(f.object.place)
	if f.has("filePattern") {
		all.set("paths", flat(sequence(f.from("filePattern"), str(glob(f.text("filePattern")), f.from("filePattern")))), f.agent.once(f.aboutPaths()))
	}
	if f.text("initialPosition") == "START_OF_FILE" {
		all.set("start", str("beginning", f.from("initialPosition")))
	} else {
		all.set("start", str("end", f.from("initialPosition")),
			f.agent.once("As END_OF_FILE, the original agent's default: of files that are there at the very first start, only what comes then. Without this key weir reads all of them."))
	}
	f.writeOversize(all)
	if n := f.number("skipHeaderLines"); n > 0 {
		all.set("skip_header_lines", whole(n, f.from("skipHeaderLines")))
	}
	f.writeMultiline(all)
	return all.node
}

func (f *flow) aboutPaths() string {
	if !strings.ContainsAny(path.Base(f.text("filePattern")), "*?[{") {
		return ""
	}
	return "weir follows every file that matches, and knows rotated ones again. The original agent follows the newest one alone, and takes the others for finished."
}

func (f *flow) writeOversize(all keys) {
	if !f.has("truncatedRecordTerminator") && f.agent.options.Fixed {
		return
	}
	terminator, at := "\n", f.from("truncatedRecordTerminator")
	if f.has("truncatedRecordTerminator") {
		terminator = f.text("truncatedRecordTerminator")
	}
	all.set("oversize", str("truncate", at),
		f.agent.once("As the original agent does with a record that is too long: its end is cut off. Without this key weir sends it in pieces. weir cuts at max_record (1MB), the original at what the service takes."))
	mark, lineEnd := strings.CutSuffix(terminator, "\n")
	comment := ""
	if !lineEnd {
		comment = "The line end after this is weir's: truncatedRecordTerminator has none."
	}
	all.set("truncate_mark", str(mark, at), comment)
}

func (f *flow) writeSend() *yaml.Node {
	all := group(f.object.place)
	if f.delivery != nil {
		all.set("delivery_stream", str(f.delivery.text, f.delivery.place))
		if n := f.number("aggregatedRecordSizeBytes"); n > 0 && !f.has("multiLineStartPattern") {
			all.set("pack", whole(n, f.from("aggregatedRecordSizeBytes")),
				f.agent.once("Records are joined after they were converted; the original agent joins lines before, so that its converters take several for one."))
		}
		if streams, _ := f.agent.uses(); streams && f.agent.kinesis.region != f.agent.firehose.region {
			all.set("region", str(f.agent.firehose.region, f.agent.from("firehose.endpoint")), f.agent.once(f.agent.firehoseRegion()))
		}
	} else if f.stream != nil {
		all.set("stream", str(f.stream.text, f.stream.place))
		if f.text("partitionKeyOption") == "DETERMINISTIC" {
			all.set("partition_key", str("hash", f.from("partitionKeyOption")),
				f.agent.once("The MD5 of each record. (The original agent takes that of its whole buffer where it does not convert, so that many records have one key.)"))
		}
		all.set("aggregate", truth(false, f.stream.place),
			f.agent.once("Each record by itself, as the original agent sends them. Without this key weir joins them in the KPL's format, which costs less; readers must take them apart then, as the KCL and Firehose do."))
	}
	f.writeLinger(all)
	return all.node
}

func (f *flow) writeLinger(all keys) {
	const byDefault = time.Minute
	at := f.from("maxBufferAgeMillis")
	switch {
	case f.has("maxBufferAgeMillis"):
		age := time.Duration(f.number("maxBufferAgeMillis")) * time.Millisecond
		all.set("linger", str(strict.FormatDuration(age), at))
	case !f.agent.options.Fixed:
		all.set("linger", str(strict.FormatDuration(byDefault), at), f.agent.once("As the original agent's default of maxBufferAgeMillis; without this key 100ms."))
	}
}
