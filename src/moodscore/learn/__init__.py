"""Learning: data, architectures, one training loop, and export to ONNX with a card. Needs the extra `learn`."""
