"""What a manifest may say of a parrot."""

import msgspec


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sure: float = 0.5
