"""Film: a timeline, its one visibility envelope, and the only writer of video."""
