"""The one error of the knowledge: content that is broken stops the process at start."""


class KnowledgeError(ValueError):
    """A file of the knowledge is broken; the message names the file, the row and what is wrong."""
