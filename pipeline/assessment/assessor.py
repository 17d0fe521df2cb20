"""The assessing language model: its id, how it is asked, and what its size says of it. Pure.

Models differ in what they can be asked. A form that a model cannot fill in sensibly still comes
back filled in, so the form follows from the model, by the manifest.
"""

from dataclasses import dataclass

from models.manifest import AssessmentForm, LanguageModel, Manifest

FIT_BILLIONS = 3.0
"""Parameters, in billions, from which a model may be more than a demonstration of an assessment."""
SMALL_BYTES = 1_800_000_000
"""Size of a file with `FIT_BILLIONS` parameters of 4 to 5 bits."""

_VERSIONS: dict[AssessmentForm, str] = {
    "answers": "criteria-1",
    "sentences": "sentences-5",
    "rating": "answers-3",
}


@dataclass(frozen=True, slots=True)
class Assessor:
    model: str = ""
    """Id of the model, to be stamped on the result."""
    form: AssessmentForm = "answers"
    billions: float = 0.0
    """Parameters in billions; 0 when not known."""
    demonstration: bool = False
    """True for a model that the manifest lists as one for demonstrations."""

    @property
    def prompt_version(self) -> str:
        """Return a version that changes with every change to the prompt and to how its answer is
        read."""
        return _VERSIONS[self.form]

    @property
    def demonstrates(self) -> bool:
        """Return True if its scores only show what an assessment looks like."""
        return self.demonstration or 0 < self.billions < FIT_BILLIONS

    @property
    def named(self) -> str:
        size = f" ({self.billions:g} billion parameters)" if self.billions else ""
        return f"language model {self.model or '(not recorded)'}{size}"

    @property
    def described(self) -> str:
        """Return a sentence for the report: which model judged, and how far to trust it."""
        if self.demonstrates:
            return (
                f"The {self.named} judged the answers. It is too small for that: this assessment is"
                " a demonstration, and its scores say little about the candidate."
            )
        return f"The {self.named} judged the answers."


UNKNOWN = Assessor()
"""A model of which nothing is known; it is asked like a large one."""


def assessor_of(model: str, manifest: Manifest, size: int = 0) -> Assessor:
    """Return the assessor that the manifest describes. A model that it does not list, on a server
    or of the operator's own, is asked like a large one, unless the `size` of its file in bytes is
    known to be small."""
    for each in manifest.model:
        if isinstance(each, LanguageModel) and each.id == model:
            return Assessor(model, each.assessment, each.billions, each.demonstration)
    if 0 < size < SMALL_BYTES:
        return Assessor(model, "sentences", demonstration=True)
    return Assessor(model)
