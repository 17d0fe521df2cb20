"""Reserved for an engine that judges by sound and words whether a turn is over.

It has a module `engine` like any other (registry.py); what that loads is an `EndOfTurn` of
contracts.py, `end_of_turn` of the `Engines`. Until there is one the words alone decide, by the rule
of pipeline/conversation/endpointing.py.
"""
