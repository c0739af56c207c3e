"""Grammar: what sentences about photos and about music need alike, in English and in Korean."""
