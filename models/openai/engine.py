"""A language model on another machine, which uses nothing of this one. See registry.py."""

from ..device import Machine
from ..manifest import Server
from .llm import OpenAiCompatibleLlm


def load(server: Server, _: Machine) -> OpenAiCompatibleLlm:
    return OpenAiCompatibleLlm(server.base_url, server.model, server.api_key)


def runs_on(_: Machine) -> str:
    return "its server"
