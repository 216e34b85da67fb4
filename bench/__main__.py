"""`python -m bench NAME [--json] [--save]`"""

import argparse
import json
from collections.abc import Callable
from typing import Any

from bench import answers, cpu, growth, lag, picture, scale, start, stop

Tell = Callable[[str], None]

BENCHES: dict[str, tuple[Callable[[argparse.Namespace, Tell], dict[str, Any]], str]] = {
    "lag": (
        lambda _, tell: lag.measure(tell=tell),
        "how long text waits to be seen, beside other bots, in virtual time",
    ),
    "cpu": (
        lambda args, tell: cpu.measure(cpu.Load(args.streams, args.rate, args.seconds), tell=tell),
        "CPU time per token of the whole bot, beside the official ollama client",
    ),
    "scale": (
        lambda args, tell: scale.measure(scale.Load(args.streams), tell=tell),
        "a thousand answers at once at Discord's real limits",
    ),
    "growth": (
        lambda _, tell: growth.measure(tell=tell),
        "CPU time per token of short and of long answers",
    ),
    "stop": (
        lambda _, tell: stop.measure(tell=tell),
        "time from a Stop event to the model's closed socket",
    ),
    "start": (
        lambda _, tell: start.measure(tell=tell),
        "CPU time of a start until the gateway knows the bot, and idle memory",
    ),
    "answers": (
        lambda _, tell: answers.measure(tell=tell),
        "how many answers are whole at Discord's real limits, how many 429s",
    ),
}


def main() -> None:
    args = _parser().parse_args()
    if args.bench == "picture":
        picture.draw(tell=print)
        return
    measure, _ = BENCHES[args.bench]
    result = measure(args, print)
    if args.save:
        crowd = f"-{args.streams}" if args.bench == "scale" else ""
        picture.save(args.bench + crowd, result)
    if args.json:
        print(json.dumps(result))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure Patter. Loopback only.")
    benches = parser.add_subparsers(dest="bench", required=True)
    commands = {name: benches.add_parser(name, help=about) for name, (_, about) in BENCHES.items()}
    for command in commands.values():
        command.add_argument("--json", action="store_true", help="end with one line of JSON")
        command.add_argument("--save", action="store_true", help="keep the result for the picture")
    commands["cpu"].add_argument("--streams", type=int, default=100)
    commands["cpu"].add_argument("--rate", type=int, default=50, help="tokens per second of each stream")
    commands["cpu"].add_argument("--seconds", type=float, default=10.0, help="of each of the six runs")
    commands["scale"].add_argument("--streams", type=int, default=1000)
    benches.add_parser("picture", help="draw the kept results into docs/, and print them as a table")
    return parser


if __name__ == "__main__":
    main()
