"""How a model is asked follows from the manifest, and for others from the size of their file."""

import pytest

from models.manifest import LanguageModel, read
from pipeline.assessment.assessor import FIT_BILLIONS, SMALL_BYTES, Assessor, assessor_of

LISTED = [each for each in read().model if isinstance(each, LanguageModel)]


@pytest.mark.parametrize("listed", LISTED, ids=lambda each: each.id)
def test_every_listed_model_has_a_form_that_fits_its_size(listed):
    found = assessor_of(listed.id, read())
    small = listed.demonstration or listed.billions < FIT_BILLIONS
    assert found.demonstrates is small
    assert (found.form == "answers") is not small
    assert listed.billions or listed.demonstration


def test_the_starter_interviewer_is_asked_like_every_small_model():
    assert assessor_of("starter-interviewer", read()).form == "sentences"


@pytest.mark.parametrize(
    ("size", "form"), [(0, "answers"), (SMALL_BYTES - 1, "sentences"), (SMALL_BYTES, "answers")]
)
def test_of_a_model_that_is_not_listed_the_size_of_its_file_decides(size, form):
    found = assessor_of("own/model.gguf", read(), size)
    assert (found.form, found.demonstrates) == (form, form == "sentences")


def test_a_model_without_a_name_is_said_to_be_unknown():
    assert "not recorded" in Assessor().described
