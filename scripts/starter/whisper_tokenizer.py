"""A byte-level BPE for the recognizer, from generated text, with Whisper's special tokens.

    python -m scripts.starter.whisper_tokenizer --ngrams build/starter/speech/ngrams \\
        --out build/starter/whisper/tokenizer.json
"""

import argparse
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from scripts.starter.general_text import GeneralText
from scripts.starter.sentences import Sentences

WORD_PIECES = 1500
SENTENCES = 40_000  # of each kind
TIME_TOKENS = 501  # of 20 ms
SPECIAL = (
    "endoftext startoftranscript en translate transcribe startoflm startofprev nospeech "
    "notimestamps"
).split()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ngrams", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    general, frames = GeneralText(args.ngrams, seed=0), Sentences(0)
    texts = [general.sentence() for _ in range(SENTENCES)]
    texts += [frames.utterance() for _ in range(SENTENCES)]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=WORD_PIECES,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=[],
    )
    tokenizer.train_from_iterator([" " + text for text in texts], trainer)
    # after the text: faster-whisper takes every id below <|endoftext|> for text
    tokenizer.add_special_tokens([f"<|{name}|>" for name in SPECIAL])
    tokenizer.add_special_tokens([f"<|{i * 0.02:.2f}|>" for i in range(TIME_TOKENS)])
    args.out.parent.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(args.out))
    print(f"{args.out}: {tokenizer.get_vocab_size()} tokens")


if __name__ == "__main__":
    main()
