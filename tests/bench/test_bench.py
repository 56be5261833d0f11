"""The benchmarks run to their end on little. Their figures are not judged here: other programs run at the same time."""

import re
import subprocess

import pytest

import dev

pytestmark = pytest.mark.real


@pytest.mark.full
def test_the_bench_of_digests_sends_to_everybody_and_says_how_fast() -> None:
    argv = [dev.PYTHON, "-m", "tests.tiers", "bench", "--quick", "digests"]
    ended = subprocess.run(argv, cwd=dev.ROOT, env=dev.clean_env(), capture_output=True, text=True, timeout=300)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    last = ended.stdout.strip().splitlines()[-1]
    found = re.fullmatch(
        r"digests: 200 people with 4,000 open items on PostgreSQL \d+: ([\d.]+) letters a second \(.+\) "
        r"by one process, ([\d.]+)% of plain SMTP to the same server, ([\d.]+) queries a letter, "
        r"(\d+) ms of the processor a letter",
        last,
    )
    assert found, last
    assert all(float(figure) > 0 for figure in found.groups())


def test_a_benchmark_that_is_not_there_is_said_so() -> None:
    argv = [dev.PYTHON, "-m", "tests.tiers", "bench", "nothing"]
    ended = subprocess.run(argv, cwd=dev.ROOT, env=dev.clean_env(), capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stderr.strip()) == (2, "There is no benchmark 'nothing'. There are: digests")
