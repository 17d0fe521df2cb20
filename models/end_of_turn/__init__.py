"""The end of a turn, judged by its sound: Smart Turn by onnxruntime.

What its module `engine` loads is an `EndOfTurn` of contracts.py. The rule in
pipeline/conversation/endpointing.py weighs its probability against the words and the silence;
without it those decide alone.
"""
