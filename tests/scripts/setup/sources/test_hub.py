"""Files come whole, or not at all, with a sentence that says why."""

import asyncio
import functools
from pathlib import Path
from types import SimpleNamespace

import pytest

from ...counting import Counting
from ...hub import COMMIT, FakeHub, serving, sha256

CONTENT = bytes(range(256)) * 4096
SETTINGS = b'{"layers": 2}\n'


@pytest.fixture
def module(monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).parents[4] / "scripts")
    from setup.sources import fetch, hub, transfer

    return SimpleNamespace(
        Hub=hub.Hub,
        Sources=fetch.Sources,
        Wanted=transfer.Wanted,
        DownloadFailed=transfer.DownloadFailed,
        alone=transfer._alone,
    )


@pytest.fixture
def hub():
    return FakeHub(large={"sub/model.bin": CONTENT}, small={"config.json": SETTINGS})


@pytest.fixture
def wanted(module, tmp_path):
    """A maker of requests for the two files of the hub."""

    def make(name="sub/model.bin", **other):
        content = CONTENT if name.endswith(".bin") else SETTINGS
        given = {"size": len(content), "sha256": "", **other}
        return module.Wanted("me/it", COMMIT, name, tmp_path / "to" / Path(name).name, **given)

    return make


@pytest.fixture
def fetch(module, hub):
    """Fetch files from the hub; returns what the downloader returns, and the waits in between."""

    async def run(*files, endpoint=None, progress=None):
        waits: list[float] = []
        async with serving(hub) as url:
            downloader = module.Sources([module.Hub(endpoint or url)], pause=waits.append)
            call = functools.partial(downloader.fetch_all, files, progress or Counting())
            return await asyncio.to_thread(call), waits

    return run


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


async def test_files_are_fetched_and_their_hashes_returned(fetch, wanted, tmp_path):
    large, small = wanted(), wanted("config.json")
    progress = Counting()
    found, _ = await fetch(large, small, progress=progress)
    assert large.target.read_bytes() == CONTENT
    assert small.target.read_bytes() == SETTINGS
    assert found == {large.target: sha256(CONTENT), small.target: sha256(SETTINGS)}
    assert files_in(tmp_path) == ["config.json", "model.bin"]
    assert progress.bytes == len(CONTENT) + len(SETTINGS)
    assert sorted(progress.ended_files) == ["config.json", "sub/model.bin"]


async def test_a_broken_connection_goes_on_where_it_ended(fetch, wanted, hub):
    hub.files.breaks = [300_000, 200_000]
    progress = Counting()
    _, waits = await fetch(wanted(sha256=sha256(CONTENT)), progress=progress)
    assert wanted().target.read_bytes() == CONTENT
    assert hub.files.ranges == ["", "bytes=300000-", "bytes=500000-"]
    assert progress.bytes == len(CONTENT)
    assert waits == [1.0, 1.0]


async def test_without_a_new_byte_it_gives_up_and_keeps_what_it_has(fetch, wanted, hub, module):
    hub.files.breaks = [300_000, *[0] * 4]
    with pytest.raises(module.DownloadFailed, match="cannot be reached"):
        await fetch(wanted())
    assert not wanted().target.exists()
    await fetch(wanted())
    assert hub.files.ranges[-1] == "bytes=300000-"
    assert wanted().target.read_bytes() == CONTENT


async def test_a_server_that_sends_no_parts_starts_again(fetch, wanted, hub):
    hub.files.breaks, hub.files.sends_parts = [300_000], False
    progress = Counting()
    await fetch(wanted(), progress=progress)
    assert wanted().target.read_bytes() == CONTENT
    assert progress.bytes == len(CONTENT)


async def test_other_content_than_the_manifest_says_is_not_even_begun(fetch, wanted, hub, module):
    with pytest.raises(module.DownloadFailed, match="in the manifest: nothing was downloaded"):
        await fetch(wanted(sha256="0" * 64))
    with pytest.raises(module.DownloadFailed, match=r"1048576 bytes on .* 5 in the manifest"):
        await fetch(wanted(size=5))
    assert hub.files.ranges == []


