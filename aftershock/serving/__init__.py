"""The dashboard as a server for many readers: `aftershock serve`, alone or as one of several behind nginx (`deploy/`).

server   the ASGI application, warmed up, and uvicorn around it
health   /livez and /readyz
gates    who may open the websocket, and how much may be uploaded
logs     one JSON object per line
"""

from aftershock.serving.server import run

__all__ = ["run"]
