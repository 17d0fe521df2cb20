"""What can go wrong with an engine. Adapters translate their library's errors into these."""


class EngineError(Exception):
    """An engine could not do what it was asked to."""

    code = "engine_error"


class EngineBusy(EngineError):
    """The engine's queue is full; try again later."""

    code = "engine_busy"


class DeviceUnavailable(EngineError):
    """The wanted device (CUDA) is not on this machine, or the library was built without it."""

    code = "device_unavailable"


class ModelUnknown(EngineError):
    """No model of that id in the manifest, and no file of that path in the models folder."""

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
