"""One article is read the same in every process: Python walks a set of words in another order in each."""

import os
import subprocess
import sys

from tests.conftest import ROOT

# What is found in the gold set, and which of it is one event, as one line.
READ = """
import hashlib, msgspec
from services.cli.quality.found import rightly_labelled
from services.events.cluster import cluster
from tests.quality.labelled_sets import found_in

read = [one.parsed for one in found_in("gold") if one.parsed]
same = [msgspec.structs.replace(p.article, first_seen_at=None, fetched_at=None) for p in read]
events = sorted(sorted(ids) for ids in cluster(p.facts for p in read))
told = msgspec.json.encode([same, [p.facts for p in read], events])
print(len(read), len(events), hashlib.sha256(told).hexdigest())
"""


def test_another_order_of_sets_changes_nothing() -> None:
    running = [
        subprocess.Popen(
            [sys.executable, "-c", READ],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("0", "2")
    ]
    first, second = (process.communicate(timeout=240)[0] for process in running)
    assert first.split()[0] != "0"
    assert first == second
