"""Errors of the engines. Adapters translate their library's errors into these."""


class EngineError(Exception):
    """An engine could not do what was asked of it."""

    code = "engine_error"


class EngineBusy(EngineError):
    """The engine's queue is full; try again later."""

    code = "engine_busy"


class DeviceUnavailable(EngineError):
    """The requested device (CUDA) is not on this machine, or the library was built without it."""

    code = "device_unavailable"


class ModelUnknown(EngineError):
    """The manifest has no model with that id, and the models folder no file at that path."""

    code = "model_unknown"


class WeightsMissing(EngineError):
    """The model is known but its files are not on this machine."""

    code = "weights_missing"


class WeightsUnusable(EngineError):
    """The files are there but damaged, or not what the engine can load."""

    code = "weights_unusable"


class LanguageUnsupported(EngineError):
    """The model does not understand that language."""

    code = "language_unsupported"
