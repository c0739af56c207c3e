"""The versions of the database, one file each, numbered in their order."""
