"""Measures: pure metrics on words, the same verbs in each file (validate, one function per metric, evaluate)."""
