"""Data sets, one file each: paths in, examples with group-safe splits out."""
