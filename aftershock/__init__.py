"""Aftershock: what did this news do to the market, and was it more than noise?"""

__version__ = "0.1.0"
