package kpl

import (
	"bytes"
	"crypto/md5"
	"fmt"
	"math/rand/v2"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

// randomItems draws a list of items with few or many keys.
func randomItems(random *rand.Rand) []item {
	keys, hashes := 1+random.IntN(200), random.IntN(4)
	if random.IntN(3) == 0 {
		keys, hashes = 1, 0
	}
	items := make([]item, random.IntN(300))
	for i := range items {
		data := make([]byte, random.IntN(1<<random.IntN(12)))
		for j := range data {
			data[j] = byte(random.Uint32())
		}
		items[i] = item{key: fmt.Sprintf("key-%d", random.IntN(keys)), data: string(data)}
		if hashes > 0 && random.IntN(2) == 0 {
			items[i].hash = Hash{uint64(random.IntN(hashes)), uint64(random.IntN(hashes))}.String()
		}
	}
	return items
}

func TestRoundTrip(t *testing.T) {
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	var a Aggregate
	var r Reader
	for round := range 200 {
		items := randomItems(random)
		a.Reset()
		for _, it := range items {
			it.add(t, &a)
		}
		whole := bytes.Clone(a.Bytes())
		if again := a.AppendTo(nil); !bytes.Equal(whole, again) || len(whole) != a.Size() {
			t.Fatalf("seed %d, round %d: Bytes and AppendTo differ, or Size is wrong", seed, round)
		}
		if len(items) == 0 {
			continue
		}
		if got, ok := read(t, &r, whole); !ok || !equal(got, items) {
			t.Fatalf("seed %d, round %d: read %d of %d items, %v, or others", seed, round, len(got), len(items), ok)
		}
	}
}

// messageType describes the format to the protobuf runtime, which then serves as a second opinion.
func messageType(t testing.TB) protoreflect.MessageDescriptor {
	t.Helper()
	field := func(name string, number int32, label descriptorpb.FieldDescriptorProto_Label, kind descriptorpb.FieldDescriptorProto_Type) *descriptorpb.FieldDescriptorProto {
		f := &descriptorpb.FieldDescriptorProto{Name: &name, Number: &number, Label: &label, Type: &kind}
		if kind == descriptorpb.FieldDescriptorProto_TYPE_MESSAGE {
			f.TypeName = proto.String(".Record")
		}
		return f
	}
	const (
		required, optional, repeated = descriptorpb.FieldDescriptorProto_LABEL_REQUIRED, descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL, descriptorpb.FieldDescriptorProto_LABEL_REPEATED
		text, number                 = descriptorpb.FieldDescriptorProto_TYPE_STRING, descriptorpb.FieldDescriptorProto_TYPE_UINT64
	)
	file := &descriptorpb.FileDescriptorProto{
		Name: proto.String("aggregate.proto"), Syntax: proto.String("proto2"),
		MessageType: []*descriptorpb.DescriptorProto{
			{Name: proto.String("AggregatedRecord"), Field: []*descriptorpb.FieldDescriptorProto{
				field("keys", 1, repeated, text), field("hashes", 2, repeated, text),
				field("records", 3, repeated, descriptorpb.FieldDescriptorProto_TYPE_MESSAGE),
			}},
			{Name: proto.String("Record"), Field: []*descriptorpb.FieldDescriptorProto{
				field("key", 1, required, number), field("hash", 2, optional, number),
				field("data", 3, required, descriptorpb.FieldDescriptorProto_TYPE_BYTES),
			}},
		},
	}
	built, err := protodesc.NewFile(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	return built.Messages().ByName("AggregatedRecord")
}

// itemsOf reads items out of a message as the protobuf runtime sees it.
func itemsOf(message protoreflect.Message) (items []item) {
	fields := message.Descriptor().Fields()
	keys, hashes := message.Get(fields.ByName("keys")).List(), message.Get(fields.ByName("hashes")).List()
	records := message.Get(fields.ByName("records")).List()
	for i := range records.Len() {
		rec := records.Get(i).Message()
		of := rec.Descriptor().Fields()
		it := item{key: keys.Get(int(rec.Get(of.ByName("key")).Uint())).String(), data: string(rec.Get(of.ByName("data")).Bytes())}
		if rec.Has(of.ByName("hash")) {
			it.hash = hashes.Get(int(rec.Get(of.ByName("hash")).Uint())).String()
		}
		items = append(items, it)
	}
	return items
}

func TestProtobufRuntimeAgrees(t *testing.T) {
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	typ := messageType(t)
	var a Aggregate
	var r Reader
	for range 100 {
		items := randomItems(random)
		if len(items) == 0 {
			continue
		}
		a.Reset()
		for _, it := range items {
			it.add(t, &a)
		}
		whole := a.Bytes()
		message := dynamicpb.NewMessage(typ)
		if err := proto.Unmarshal(whole[len(magic):len(whole)-md5.Size], message); err != nil {
			t.Fatalf("seed %d: the protobuf runtime refuses what we wrote: %v", seed, err)
		}
		if got := itemsOf(message); !equal(got, items) {
			t.Fatalf("seed %d: the protobuf runtime reads other items", seed)
		}
		theirs, err := proto.MarshalOptions{Deterministic: true}.Marshal(message)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(theirs, whole[len(magic):len(whole)-md5.Size]) {
			t.Fatalf("seed %d: the protobuf runtime writes other bytes", seed)
		}
		sum := md5.Sum(theirs)
		if got, ok := read(t, &r, append(append([]byte(magic), theirs...), sum[:]...)); !ok || !equal(got, items) {
			t.Fatalf("seed %d: what the protobuf runtime wrote reads as other items", seed)
		}
	}
}
