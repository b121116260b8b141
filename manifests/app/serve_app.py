"""The application under test: every answer says who gave it.

POST /          one JSON object; with ?delay_ms=N after N ms
POST /stream    ?chunks=N&every_ms=M: N lines of JSON, the first at once and then one every M ms
POST /large     ?bytes=N: says what it received, and carries N bytes, each with a checksum

All paths are below the application's own route prefix. Any other gets a 404, so that a request for an application that is not there
is not answered by the one at "/" as if nothing were wrong.

`version` comes from the serve config (user_config), so that changing it is what a release changes.
`cluster` comes from the pod, where KubeRay writes the RayCluster's name: in a rollback the operator puts
the old serve config on the new cluster, and only this name still tells which side answered.
"""

import asyncio
import functools
import hashlib
import json
import os

from ray import serve
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

MAX_DELAY_MS = 60_000
MAX_CHUNKS = 1_000
MAX_EVERY_MS = 10_000
MAX_BYTES = 1024 * 1024


class BadRequest(Exception):
    """What is wrong with a request, for who sent it."""


@serve.deployment
class Zerodrop:
    def __init__(self):
        self._cluster = os.environ.get("RAY_CLUSTER_NAME", "")
        self._replica = serve.get_replica_context().replica_tag
        self._answer = {}

    def reconfigure(self, config):
        # One dict per version: a request answers from the one it found at its start, to its last chunk.
        self._answer = {
            "version": str(config["version"]),
            "cluster": self._cluster,
            "replica": self._replica,
        }

    async def __call__(self, request: Request) -> Response:
        answer = self._answer
        path = path_below_prefix(request)
        try:
            if path == "/":
                return await short(answer, request)
            if path == "/stream":
                return stream(answer, request)
            if path == "/large":
                return await large(answer, request)
            return JSONResponse({"error": f"there is nothing at {path}"}, status_code=404)
        except BadRequest as error:
            return JSONResponse({"error": str(error)}, status_code=400)


def path_below_prefix(request: Request) -> str:
    # Serve leaves the prefix in the path and names it as root_path.
    path = request.scope["path"].removeprefix(request.scope.get("root_path", "").rstrip("/"))
    return path or "/"


async def short(answer: dict, request: Request) -> Response:
    if "delay_ms" in request.query_params:
        await asyncio.sleep(whole_number(request, "delay_ms", MAX_DELAY_MS) / 1000)
    return JSONResponse(answer)


def stream(answer: dict, request: Request) -> Response:
    chunks = whole_number(request, "chunks", MAX_CHUNKS)
    every_ms = whole_number(request, "every_ms", MAX_EVERY_MS)

    async def lines():
        for chunk in range(chunks):
            if chunk > 0:
                await asyncio.sleep(every_ms / 1000)
            yield json.dumps({**answer, "chunk": chunk, "chunks": chunks}) + "\n"

    return StreamingResponse(lines(), media_type="application/x-ndjson")


async def large(answer: dict, request: Request) -> Response:
    size = whole_number(request, "bytes", MAX_BYTES)
    received = hashlib.sha256()
    length = 0
    async for part in request.stream():
        length += len(part)
        if length > MAX_BYTES:
            raise BadRequest(f"the body must be of at most {MAX_BYTES} bytes")
        received.update(part)
    payload, checksum = payload_of(size)
    return JSONResponse(
        {
            **answer,
            "received": length,
            "received_sha256": received.hexdigest(),
            "payload": payload,
            "payload_sha256": checksum,
        }
    )


@functools.lru_cache(maxsize=8)
def payload_of(size: int) -> tuple[str, str]:
    """Text of so many bytes, of which no two stretches of 64 bytes are alike, and its SHA-256."""
    payload = "".join(f"{at:->63}\n" for at in range(0, size, 64))[:size]
    return payload, hashlib.sha256(payload.encode()).hexdigest()


def whole_number(request: Request, name: str, most: int) -> int:
    text = request.query_params.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and int(text) <= most):
        raise BadRequest(f"{name} must be a whole number of at most {most}")
    return int(text)


app = Zerodrop.bind()
