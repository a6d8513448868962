"""A node of the design that Orrery started from: FastAPI answers /rpc, and a pooled httpx client calls other nodes.

    node.py <node id> <port> [<other node's id>=<its port> ...]
"""

import itertools
import sys
import threading
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

NODE_ID, PORT = sys.argv[1], int(sys.argv[2])
REGISTRY = dict(node.split("=") for node in sys.argv[3:])


class Echo:
    """The service: each node has one."""

    async def say(self, text: str, n: int) -> dict[str, Any]:
        return {"text": text, "n": n + 1}


SERVICES = {"echo": Echo()}


class Proxy:
    """proxy.service.target.method(**kwargs), on this node or another one."""

    def __init__(self) -> None:
        self._ids = itertools.count(1)
        self._http = httpx.AsyncClient(limits=httpx.Limits(max_connections=100, max_keepalive_connections=100))

    async def call(self, service: str, target: str, method: str, params: dict[str, Any]) -> Any:
        if target == NODE_ID:
            return await getattr(SERVICES[service], method)(**params)
        request = {"jsonrpc": "2.0", "method": f"{service}/{target}/{method}", "params": params, "id": next(self._ids)}
        response = await self._http.post(f"http://127.0.0.1:{REGISTRY[target]}/rpc", json=request)
        return response.json()["result"]


class RpcRequest(BaseModel):
    jsonrpc: str
    method: str
    params: dict[str, Any]
    id: int


PROXY = Proxy()
app = FastAPI(on_startup=[lambda: print("ready", flush=True)])


@app.post("/rpc", response_model=None)
async def rpc(request: RpcRequest) -> dict[str, Any]:
    result = await PROXY.call(*request.method.split("/"), request.params)
    return {"jsonrpc": "2.0", "result": result, "id": request.id}


def end_with_starter() -> None:
    sys.stdin.read()
    server.should_exit = True


server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=PORT, access_log=False, log_level="warning"))
threading.Thread(target=end_with_starter, daemon=True).start()
server.run()
