"""Reserved for an engine that judges by sound and words whether a turn is over.

Such a folder has a module `engine` like any other (registry.py); what it loads is an
`EndOfTurn` of contracts.py. Until there is one the words alone decide, by the rule of
pipeline/conversation/endpointing.py, which pipeline/conversation/end_of_turn.py has in that form.
"""
