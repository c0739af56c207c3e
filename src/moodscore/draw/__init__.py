"""Drawing: pictures of what the words say (plane, contact sheet, piano roll, spectrogram)."""
