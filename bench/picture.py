"""The kept results as one picture and one table. Both are drawn from `docs/performance.json`, and from nothing else."""

import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parent.parent / "docs"
RESULTS, PICTURE = "performance.json", "performance.svg"
CROWD = "scale-1000"
"""How a result of the bench of scale is kept: by the number of its streams."""

CPU_ROWS = {
    "patter_us": "Patter, edits included",
    "ollama_uvloop_us": "ollama client, reading only, uvloop",
    "ollama_us": "ollama client, reading only",
}

WIDTH, LABELS, VALUES = 760, 240, 90
ROW, BAR, TITLE, GAP, EDGE = 24, 14, 34, 18, 16
NAMESPACE = "http://www.w3.org/2000/svg"
LEAST_S = 0.1
"""Where the logarithmic bars begin."""

STYLE = """\
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600 }
  .unit { fill: #59636e }
  .label, .value { dominant-baseline: central }
  .label { text-anchor: end }
  .bar { fill: #afb8c1 }
  .ours { fill: #4f5bd5 }
  .paper { fill: #ffffff }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc }
    .unit { fill: #9198a1 }
    .bar { fill: #565f6a }
    .ours { fill: #8c96ff }
    .paper { fill: #0d1117 }
  }"""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    value: float
    is_ours: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    title: str
    unit: str
    rows: Sequence[Row]
    is_logarithmic: bool = False

    @property
    def height(self) -> int:
        return TITLE + ROW * len(self.rows)

    def length(self, value: float) -> float:
        """Give a bar's length as a part of the longest one's."""
        most = max(row.value for row in self.rows)
        if not self.is_logarithmic:
            return value / most
        return math.log(max(value, LEAST_S) / LEAST_S) / math.log(most / LEAST_S)


def save(name: str, result: Json, folder: Path = DOCS) -> None:
    """Keep a bench's result in the place of its last one."""
    results = _load(folder) if (folder / RESULTS).exists() else {}
    results[name] = result
    text = json.dumps(dict(sorted(results.items())), indent=1, ensure_ascii=False)
    (folder / RESULTS).write_text(text + "\n", encoding="utf-8")


def draw(folder: Path = DOCS, *, tell: Callable[[str], None]) -> None:
    """Write the picture and tell the table. Raises KeyError if a bench's result is missing."""
    results = _load(folder)
    (folder / PICTURE).write_text(svg(charts(results)), encoding="utf-8")
    for line in table(results):
        tell(line)


def _load(folder: Path) -> Json:
    results: Json = json.loads((folder / RESULTS).read_text(encoding="utf-8"))
    return results


# What is shown


def charts(results: Json) -> list[Chart]:
    lag, cpu = results["lag"], results["cpu"]
    return [
        Chart(
            "From the last token to the last edit: ten answers in one channel",
            "s, log scale",
            _finals(lag, "same10"),
            True,
        ),
        Chart("The same: ten answers in channels of their own", "s, log scale", _finals(lag, "own10"), True),
        Chart(
            "CPU time per token",
            "µs",
            [Row(label, cpu[name], is_ours=name == "patter_us") for name, label in CPU_ROWS.items() if name in cpu],
        ),
    ]


def _finals(lag: Json, cell: str) -> list[Row]:
    rivals = [Row(name, figures[cell]["final"]) for name, figures in lag["rivals"].items()]
    return [Row("Patter", lag["cells"][cell]["final"], is_ours=True), *sorted(rivals, key=lambda row: row.value)]


def table(results: Json) -> Iterator[str]:
    """Give the lines of a Markdown table: what is measured, what came out, what it should be."""
    cells, cpu = results["lag"]["cells"], results["cpu"]
    rows = [
        ("One answer: last token to last edit / longest freeze", _lag(cells["one"]), "≤ 0.25 / 1.2 s"),
        ("Ten answers in one channel", _lag(cells["same10"]), "≤ 1.0 / 16 s"),
        ("Ten answers in channels of their own", _lag(cells["own10"]), "≤ 0.25 / 1.2 s"),
        ("Ten `/ask` in one channel", _lag(cells["ask10"]), "≤ 0.25 / 1.2 s"),
        *_crowd(results[CROWD]),
        ("Stop to the model's closed socket, p99 of 100", f"{results['stop']['p99_ms']:.1f} ms", "≤ 50 ms"),
        ("CPU per token, beside the official client that only reads", f"{cpu['ratio']:.2f}", "≤ 0.6"),
        ("CPU per token, 20,000 tokens beside 200", f"{results['growth']['ratio']:.2f}", "≤ 1.2"),
    ]
    yield "| | here | goal |"
    yield "| --- | ---: | ---: |"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _crowd(scale: Json) -> Iterator[tuple[str, str, str]]:
    name = f"{scale['streams'] + scale['failed']:,} `/ask` at once, two cores for all"
    pace = f"{scale['edits_per_stream_s']:.2f} / {scale['p95_token_lag_s']:.1f} s"
    yield f"{name}: edits per second of each / 95 % of tokens seen within", pace, "≥ 0.9 / ≤ 1.5 s"
    refused = f"{scale['http_429']} / {scale['failed'] + scale['burst_failed']}"
    yield "… 429s / not answered within three seconds, begun in 10 s and in one instant", refused, "0 / 0"


def _lag(cell: Json) -> str:
    return f"{cell['final']:.2f} / {cell['freeze']:.1f} s"


# How it is drawn


def svg(charts: Sequence[Chart]) -> str:
    height = 2 * EDGE + sum(chart.height for chart in charts) + GAP * (len(charts) - 1)
    parts: list[str] = []
    top = EDGE
    for chart in charts:
        parts += _chart(chart, top)
        top += chart.height + GAP
    return "\n".join(
        [
            f'<svg xmlns="{NAMESPACE}" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img">',
            f"<title>{escape('; '.join(chart.title for chart in charts))}</title>",
            f"<style>\n{STYLE}\n</style>",
            f'<rect class="paper" width="{WIDTH}" height="{height}" rx="6"/>',
            *parts,
            "</svg>\n",
        ]
    )


def _chart(chart: Chart, top: int) -> Iterator[str]:
    unit = f'<tspan class="unit" font-weight="400"> ({escape(chart.unit)})</tspan>'
    yield f'<text class="title" x="{EDGE}" y="{top + 14}">{escape(chart.title)}{unit}</text>'
    for index, row in enumerate(chart.rows):
        middle = top + TITLE + ROW * index + ROW // 2
        length = max(2.0, chart.length(row.value) * (WIDTH - LABELS - VALUES - EDGE))
        kind = "ours" if row.is_ours else "bar"
        yield f'<text class="label" x="{LABELS - 8}" y="{middle}">{escape(row.label)}</text>'
        yield f'<rect class="{kind}" x="{LABELS}" y="{middle - BAR // 2}" width="{length:.1f}" height="{BAR}" rx="2"/>'
        yield f'<text class="value" x="{LABELS + length + 8:.1f}" y="{middle}">{_number(row.value)}</text>'


def _number(value: float) -> str:
    """
    Write a figure with as many digits as are worth reading.

    >>> [_number(0.783), _number(11.7), _number(4645.4)]
    ['0.78', '11.7', '4,645']
    """
    if value < 10:
        return f"{value:.2f}"
    return f"{value:.1f}" if value < 100 else f"{value:,.0f}"
