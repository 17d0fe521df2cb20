"""`vivavoce serve` where another program is just as fast."""

import contextlib

import pytest

from models import fake
from scripts.measure.server import free_port
from service.commands.serve import serve
from service.http.listening import PortTaken, bound
from service.operations.stopping import Stop
from service.settings import Settings


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "localhost"])
async def test_of_two_that_start_at_once_the_slower_one_is_told_in_a_sentence(
    sqlite_url: str, host: str
) -> None:
    settings = Settings(host=host, port=free_port(), database_url=sqlite_url)
    with contextlib.closing(bound(settings)) as faster, contextlib.closing(bound(settings)) as mine:
        faster.listen()
        with pytest.raises(PortTaken, match=r"Something else is listening on .* already; stop it"):
            await serve(settings, fake.loaded(fake.engines()), mine, Stop())
