"""A GGUF file loaded by llama.cpp: its weights, vocabulary and chat template."""

import ctypes
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import llama_cpp

from ..errors import DeviceUnavailable, WeightsMissing, WeightsUnusable
from . import huge_pages
from .chat_template import ChatShape, Role, TemplateUnusable, learn

Device = Literal["cpu", "cuda"]
ALL_LAYERS = 999
"""More layers than any model has, so that all of it goes to the GPU."""
_ERROR = 4
"""Level of error lines in llama.cpp's log."""

_libc = ctypes.CDLL(None)
_silence = ctypes.cast(_libc.abs, llama_cpp.llama_log_callback)
"""A log callback that does nothing, and needs no Python lock in the middle of a computation."""


class LlamaWeights:
    """Weights, loaded once and used by every context. The methods may be called from any thread."""

    def __init__(self, path: Path, device: Device) -> None:
        """Load the file, which takes up to a minute for a large one. Raises `WeightsMissing`,
        `WeightsUnusable` or `DeviceUnavailable`."""
        _check(path, device)
        self.model = _load(path, device)
        self.vocabulary = llama_cpp.llama_model_get_vocab(self.model)
        self.words: int = llama_cpp.llama_vocab_n_tokens(self.vocabulary)
        """Number of tokens in the vocabulary."""
        self.trained_context: int = llama_cpp.llama_model_n_ctx_train(self.model)
        self.rewinds = not (
            llama_cpp.llama_model_is_recurrent(self.model)
            or llama_cpp.llama_model_is_hybrid(self.model)
        )
        """True if a sequence can be cut back, and its beginning copied to another one."""
        self.end = self._end()
        """The token that ends the model's message."""
        self._spaced = self._adds_space()
        try:
            self.shape = self._shape(path)
        except BaseException:
            self.free()
            raise

    def free(self) -> None:
        llama_cpp.llama_model_free(self.model)

    def tokens(self, text: str, *, special: bool) -> list[int]:
        """Tokenize text. With `special`, names of control tokens in the text become those tokens;
        never set it for a person's words."""
        encoded = text.encode()
        size = len(encoded) + 8
        found = (llama_cpp.llama_token * size)()
        count = llama_cpp.llama_tokenize(
            self.vocabulary, encoded, len(encoded), found, size, False, special
        )
        return found[:count]

    def piece(self, token: int) -> bytes:
        """Return the bytes of a token, which may be only a part of a character; empty for a control
        token."""
        buffer = ctypes.create_string_buffer(64)
        size = llama_cpp.llama_token_to_piece(self.vocabulary, token, buffer, 64, 0, False)
        if size < 0:
            buffer = ctypes.create_string_buffer(-size)
            size = llama_cpp.llama_token_to_piece(self.vocabulary, token, buffer, -size, 0, False)
        return buffer.raw[:size]

    def ends(self, token: int) -> bool:
        """Return True if the token ends the model's message."""
        return bool(llama_cpp.llama_vocab_is_eog(self.vocabulary, token))

    def is_control(self, token: int) -> bool:
        return bool(llama_cpp.llama_vocab_is_control(self.vocabulary, token))

    def plain(self, text: str, *, starts: bool) -> list[int]:
        """Tokenize text without control tokens. `starts` says that it follows one directly.
        Elsewhere the space that some vocabularies add at a start takes the place of the text's
        own."""
        own = text if starts or not self._spaced else text.removeprefix(" ")
        return self.tokens(own, special=False) if own else []

    def beginning(self) -> list[int]:
        """Return the tokens that the vocabulary requires at the very start of a text."""
        wanted = llama_cpp.llama_vocab_get_add_bos(self.vocabulary)
        return [llama_cpp.llama_vocab_bos(self.vocabulary)] if wanted else []

    def _end(self) -> int:
        turn = llama_cpp.llama_vocab_eot(self.vocabulary)
        return int(turn if turn >= 0 else llama_cpp.llama_vocab_eos(self.vocabulary))

    def _adds_space(self) -> bool:
        value = ctypes.create_string_buffer(16)
        key = b"tokenizer.ggml.add_space_prefix"
        llama_cpp.llama_model_meta_val_str(self.model, key, value, 16)
        sentencepiece = 1  # LLAMA_VOCAB_TYPE_SPM, the one kind that adds it unless told not to
        kind = llama_cpp.llama_vocab_type(self.vocabulary)
        return value.value != b"false" and bool(kind == sentencepiece)

    def _shape(self, path: Path) -> ChatShape:
        template = llama_cpp.llama_model_chat_template(self.model, None)
        if template is None:
            raise WeightsUnusable(f"{path} has no chat template; choose an instruct model")
        bos = self._name(llama_cpp.llama_vocab_bos(self.vocabulary))
        eos = self._name(llama_cpp.llama_vocab_eos(self.vocabulary))
        try:
            return learn(template.decode(), bos=bos, eos=eos)
        except TemplateUnusable as exc:
            raise WeightsUnusable(f"{path}: {exc}; choose another model") from exc

    def _name(self, token: int) -> str:
        if token < 0:
            return ""
        return bytes(llama_cpp.llama_vocab_get_text(self.vocabulary, token)).decode()


