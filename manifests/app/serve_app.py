"""The application under test: every answer says who gave it.

`version` comes from the serve config (user_config), so that changing it is what a release changes.
`cluster` comes from the pod, where KubeRay writes the RayCluster's name: in a rollback the operator puts
the old serve config on the new cluster, and only this name still tells which side answered.
"""

import asyncio
import os

from ray import serve
from starlette.requests import Request
from starlette.responses import JSONResponse

MAX_DELAY_MS = 60_000


@serve.deployment
class Zerodrop:
    def __init__(self):
        self._cluster = os.environ.get("RAY_CLUSTER_NAME", "")
        self._replica = serve.get_replica_context().replica_tag
        self._answer = {}

    def reconfigure(self, config):
        # One dict per version: a request answers from the one it found at its start.
        self._answer = {
            "version": str(config["version"]),
            "cluster": self._cluster,
            "replica": self._replica,
        }

    async def __call__(self, request: Request) -> JSONResponse:
        answer = self._answer
        asked = request.query_params.get("delay_ms")
        if asked is not None:
            if not (asked.isascii() and asked.isdigit() and len(asked) <= 9):
                return JSONResponse({"error": "delay_ms must be a whole number of ms"}, status_code=400)
            await asyncio.sleep(min(int(asked), MAX_DELAY_MS) / 1000)
        return JSONResponse(answer)


app = Zerodrop.bind()
