"""Seeing: media become readings and trajectories."""
