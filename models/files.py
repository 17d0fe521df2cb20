"""Describe a file of a model: what it must be, and where it can come from.

A file is what its SHA-256 says, wherever it came from. The sources are a repository of a model hub,
wheels of a package index, which are read as data and never installed, and a folder or web server of
the site, where it has the path that it has below the models folder.
"""

import msgspec


class Package(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A wheel of a package index that holds files of a model, or parts of them."""

    name: str
    version: str
    sha256: str
    """SHA-256 of the wheel."""
    size: int
    """Bytes of the wheel."""

    @property
    def wheel(self) -> str:
        """Return the name of the wheel, which has no code for one Python or processor."""
        return f"{self.name.replace('-', '_')}-{self.version}-py3-none-any.whl"


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A member of a wheel that is a file, or the next part of one."""

    package: str
    """Name of one of the model's packages."""
    member: str
    size: int


class File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    path: str
    """Path below the models folder, or below this package for the starter weights."""
    size: int
    sha256: str = ""
    """SHA-256 of the file; empty when it is not published. A download is then compared with what
    the hub says of the pinned revision, and a later change is detected by the hash seen then."""
    remote: str = ""
    """Name in the repository, if that is not the last part of `path`."""
    parts: tuple[Part, ...] = ()
    """Members of the model's packages that, put together in this order, are the file; empty when no
    package holds it."""

    @property
    def name(self) -> str:
        return self.remote or self.path.rpartition("/")[2]

    def __post_init__(self) -> None:
        if self.parts and sum(part.size for part in self.parts) != self.size:
            raise ValueError(f"the parts of {self.path} are not as long as the file")
        if self.parts and not self.sha256:
            raise ValueError(f"{self.path} has parts, but no hash to compare it with")


class Derived(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The making of a file from a fetched one, on the machine that runs it."""

    model: str
    """Id of the model whose first file is converted."""
    format: str
    """The library's name of the format: `Q4_0`."""
