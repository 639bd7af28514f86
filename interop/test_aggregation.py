"""The agent's aggregates are opened by aws_kinesis_agg, and weir opens that package's aggregates."""

import base64
import gzip
import json

from aws_kinesis_agg.aggregator import RecordAggregator
from aws_kinesis_agg.deaggregator import deaggregate_records

import weir


class Aggregation(weir.Case):
    server_config = """
streams: [{name: s, shards: 2}]
buckets: {out: {directory: DIR/out}}
delivery_streams:
  - name: archive
    source: {stream: s}
    destination: {bucket: out, compression: GZIP}
    buffer: {size: 1MiB, time: 1s}
"""

    def delivered(self):
        files = [p for p in (self.dir / "out").rglob("archive-1-*") if p.is_file()]
        return b"".join(gzip.decompress(p.read_bytes()) for p in files).splitlines()

    def test_the_agents_aggregates_are_opened_by_the_package(self):
        lines = [f"line {i} é€𝄞 {'x' * (i % 300)}" for i in range(5000)]
        (self.dir / "app.log").write_text("".join(line + "\n" for line in lines), encoding="utf-8")
        self.agent("  - {name: app, read: {paths: [DIR/app.log]}, send: [{stream: s}]}\n")
        records = self.read("s")
        self.assertLess(len(records), len(lines) / 10, "nothing was aggregated")
        events = [
            {
                "kinesis": {
                    "kinesisSchemaVersion": "1.0",
                    "data": base64.b64encode(r["Data"]).decode(),
                    "partitionKey": r["PartitionKey"],
                    "sequenceNumber": r["SequenceNumber"],
                    "approximateArrivalTimestamp": r["ApproximateArrivalTimestamp"].timestamp(),
                }
            }
            for r in records
        ]
        opened = deaggregate_records(events)
        got = sorted(base64.b64decode(r["kinesis"]["data"]).decode() for r in opened)
        self.assertEqual(got, sorted(line + "\n" for line in lines))
        weir.until("all lines are delivered", lambda: len(self.delivered()) >= len(lines))
        self.assertEqual(sorted(self.delivered()), sorted(line.encode() for line in lines))

    def test_weir_opens_the_packages_aggregates(self):
        kinesis = self.client("kinesis")
        want = []
        for batch in range(20):
            aggregator = RecordAggregator()
            for i in range(100):
                line = json.dumps({"batch": batch, "i": i})
                want.append(line.encode())
                # All keys of an aggregate must belong to one shard: one key each.
                aggregator.add_user_record(f"key {batch}", (line + "\n").encode())
            key, _, data = aggregator.clear_and_get().get_contents()
            kinesis.put_record(StreamName="s", PartitionKey=key, Data=data)
        weir.until("all lines are delivered", lambda: len(self.delivered()) >= len(want))
        self.assertEqual(sorted(self.delivered()), sorted(want))