class LlamaChat:
    """Turns conversations into tokens for a loaded model."""

    def __init__(self, weights: LlamaWeights) -> None:
        self._weights = weights
        self._leads: dict[tuple[Role | None, Role], tuple[list[int], str]] = {}

    def role(self, index: int, role: Role) -> Role:
        return self._weights.shape.role(index, role)

    def message(self, before: Role | None, role: Role, content: str) -> list[int]:
        tokens, tail = self._lead(before, role)
        starts = bool(tokens) and self._weights.is_control(tokens[-1])
        return tokens + self._weights.plain(tail + content, starts=starts)

    def plain(self, text: str) -> list[int]:
        return self._weights.plain(text, starts=False)

    def _lead(self, before: Role | None, role: Role) -> tuple[list[int], str]:
        """Split a joint into the tokens up to its last control token and the text after it, which
        is tokenized together with the content, as it would be in a whole prompt."""
        if (before, role) not in self._leads:
            joint = self._weights.shape.joints[before, role]
            tokens = self._weights.tokens(joint, special=True)
            last = max((n for n, t in enumerate(tokens) if self._weights.is_control(t)), default=-1)
            tail = b"".join(map(self._weights.piece, tokens[last + 1 :])).decode(errors="replace")
            if not joint.endswith(tail):
                tail = tail.removeprefix(" ")  # the tokenizer's own
            head, tail = (tokens[: last + 1], tail) if joint.endswith(tail) else (tokens, "")
            if before is None and (beginning := self._weights.beginning()) != head[:1]:
                head = beginning + head
            self._leads[before, role] = head, tail
        return self._leads[before, role]


def _check(path: Path, device: Device) -> None:
    if not path.is_file():
        raise WeightsMissing(f"{path} is not there; fetch it with scripts/download_models.py")
    if device == "cuda" and not llama_cpp.llama_supports_gpu_offload():
        raise DeviceUnavailable(
            "llama-cpp-python was built without CUDA: rebuild it with CMAKE_ARGS=-DGGML_CUDA=on, "
            "or choose the device cpu"
        )


def _load(path: Path, device: Device) -> Any:
    llama_cpp.llama_log_set(_silence, ctypes.c_void_p())
    llama_cpp.llama_backend_init()
    asked: list[tuple[int, int]] = []
    progress = llama_cpp.llama_progress_callback(
        _before_the_first(lambda: asked.extend(huge_pages.ask_for_empty_blocks()))
    )
    params = llama_cpp.llama_model_default_params()
    params.n_gpu_layers = ALL_LAYERS if device == "cuda" else 0
    params.progress_callback = progress
    model = llama_cpp.llama_model_load_from_file(str(path).encode(), params)
    if not model:
        reason = _why_not(path, params)
        raise WeightsUnusable(f"{path} cannot be loaded ({reason}); fetch the file again")
    huge_pages.move(asked)
    return model


def _before_the_first(do: Callable[[], None]) -> Callable[[float, object], bool]:
    """Return what llama.cpp calls before it fills each tensor, all of which are allocated then; it
    goes on as long as that returns True."""
    done = False

    def fills(_: float, __: object) -> bool:
        nonlocal done
        if not done:
            done = True
            do()
        return True

    return fills


def _why_not(path: Path, params: Any) -> str:
    """Fail to load again, and return the first error in the log. Whoever loads something that can
    be loaded does not listen: each of a thousand lines would wait for Python's lock."""
    complaints: list[str] = []
    listener = llama_cpp.llama_log_callback(_listen(complaints))
    llama_cpp.llama_log_set(listener, ctypes.c_void_p())
    try:
        if model := llama_cpp.llama_model_load_from_file(str(path).encode(), params):
            llama_cpp.llama_model_free(model)
    finally:
        llama_cpp.llama_log_set(_silence, ctypes.c_void_p())
    return complaints[0] if complaints else "llama.cpp gives no reason"


def _listen(complaints: list[str]) -> Callable[[int, bytes, object], None]:
    def line(level: int, text: bytes, _: object) -> None:
        if level == _ERROR:
            complaints.append(text.decode(errors="replace").strip())

    return line
