"""weir's shape tables say what the installed botocore's service model says, but for the differences that are listed."""

import pathlib
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent


class Shapes(unittest.TestCase):
    def test_tables_and_model(self):
        tables = subprocess.run(["go", "run", "./sink/awsapi/internal/dumptables"], cwd=ROOT, check=True, capture_output=True)
        compare = subprocess.run([sys.executable, ROOT / "sink/awsapi/testdata/compare_botocore.py"], input=tables.stdout, capture_output=True)
        print(compare.stdout.decode(), file=sys.stderr)
        self.assertEqual(compare.returncode, 0, compare.stdout.decode() + compare.stderr.decode())
