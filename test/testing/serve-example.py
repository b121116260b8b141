"""Serves the applications of a serve config as Ray Serve's replicas do, with Ray's own classes, without a Ray cluster.

serve-example.py SERVE_CONFIG: a JSON text. The applications' code is found by PYTHONPATH. Prints the port when it listens on 127.0.0.1.
"""

import asyncio
import importlib
import inspect
import json
import socket
import sys

import uvicorn
from ray.serve._private.common import DeploymentID, ReplicaID
from ray.serve.context import _set_internal_replica_context
from starlette.requests import Request


async def replica_of(application: dict):
    """An ASGI application of a replica of the application's only deployment."""
    module, name = application["import_path"].split(":")
    deployment = getattr(importlib.import_module(module), name)._bound_deployment
    [config] = application["deployments"]
    assert deployment.name == config["name"], f"the deployment is called {deployment.name}, not {config['name']}"
    # What @serve.ingress makes of a class has a constructor that is to be awaited.
    replica = deployment.func_or_class.__new__(deployment.func_or_class)
    made = replica.__init__()
    if inspect.isawaitable(made):
        await made
    replica.reconfigure(config["user_config"])
    if hasattr(replica, "_asgi_app"):
        # FastAPI's routes find the instance by the process' context, of which each replica has one: so no two of them here.
        _set_internal_replica_context(
            replica_id=ReplicaID("test", DeploymentID(name=deployment.name, app_name=application["name"])),
            servable_object=replica,
            _deployment_config=deployment._deployment_config,
            rank=None,
            world_size=1,
        )
        return replica

    async def called(scope, receive, send):
        response = await replica(Request(scope, receive, send))
        await response(scope, receive, send)

    return called


async def main(config: dict) -> None:
    replicas = {each["route_prefix"].rstrip("/"): await replica_of(each) for each in config["applications"]}

    async def routed(scope, receive, send):
        fits = [prefix for prefix in replicas if (scope["path"] + "/").startswith(prefix + "/")]
        # The longest prefix has it, and stays in the path.
        prefix = max(fits, key=len)
        await replicas[prefix]({**scope, "root_path": prefix}, receive, send)

    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    # Who is told the port may ask at once.
    listener.listen()
    print(listener.getsockname()[1], flush=True)
    server = uvicorn.Server(uvicorn.Config(routed, lifespan="off", log_level="warning"))
    await server.serve(sockets=[listener])


asyncio.run(main(json.loads(sys.argv[1])))
