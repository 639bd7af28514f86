"""A delivery stream writes to an S3-compatible service: versitygw, which checks signatures."""

import gzip
import pathlib
import socket
import subprocess
import tempfile

import boto3

import weir

GATEWAY = pathlib.Path(__file__).resolve().parent / ".venv" / "bin" / "versitygw"


class S3(weir.Case):
    def setUp(self):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        root, sidecar = tempfile.TemporaryDirectory(prefix="objects-"), tempfile.TemporaryDirectory(prefix="sidecar-")
        self.addCleanup(root.cleanup)
        self.addCleanup(sidecar.cleanup)
        gateway = subprocess.Popen(
            [GATEWAY, "--port", f"127.0.0.1:{port}", "--access", "key", "--secret", "secret", "posix", "--sidecar", sidecar.name, root.name],
            stdout=subprocess.DEVNULL,
        )
        self.addCleanup(gateway.wait)
        self.addCleanup(gateway.terminate)
        self.s3 = boto3.client(
            "s3", endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1", aws_access_key_id="key", aws_secret_access_key="secret"
        )
        self.addCleanup(self.s3.close)
        weir.until("the gateway answers", self.make_bucket)
        self.server_config = f"""
buckets:
  lake: {{s3: {{endpoint: 'http://127.0.0.1:{port}', region: us-east-1, bucket: lake, access_key: key, secret_key: secret}}}}
delivery_streams:
  - name: d
    destination: {{bucket: lake, prefix: 'a b/é/', compression: GZIP}}
    buffer: {{size: 1MiB, time: 1s}}
"""
        super().setUp()

    def make_bucket(self):
        try:
            self.s3.create_bucket(Bucket="lake")
            return True
        except Exception as e:
            return "BucketAlreadyOwnedByYou" in str(e)

    def objects(self):
        listed = self.s3.list_objects_v2(Bucket="lake").get("Contents", [])
        return [self.s3.get_object(Bucket="lake", Key=o["Key"]) | {"Key": o["Key"]} for o in listed]

    def test_objects_arrive(self):
        firehose = self.client("firehose")
        want = [b"%d %s\n" % (i, b"x" * (i % 2000)) for i in range(3000)]
        for i in range(0, len(want), 500):
            answer = firehose.put_record_batch(DeliveryStreamName="d", Records=[{"Data": line} for line in want[i : i + 500]])
            self.assertEqual(answer["FailedPutCount"], 0)
        weir.until("all bytes are there", lambda: sum(len(gzip.decompress(o["Body"].read())) for o in self.objects()) >= len(b"".join(want)))
        found = sorted(self.objects(), key=lambda o: o["Key"])
        self.assertTrue(all(o["Key"].startswith("a b/é/") for o in found))
        self.assertEqual({o.get("ContentEncoding") for o in found}, {"gzip"})
        got = b"".join(gzip.decompress(o["Body"].read()) for o in found)
        self.assertEqual(sorted(got.splitlines(True)), sorted(want))
