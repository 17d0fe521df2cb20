"""Measure the starter models against their bars: python -m scripts.starter.evaluate

Needs espeak-ng and flite. --only takes one model; --quick measures a sixth of everything. Speeds
are those of this machine at this moment: measure them while it does nothing else.
"""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from scripts.starter import eval_interviewer, eval_recognizer, eval_voice
from scripts.starter.measure import Measure

STARTER = Path(__file__).parents[2] / "models/starter"
IN_GIT = 50  # MB that all starter models together may take


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, default=STARTER, help="folder of the three models")
    parser.add_argument("--only", choices=["recognizer", "interviewer", "voice"])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", type=Path, help="write the figures to this file as well")
    args = parser.parse_args()
    (gguf,) = args.models.glob("interviewer/*.gguf")
    (onnx,) = args.models.glob("voice/*.onnx")
    few, count = (18, 33) if args.quick else (None, eval_interviewer.INTERVIEWS)
    programs = {
        "recognizer": lambda: eval_recognizer.measure(args.models / "recognizer", few),
        "interviewer": lambda: eval_interviewer.measure(gguf, count),
        "voice": lambda: eval_voice.measure(onnx, few),
    }
    figures: dict[str, list[Measure]] = {}
    for name, program in programs.items():
        if args.only in (None, name):
            print(f"\n{name}", flush=True)
            figures[name] = program()
            for measure in figures[name]:
                print("  " + measure.row())
    size = sum(path.stat().st_size for path in args.models.rglob("*") if path.is_file()) / 1e6
    print("\n  " + Measure("all models together", size, "MB", at_most=IN_GIT).row())
    if args.json:
        found = {
            name: [asdict(m) | {"met": m.met} for m in measures]
            for name, measures in figures.items()
        }
        args.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
