"""Recognizer, voice and end of turn on other machines: the wire, its server side and its client
side.

`serving` is what an engine server does with a connection, whatever carries it; `pool` keeps the
connections of a process to its engine servers, and `engines` has the contracts of contracts.py on
top of it.
"""
