"""The AWS CLI and boto3 create streams, put, read back and describe."""

import base64
import datetime
import hashlib
import json

import weir


class Boto3(weir.Case):
    def test_life_of_a_stream(self):
        kinesis = self.client("kinesis")
        kinesis.create_stream(StreamName="web", ShardCount=3)
        kinesis.get_waiter("stream_exists").wait(StreamName="web", WaiterConfig={"Delay": 1, "MaxAttempts": 10})

        summary = kinesis.describe_stream_summary(StreamName="web")["StreamDescriptionSummary"]
        self.assertEqual(summary["StreamStatus"], "ACTIVE")
        self.assertEqual(summary["OpenShardCount"], 3)
        self.assertEqual(summary["RetentionPeriodHours"], 24)
        self.assertEqual(summary["StreamARN"], "arn:aws:kinesis:us-east-1:000000000000:stream/web")
        self.assertIsInstance(summary["StreamCreationTimestamp"], datetime.datetime)

        ranges = [(int(s["HashKeyRange"]["StartingHashKey"]), int(s["HashKeyRange"]["EndingHashKey"])) for s in kinesis.list_shards(StreamName="web")["Shards"]]
        self.assertEqual(ranges[0][0], 0)
        self.assertEqual(ranges[-1][1], 2**128 - 1)
        for (_, end), (start, _) in zip(ranges, ranges[1:]):
            self.assertEqual(end + 1, start)

        one = kinesis.put_record(StreamName="web", Data=b"one", PartitionKey="k")
        many = kinesis.put_records(StreamName="web", Records=[{"Data": f"r{i}".encode(), "PartitionKey": f"key {i}"} for i in range(500)])
        self.assertEqual(many["FailedRecordCount"], 0)
        want = {one["SequenceNumber"]: b"one"} | {r["SequenceNumber"]: f"r{i}".encode() for i, r in enumerate(many["Records"])}
        got = {r["SequenceNumber"]: r["Data"] for r in self.read("web")}
        self.assertEqual(got, want)
        for i, r in enumerate(many["Records"]):
            h = int.from_bytes(hashlib.md5(f"key {i}".encode()).digest(), "big")
            shard = next(n for n, (start, end) in enumerate(ranges) if start <= h <= end)
            self.assertEqual(r["ShardId"], f"shardId-{shard:012d}")

        self.assertEqual(kinesis.list_streams()["StreamNames"], ["web"])
        kinesis.delete_stream(StreamName="web")
        weir.until("the stream is gone", lambda: kinesis.list_streams()["StreamNames"] == [])

    def test_all_five_iterators(self):
        kinesis = self.client("kinesis")
        kinesis.create_stream(StreamName="s", ShardCount=1)
        shard = "shardId-000000000000"
        puts = [kinesis.put_record(StreamName="s", Data=bytes([i]), PartitionKey="k")["SequenceNumber"] for i in range(5)]

        def first(**args):
            it = kinesis.get_shard_iterator(StreamName="s", ShardId=shard, **args)["ShardIterator"]
            return [r["SequenceNumber"] for r in kinesis.get_records(ShardIterator=it)["Records"]]

        self.assertEqual(first(ShardIteratorType="TRIM_HORIZON"), puts)
        self.assertEqual(first(ShardIteratorType="LATEST"), [])
        self.assertEqual(first(ShardIteratorType="AT_SEQUENCE_NUMBER", StartingSequenceNumber=puts[2]), puts[2:])
        self.assertEqual(first(ShardIteratorType="AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=puts[2]), puts[3:])
        hour = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1)
        self.assertEqual(first(ShardIteratorType="AT_TIMESTAMP", Timestamp=hour), puts)

        latest = kinesis.get_shard_iterator(StreamName="s", ShardId=shard, ShardIteratorType="LATEST")["ShardIterator"]
        new = kinesis.put_record(StreamName="s", Data=b"new", PartitionKey="k")["SequenceNumber"]
        self.assertEqual([r["SequenceNumber"] for r in kinesis.get_records(ShardIterator=latest)["Records"]], [new])

    def test_errors_are_typed(self):
        kinesis = self.client("kinesis")
        with self.assertRaises(kinesis.exceptions.ResourceNotFoundException) as e:
            kinesis.describe_stream(StreamName="absent")
        self.assertIn("Stream absent under account 000000000000 not found.", str(e.exception))
        kinesis.create_stream(StreamName="s", ShardCount=1)
        with self.assertRaises(kinesis.exceptions.ResourceInUseException):
            kinesis.create_stream(StreamName="s", ShardCount=1)
        with self.assertRaises(kinesis.exceptions.InvalidArgumentException):
            kinesis.get_records(ShardIterator="AAAA")


class CLI(weir.Case):
    def test_create_put_read_describe(self):
        self.cli("kinesis", "create-stream", "--stream-name", "web", "--shard-count", "1")
        self.cli("kinesis", "wait", "stream-exists", "--stream-name", "web")
        put = self.cli("kinesis", "put-record", "--stream-name", "web", "--partition-key", "k", "--data", "hello")
        it = self.cli("kinesis", "get-shard-iterator", "--stream-name", "web", "--shard-id", put["ShardId"], "--shard-iterator-type", "TRIM_HORIZON")
        records = self.cli("kinesis", "get-records", "--shard-iterator", it["ShardIterator"])["Records"]
        self.assertEqual([base64.b64decode(r["Data"]) for r in records], [b"hello"])
        self.assertEqual(records[0]["SequenceNumber"], put["SequenceNumber"])
        described = self.cli("kinesis", "describe-stream", "--stream-name", "web")["StreamDescription"]
        self.assertEqual((described["StreamStatus"], len(described["Shards"])), ("ACTIVE", 1))
        self.assertEqual(self.cli("kinesis", "list-streams")["StreamNames"], ["web"])

    def test_delivery_stream(self):
        where = json.dumps({"RoleARN": "arn:aws:iam::000000000000:role/x", "BucketARN": "arn:aws:s3:::b", "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 0}})
        self.cli("firehose", "create-delivery-stream", "--delivery-stream-name", "d", "--extended-s3-destination-configuration", where)
        self.cli("firehose", "put-record", "--delivery-stream-name", "d", "--record", json.dumps({"Data": "line\n"}))
        bucket = self.dir / "data" / "buckets" / "b"
        found = weir.until("an object is there", lambda: [p for p in bucket.rglob("d-1-*") if p.is_file()])
        self.assertEqual(found[0].read_bytes(), b"line\n")
        self.assertEqual(self.cli("firehose", "list-delivery-streams")["DeliveryStreamNames"], ["d"])
