"""A delivery stream made with boto3 delivers: direct put, and from a stream."""

import gzip

import weir

ROLE = "arn:aws:iam::000000000000:role/x"


class Delivery(weir.Case):
    server_config = "buckets: {out: {directory: DIR/out}}\n"

    def objects(self, stream):
        return sorted(p for p in (self.dir / "out").rglob(f"{stream}-1-*") if p.is_file())

    def content(self, stream):
        return b"".join(gzip.decompress(p.read_bytes()) for p in self.objects(stream))

    def destination(self, **more):
        return {
            "RoleARN": ROLE,
            "BucketARN": "arn:aws:s3:::out",
            "CompressionFormat": "GZIP",
            "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 1},
        } | more

    def test_direct_put(self):
        firehose = self.client("firehose")
        firehose.create_delivery_stream(DeliveryStreamName="direct", ExtendedS3DestinationConfiguration=self.destination(Prefix="p/"))
        described = firehose.describe_delivery_stream(DeliveryStreamName="direct")["DeliveryStreamDescription"]
        self.assertEqual(described["DeliveryStreamStatus"], "ACTIVE")
        self.assertEqual(described["Destinations"][0]["DestinationId"], "destinationId-000000000001")
        answer = firehose.put_record_batch(DeliveryStreamName="direct", Records=[{"Data": b"%d\n" % i} for i in range(500)])
        self.assertEqual(answer["FailedPutCount"], 0)
        self.assertEqual(len({r["RecordId"] for r in answer["RequestResponses"]}), 500)
        weir.until("an object is there", lambda: self.objects("direct"))
        self.assertEqual(self.content("direct"), b"".join(b"%d\n" % i for i in range(500)))
        key = str(self.objects("direct")[0].relative_to(self.dir / "out"))
        self.assertRegex(key, r"^p/\d{4}/\d\d/\d\d/\d\d/direct-1-\d{4}(-\d\d){5}-[0-9a-f-]{36}\.gz$")

    def test_flushes_by_size(self):
        firehose = self.client("firehose")
        hints = {"SizeInMBs": 1, "IntervalInSeconds": 900}
        firehose.create_delivery_stream(DeliveryStreamName="big", ExtendedS3DestinationConfiguration=self.destination(BufferingHints=hints))
        for _ in range(4):
            firehose.put_record_batch(DeliveryStreamName="big", Records=[{"Data": b"x" * 500_000}, {"Data": b"y" * 500_000}])
        weir.until("two objects are there long before the 900 s", lambda: len(self.objects("big")) >= 2)

    def test_from_a_stream(self):
        kinesis, firehose = self.client("kinesis"), self.client("firehose")
        kinesis.create_stream(StreamName="src", ShardCount=2)
        arn = kinesis.describe_stream_summary(StreamName="src")["StreamDescriptionSummary"]["StreamARN"]
        firehose.create_delivery_stream(
            DeliveryStreamName="from",
            DeliveryStreamType="KinesisStreamAsSource",
            KinesisStreamSourceConfiguration={"KinesisStreamARN": arn, "RoleARN": ROLE},
            ExtendedS3DestinationConfiguration=self.destination(),
        )
        kinesis.put_records(StreamName="src", Records=[{"Data": b"%d\n" % i, "PartitionKey": str(i)} for i in range(400)])
        weir.until("all 400 lines are delivered", lambda: len(self.content("from").splitlines()) >= 400)
        self.assertEqual(sorted(self.content("from").splitlines()), sorted(b"%d" % i for i in range(400)))
        with self.assertRaisesRegex(firehose.exceptions.InvalidArgumentException, "KinesisStreamAsSource"):
            firehose.put_record(DeliveryStreamName="from", Record={"Data": b"x"})
