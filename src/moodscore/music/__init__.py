"""Music: a trajectory becomes a plan, a score and a tune."""
