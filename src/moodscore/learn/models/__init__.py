"""Architectures, one self-contained file each."""
