"""Speed of the service against a baseline that only parses, in one run (`make bench`)."""
