"""Preparation: files and bytes become what networks eat. Serving and training both come through here."""