@pytest.mark.parametrize("name", ["sub/model.bin", "config.json"])
async def test_content_that_the_hub_spoilt_is_removed(fetch, wanted, hub, module, name, tmp_path):
    hub.claims[name] = "a" * (64 if name == "sub/model.bin" else 40)
    with pytest.raises(module.DownloadFailed, match="other content than it should have"):
        await fetch(wanted(name))
    assert files_in(tmp_path) == []


async def test_a_small_file_is_compared_with_the_manifest_though_the_hub_gives_gits_hash(
    fetch, wanted, module
):
    await fetch(wanted("config.json", sha256=sha256(SETTINGS)))
    with pytest.raises(module.DownloadFailed, match="other content than it should have"):
        await fetch(wanted("config.json", sha256="b" * 64))


async def test_a_hub_without_a_hash_is_not_trusted(fetch, wanted, hub, module):
    hub.claims["config.json"] = "weak"
    with pytest.raises(module.DownloadFailed, match=r"gives no hash of config\.json"):
        await fetch(wanted("config.json"))


async def test_a_mirror_of_another_commit_is_refused(fetch, wanted, hub, module):
    hub.commit = "f" * 40
    with pytest.raises(module.DownloadFailed, match=r"gives the commit f+ of me/it"):
        await fetch(wanted())


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        ((404, "EntryNotFound"), "is not on"),
        ((404, "RevisionNotFound"), "is not on"),
        ((401, "RepoNotFound"), "is not on"),
        ((403, "GatedRepo"), "accept its terms"),
        ((503, ""), "answered 503"),
    ],
)
async def test_what_the_hub_refuses_is_a_sentence(fetch, wanted, hub, module, error, sentence):
    hub.error = error
    with pytest.raises(module.DownloadFailed, match=sentence) as failed:
        await fetch(wanted())
    assert len(str(failed.value).splitlines()) == 1


async def test_no_network_is_a_sentence(fetch, wanted, module):
    with pytest.raises(module.DownloadFailed, match="HF_ENDPOINT for a mirror"):
        await fetch(wanted(), endpoint="http://127.0.0.1:9")


async def test_a_full_disk_is_a_sentence(fetch, wanted, module):
    target = wanted().target
    target.parent.mkdir()
    target.with_name(f"model.bin.{sha256(CONTENT)[:12]}.part").symlink_to("/dev/full")
    with pytest.raises(module.DownloadFailed, match=r"the disk of .* is full"):
        await fetch(wanted())
    assert not target.exists()


async def test_two_downloads_do_not_write_one_file(fetch, wanted, module):
    target = wanted().target
    target.parent.mkdir()
    part = target.with_name(f"model.bin.{sha256(CONTENT)[:12]}.part")
    with part.open("ab") as other:
        module.alone(other, part)
        with pytest.raises(module.DownloadFailed, match="another download writes"):
            await fetch(wanted())


async def test_a_part_longer_than_the_file_is_begun_anew(fetch, wanted):
    target = wanted().target
    target.parent.mkdir()
    part = target.with_name(f"model.bin.{sha256(CONTENT)[:12]}.part")
    part.write_bytes(CONTENT + b"more")
    await fetch(wanted())
    assert target.read_bytes() == CONTENT


async def test_one_failure_stops_all(wanted, hub, module):
    async with serving(hub) as url:
        downloader = module.Sources([module.Hub(url)])
        with pytest.raises(module.DownloadFailed, match=r"gone\.bin of me/it"):
            await asyncio.to_thread(downloader.fetch_all, [wanted("gone.bin", size=1)], Counting())
        assert downloader.stopped.is_set()


async def test_a_download_that_is_stopped_leaves_only_a_part(wanted, hub, module, tmp_path):
    async with serving(hub) as url:
        downloader = module.Sources([module.Hub(url)])
        downloader.stopped.set()
        with pytest.raises(module.DownloadFailed, match="stopped"):
            await asyncio.to_thread(downloader.fetch_all, [wanted()], Counting())
    (part,) = files_in(tmp_path)
    assert part.endswith(".part")


async def test_storage_that_refuses_is_not_taken_for_the_disk(fetch, wanted, hub, module):
    hub.files.breaks = [-1]
    with pytest.raises(module.DownloadFailed, match="answered 503 for"):
        await fetch(wanted())
