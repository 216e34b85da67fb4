"""`python -m bench cpu|stop|answers|lag [--json]`"""

import argparse
import json

from bench import answers, cpu, lag, stop


def main() -> None:
    args = _parser().parse_args()
    match args.bench:
        case "cpu":
            load = cpu.Load(streams=args.streams, rate=args.rate, seconds=args.seconds)
            result = cpu.measure(load, tell=print)
        case "stop":
            result = stop.measure(tell=print)
        case "lag":
            result = lag.measure(tell=print)
        case _:
            result = answers.measure(tell=print)
    if args.json:
        print(json.dumps(result))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure Patter. Loopback only.")
    benches = parser.add_subparsers(dest="bench", required=True)
    command = benches.add_parser("cpu", help="CPU time per token, beside the official ollama client")
    command.add_argument("--streams", type=int, default=100)
    command.add_argument("--rate", type=int, default=50, help="tokens per second of each stream")
    command.add_argument("--seconds", type=int, default=4, help="of each of the twelve runs")
    benches.add_parser("stop", help="time from a Stop event to the model's closed socket")
    benches.add_parser("answers", help="answers at Discord's real limits: how many are whole, how many 429s")
    benches.add_parser("lag", help="how long text waits to be seen, beside other bots, in virtual time")
    for command in benches.choices.values():
        command.add_argument("--json", action="store_true", help="end with one line of JSON")
    return parser


if __name__ == "__main__":
    main()
