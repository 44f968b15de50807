"""How `serve` fails."""

LACKING = 3


class Failure(Exception):
    """Ends `serve` with a message and an exit code."""

    def __init__(self, message, code=1):
        super().__init__(message)
        self.code = code
