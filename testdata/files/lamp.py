"""Keeps a light."""


class Lamp:
    """The light of a tower."""

    def light(self, sunset):
        """Half an hour before sunset."""
        self.burning = True
        return sunset - 1800


def period(seconds, panels):
    return seconds / panels
