"""The studio: a social web application where a photo becomes a post with music of its own."""
