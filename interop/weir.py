"""Starts the real programs for the tests here: `weir serve` on a free port, and `weir run` on files that a test writes."""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.request

import boto3
from botocore.config import Config

BIN = pathlib.Path(__file__).resolve().parent.parent / "bin" / "weir"


def until(what, check, seconds=60):
    """Calls check until it returns something true, and returns that."""
    deadline = time.monotonic() + seconds
    while True:
        answer = check()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s until {what}")
        time.sleep(0.05)


class Case(unittest.TestCase):
    """A test with a backend of its own."""

    server_config = ""

    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="weir-interop-"))
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        self.endpoint = f"http://127.0.0.1:{self.port}"
        config = self.dir / "server.yaml"
        config.write_text(f"listen: 127.0.0.1:{self.port}\ndata_dir: {self.dir}/data\n" + self.server_config.replace("DIR", str(self.dir)))
        self.spawn("serve", "-c", str(config))
        until("the backend answers", self.healthy)

    def healthy(self):
        try:
            return urllib.request.urlopen(self.endpoint + "/_weir/health", timeout=5).status == 200
        except OSError:
            return False

    def spawn(self, *args):
        process = subprocess.Popen([BIN, *args])
        self.addCleanup(self.end, process)
        return process

    def end(self, process):
        process.terminate()
        self.assertEqual(process.wait(timeout=30), 0, "exit code")

    def client(self, service):
        client = boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}),
        )
        self.addCleanup(client.close)
        return client

    def cli(self, *args):
        """Runs the AWS CLI and returns what it printed, decoded."""
        aws = pathlib.Path(__file__).resolve().parent / ".venv" / "bin" / "aws"
        env = dict(os.environ, AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_DEFAULT_REGION="us-east-1", AWS_PAGER="")
        out = subprocess.run([aws, "--endpoint-url", self.endpoint, "--output", "json", *args], env=env, check=True, capture_output=True, text=True)
        return json.loads(out.stdout) if out.stdout.strip() else None

    def agent(self, flows):
        """Writes a configuration with these flows and runs the agent over it once: `weir run --once`."""
        config = self.dir / "weir.yaml"
        config.write_text(
            f"endpoint: {self.endpoint}\ncredentials: local\nstate_dir: {self.dir}/state\nflows:\n" + flows.replace("DIR", str(self.dir))
        )
        subprocess.run([BIN, "run", "-c", config, "--once"], check=True, timeout=120)

    def read(self, stream):
        """All records of all shards of a stream, with boto3."""
        kinesis = self.client("kinesis")
        records = []
        for shard in kinesis.list_shards(StreamName=stream)["Shards"]:
            it = kinesis.get_shard_iterator(StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
            while it:
                page = kinesis.get_records(ShardIterator=it)
                records += page["Records"]
                if not page["Records"] and page["MillisBehindLatest"] == 0:
                    break
                it = page["NextShardIterator"]
        return records
