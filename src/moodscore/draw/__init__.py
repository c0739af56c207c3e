"""Drawing: pictures of what the words say (plane, piano roll, spectrogram)."""
