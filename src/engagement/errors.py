"""The one error a reader of the terminal is meant to act on."""


class ConfigurationError(Exception):
    """Something the user can put right: the message is one line with file, row and remedy."""
