"""Weights: cards that say what a model is, and the one place where its file is checked and opened."""
