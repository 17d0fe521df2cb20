"""Errors at the edge: answers to requests, and reasons not to start.

The message of every error is shown to a person; none of them repeats what a candidate said.
"""


class ServiceError(Exception):
    """A request that cannot be answered as asked; `status` is the HTTP status."""

    code = "service_error"
    status = 500
    retry_after: int | None = None
    """Seconds after which a retry makes sense (`Retry-After`)."""


class BadRequest(ServiceError):
    """The body is not JSON, or ends before it is complete."""

    code = "bad_request"
    status = 400


class Unprocessable(ServiceError):
    """The body is JSON, but a field is missing, of the wrong type or too long."""

    code = "unprocessable"
    status = 422


class NotSignedIn(ServiceError):
    """The request brought no API key or token, or none that is valid here."""

    code = "not_signed_in"
    status = 401


class Forbidden(ServiceError):
    """The caller has no access to this."""

    code = "forbidden"
    status = 403


class InterviewUnknown(ServiceError):
    """There is no interview of that id."""

    code = "interview_unknown"
    status = 404


class InterviewErased(InterviewUnknown):
    """The interview was erased; its id leads to no other one."""

    code = "interview_erased"


class InterviewOver(ServiceError):
    """The interview was completed or cancelled; it cannot be held again."""

    code = "interview_over"
    status = 409


class InterviewInProgress(ServiceError):
    """The interview may be going on, so it cannot be erased."""

    code = "interview_goes_on"
    status = 409


class DeletedByRetention(ServiceError):
    """The data asked for has reached its retention limit and was deleted."""

    code = "deleted_by_retention"
    status = 410


class ConsentMissing(ServiceError):
    """The interview cannot begin before the candidate has agreed to the present text."""

    code = "consent_missing"
    status = 403


class InterviewNotMade(ServiceError):
    """The database refused the new interview, by constraints of its own."""

    code = "interview_not_made"
    status = 409


class ScoreUnknown(ServiceError):
    """The interview's assessment has no question of that number."""

    code = "score_unknown"
    status = 404


class NotAssessed(ServiceError):
    """The interview is not finished, so there is no assessment to work on."""

    code = "not_assessed"
    status = 409


class AssessmentFailed(ServiceError):
    """The language model failed while an interview was assessed again; the result that was there
    stays."""

    code = "assessment_failed"
    status = 503
    retry_after = 60


class BodyTooLarge(ServiceError):
    """The body is larger than this route accepts."""

    code = "body_too_large"
    status = 413


class ReadingTooMuch(ServiceError):
    """The service is already reading as many doubtful bodies as it may at once: compressed ones,
    and those not known to belong to an interview."""

    code = "busy"
    status = 503
    retry_after = 5


class NoCapacity(ServiceError):
    """The machine already holds as many interviews as it can serve."""

    code = "full"
    status = 503
    retry_after = 30


class ClientLeft(ServiceError):
    """The client has gone before its socket was opened, so nobody gets this answer."""

    code = "client_left"
    status = 400

    def __init__(self) -> None:
        super().__init__("The client has left.")


class ShuttingDown(NoCapacity):
    """The service is about to stop, so no new interview begins here."""

    code = "shutting_down"
    retry_after = 10


class DatabaseUnavailable(ServiceError):
    """The database does not answer or cannot be written to now."""

    code = "database_unavailable"
    status = 503
    retry_after = 5


class RecordingUnknown(ServiceError):
    """The interview has no recording of that number."""

    code = "recording_unknown"
    status = 404


class RecordingsUnavailable(ServiceError):
    """The folder of the recordings cannot be read, or something in it cannot be deleted."""

    code = "recordings_unavailable"
    status = 503
    retry_after = 5


class StartError(Exception):
    """The service cannot start; the message is one sentence that says what to do."""


class SettingInvalid(StartError):
    """A setting is misspelt or has a value that is not allowed."""


class DatabaseUnreachable(StartError):
    """The database cannot be opened."""


class SchemaBehind(StartError):
    """The database lacks tables that this version needs, and this process may not create them
    now."""


class ProductTablesUnusable(StartError):
    """The database has a product's own tables, and interviews cannot be held in them."""


class SchemaTooNew(StartError):
    """A newer version of the program has changed the database."""


class PoolerUnsuitable(StartError):
    """The way to the database goes through a pooler that replicas cannot use."""


class RecordingsNotShared(StartError):
    """The folder of the recordings is not the one that the other replicas have."""


class ReplicasThere(StartError):
    """Replicas use the database of a service that is none."""
