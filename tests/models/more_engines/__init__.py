"""Engines that are in no manifest but those of tests: what a folder of another engine is like."""
