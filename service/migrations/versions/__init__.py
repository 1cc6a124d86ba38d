"""One module per revision, in order of their numbers; a released one is never changed."""
