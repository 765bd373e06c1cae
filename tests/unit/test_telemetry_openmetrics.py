"""A drill's series handed to somebody else: read back from text, and asked with a real Prometheus."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from simulator.drill import Run
from simulator.telemetry import CATALOGUE
from simulator.telemetry.openmetrics import openmetrics
from simulator.telemetry.promql import MemorySource, labels_of, metric_text, query
from simulator.units import MINUTE, SECOND
from tests.drill_stage import fresh

NAMES = (
    *("lb_requests_total", "http_requests_total", "http_request_duration_seconds_bucket", "queue_depth"),
    *("process_cpu_seconds_total", "kube_deployment_status_replicas_ready", "workers_busy"),
)
QUERIES = (
    "sum by (service, code) (rate(lb_requests_total[1m]))",
    'sum(rate(lb_requests_total{code=~"5.."}[5m])) / sum(rate(lb_requests_total[5m]))',
    "histogram_quantile(0.99, sum by (service, le) (rate(http_request_duration_seconds_bucket[1m])))",
    "increase(http_requests_total[90s])",
    "max_over_time(sum(workers_busy)[3m:15s])",
    "avg_over_time(queue_depth[2m])",
    "topk(2, sum by (pod) (rate(process_cpu_seconds_total[1m])))",
    "kube_deployment_status_replicas_ready",
    'label_replace(irate(lb_requests_total{service="app"}[1m]), "v", "$1", "version", "v(.*)")',
    "deriv(queue_depth[1m]) != 0 or changes(workers_busy[1m]) > 3",
)
_LINE = re.compile(r"([a-z_]+)(?:\{(.*)\})? (\S+) (\S+)")
_LABEL = re.compile(r'(\w+)="((?:\\.|[^"\\])*)"')
_ANSWER = re.compile(r"(.*) => (\S+) @\[")

Answers = dict[str, float]


@pytest.fixture(scope="module")
def run() -> Run:
    """A small incident, three minutes after a release that fails half of its requests."""
    run = fresh()
    run.do("wait 4m")
    return run


def _ours(source: MemorySource, text: str, at: int) -> Answers:
    return {metric_text(one.labels): one.value for one in query(source, text, at, version=2).elements}


def _read_back(lines: Iterator[str]) -> MemorySource:
    source = MemorySource()
    for line in lines:
        match = _LINE.fullmatch(line)
        if match is not None:
            labels = labels_of([("__name__", match[1]), *_LABEL.findall(match[2] or "")])
            source.append(labels, round(float(match[4]) * 1000) * SECOND // 1000, float(match[3]))
    return source


@pytest.fixture(scope="module")
def ask(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str, int], Answers]]:
    """Asks a Prometheus that holds the drill's series; where none is installed, our reading of the text."""
    lines = list(openmetrics(run.telemetry.store, run.telemetry.source.epoch, names=NAMES))
    server, tool = shutil.which("prometheus"), shutil.which("promtool")
    if server is None or tool is None:
        source = _read_back(iter(lines))
        yield lambda text, at: _ours(source, text, at)
        return
    folder = tmp_path_factory.mktemp("prometheus")
    (folder / "series.txt").write_text("\n".join(lines) + "\n")
    (folder / "prometheus.yml").write_text("{}\n")
    made = [
        tool,
        "tsdb",
        "create-blocks-from",
        "openmetrics",
        str(folder / "series.txt"),
        str(folder / "data"),
    ]
    subprocess.run(made, capture_output=True, check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    options = {"config.file": "prometheus.yml", "storage.tsdb.path": "data", "web.listen-address": address}
    options["storage.tsdb.retention.time"] = "100y"
    command = [server, *(f"--{name}={value}" for name, value in options.items())]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    try:
        yield lambda text, at: _asked(tool, address, text, at)
    finally:
        process.terminate()
        process.wait(timeout=20)


def _asked(tool: str, address: str, text: str, at: int) -> Answers:
    command = [tool, "query", "instant", f"--time={at / SECOND:.3f}", f"http://{address}", text]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    for _ in range(100):
        if done.returncode == 0:
            break
        time.sleep(0.1)  # it is still opening its blocks
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = [_ANSWER.match(line) for line in done.stdout.splitlines()]
    return {match[1]: float(match[2]) for match in found if match}


@pytest.mark.parametrize("text", QUERIES)
def test_a_prometheus_answers_as_we_do(text: str, run: Run, ask: Callable[[str, int], Answers]) -> None:
    """The same queries on a drill's own series, between scrapes and on one, give the same answers."""
    source = run.telemetry.source
    for at in (source.epoch + 2 * MINUTE, source.epoch + 3 * MINUTE + 7 * SECOND):
        ours = {metric_text(one.labels): one.value for one in query(source, text, at, version=2).elements}
        theirs = ask(text, at)
        assert set(ours) == set(theirs)
        assert ours or "deriv" in text
        assert np.allclose(
            [ours[name] for name in sorted(ours)], [theirs[name] for name in sorted(ours)], rtol=1e-9
        )


def test_the_text_is_openmetrics(run: Run) -> None:
    """Families in one piece under their HELP and TYPE, counters by their names without _total, an end."""
    lines = list(openmetrics(run.telemetry.store, run.telemetry.source.epoch))
    assert "# EOF" == lines[-1]
    types = [line.split() for line in lines if line.startswith("# TYPE")]
    assert len(types) == len({words[2] for words in types})
    assert ["#", "TYPE", "lb_requests", "counter"] in types
    assert ["#", "TYPE", "http_request_duration_seconds", "histogram"] in types
    named = {line.partition("{")[0] for line in lines if not line.startswith("#")}
    assert named <= set(CATALOGUE) and len(named) > 40


def test_nothing_is_lost_on_the_way(run: Run) -> None:
    """Every sample of the store is in the text, to the last digit."""
    store, epoch = run.telemetry.store, run.telemetry.source.epoch
    source = _read_back(openmetrics(store, epoch, names=NAMES))
    for name in ("lb_requests_total", "process_cpu_seconds_total"):
        samples = store.series(name)
        for labels, values in zip(samples.labels, samples.values, strict=True):
            matched = ",".join(f'{label}="{value}"' for label, value in labels.items())
            text = f"{name}{{{matched}}}[1d]"
            ((_, times, read),) = query(source, text, epoch + run.now).series
            known = ~np.isnan(values)
            assert np.array_equal(times, samples.times[known] + epoch)
            assert np.array_equal(read, values[known])
