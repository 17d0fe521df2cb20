"""Measures of the interviewer, in the service's contract, on interviews its training never saw."""

import json
import re
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
from llama_cpp import Llama, LlamaGrammar

from models.llama.json_grammar import grammar
from pipeline.assessment.criteria import DEFAULT_RUBRIC
from pipeline.assessment.rating import MAX_TOKENS, SYSTEM, schema
from pipeline.interview import wording
from pipeline.matching import quotes
from scripts.starter import eval_choices
from scripts.starter.heldout_plans import Interview, Turn, interviews, source
from scripts.starter.measure import Measure

INTERVIEWS = 200
REPLY_TOKENS = 80
WORD_ERROR = 0.10  # a question asked with at most this share of wrong words counts as asked
NOTHING_SAID = ["I don't know.", "No.", "Hmm, not really.", "I have never done that."]
COMMON = frozenset(
    """about after again also and any are because been before being can could did does done down
    each even every first for from get give going good great had has have her here him his how
    into its just know last like long made make many more most much must nice not now okay one
    only other our out over own part really right said same say see should some sorry sounds such
    take tell than thank thanks that the their them then there these they thing things think this
    those time too two under until use used very want was way well were what when where which
    while who why will with work worked working would year years yes you your""".split()
)


def measure(path: Path, count: int = INTERVIEWS) -> list[Measure]:
    """Every figure of the interviewer over so many interviews."""
    model = _load(path, threads=1)
    tally: dict[str, list[bool]] = defaultdict(list)
    for interview in interviews(count):
        _hold(model, interview, tally)
    percent = {name: 100 * float(np.mean(values)) for name, values in tally.items()}
    found = [
        Measure("asks the given question", percent["asked"], "%", at_least=97),
        Measure("acknowledgement names something said", percent["named"], "%", at_least=70),
        Measure("ends by itself", percent["ended"], "%", at_least=99),
        Measure("closes without a question", percent["closed"], "%"),
        Measure("follow-up is a question", percent["follow-up"], "%"),
        *_assessments(model),
    ]
    del model
    found += eval_choices.measure(path)
    found.append(Measure("generation, two threads", _speed(path), "tokens/s", at_least=300))
    found.append(Measure("size", path.stat().st_size / 1e6, "MB", at_most=20))
    return found


def _load(path: Path, threads: int) -> Llama:
    return Llama(str(path), n_ctx=2048, n_threads=threads, n_threads_batch=threads, verbose=False)


def _hold(model: Llama, interview: Interview, tally: dict[str, list[bool]]) -> None:
    messages = [{"role": "system", "content": wording.system_prompt(interview.plan)}]
    for turn in interview.turns:
        if turn.said is not None:
            messages.append({"role": "user", "content": turn.said})
        messages.append({"role": "system", "content": turn.note})
        choice = model.create_chat_completion(
            messages, max_tokens=REPLY_TOKENS, temperature=0.0, repeat_penalty=1.0
        )["choices"][0]
        reply = choice["message"]["content"]
        messages.append({"role": "assistant", "content": reply})
        tally["ended"].append(choice["finish_reason"] == "stop")
        _judge(turn, reply, tally)


def _judge(turn: Turn, reply: str, tally: dict[str, list[bool]]) -> None:
    if turn.question is not None:
        tally["asked"].append(span_error(turn.question, reply) <= WORD_ERROR)
    if turn.kind == "acknowledge" and content(turn.said or ""):
        rest = reply.replace(turn.question or "", " ")
        tally["named"].append(bool(content(turn.said or "") & content(rest)))
    if turn.kind == "follow up":
        tally["follow-up"].append(reply.rstrip().endswith("?"))
        if content(turn.said or ""):
            tally["named"].append(bool(content(turn.said or "") & content(reply)))
    if turn.kind == "close":
        tally["closed"].append("?" not in reply)


def content(text: str) -> set[str]:
    """Words that carry meaning, and numbers."""
    found = re.findall(r"[\w'-]+", text.lower())
    return {word for word in found if (len(word) > 3 or word.isdigit()) and word not in COMMON}


def span_error(question: str, reply: str) -> float:
    """Word error rate of the question against the stretch of the reply that fits it best."""
    wanted, said = (re.findall(r"\w+(?:['’]\w+)?", text.lower()) for text in (question, reply))
    row = [0] * (len(said) + 1)
    for i, word in enumerate(wanted):
        last, row = row, [i + 1]
        for j, other in enumerate(said):
            row.append(min(last[j] + (word != other), last[j + 1] + 1, row[j] + 1))
    return min(row) / max(1, len(wanted))


def _assessments(model: Llama) -> list[Measure]:
    """Full answers against empty ones, each read alone, as the service does it."""
    pairs = [tuple(pair) for job in source()["job"] for pair in job["answers"]]
    valid, verbatim, ordered = [], [], []
    for i, (question, answer) in enumerate(pairs):
        good = _assessed(model, question, answer)
        empty = _assessed(model, question, NOTHING_SAID[i % len(NOTHING_SAID)])
        valid += [good is not None, empty is not None]
        verbatim.append(good is not None and quotes(str(good["evidence"]), answer))
        ordered.append(good is not None and empty is not None and good["score"] > empty["score"])
    means = [100 * float(np.mean(values)) for values in (valid, verbatim, ordered)]
    return [
        Measure("valid JSON by grammar", means[0], "%", at_least=100),
        Measure("evidence verbatim from the answer", means[1], "%", at_least=90),
        Measure("full answer scored above an empty one", means[2], "%", at_least=95),
    ]


def _assessed(model: Llama, question: str, answer: str) -> dict | None:
    content_ = f"Question: {question}\nAnswer: {answer}\nRubric: {DEFAULT_RUBRIC}"
    reply = model.create_chat_completion(
        [{"role": "system", "content": SYSTEM}, {"role": "user", "content": content_}],
        max_tokens=MAX_TOKENS,
        temperature=0.0,
        repeat_penalty=1.0,
        grammar=LlamaGrammar.from_string(grammar(schema(short=False)), verbose=False),
    )["choices"][0]["message"]["content"]
    try:
        return dict(json.loads(reply))
    except ValueError:
        return None


def _speed(path: Path) -> float:
    """Tokens generated a second after a prompt of ordinary length, the best of three."""
    model, best = _load(path, threads=2), 0.0
    prompt = model.tokenize(wording.system_prompt(interviews(1)[0].plan).encode(), special=False)
    for _ in range(3):
        model.reset()
        model.eval(prompt)
        start = time.perf_counter()
        for _ in range(100):
            model.eval([model.sample(temp=0.0)])
        best = max(best, 100 / (time.perf_counter() - start))
    return best
