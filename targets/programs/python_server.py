"""A plain WebSocket server on Python's websockets: told what to do in its last argument, says on one line where it listens."""

import asyncio
import http
import json
import os
import platform
import re
import sys
import threading
from urllib.parse import parse_qs, urlsplit

import websockets
from websockets.legacy.server import serve

request = json.loads(sys.argv[-1])
kind = request["kind"]
header_bytes = request["headerBytes"]
everyone = set()
rooms = {}


def room_of(path):
    """As the other targets: whatever is not a number of at most nine digits is room 0."""
    asked = parse_qs(urlsplit(path).query).get("room", [])
    return int(asked[0]) if len(asked) == 1 and re.fullmatch(r"[0-9]{1,9}", asked[0]) else 0


async def handle(socket, path):
    room = rooms.setdefault(room_of(path), set())
    everyone.add(socket)
    room.add(socket)
    try:
        async for message in socket:
            if kind in ("echo", "connect"):
                await socket.send(message)
            elif kind == "ack":
                await socket.send(message[:header_bytes])
            elif kind == "broadcast":
                websockets.broadcast(everyone, message)
            elif kind == "room":
                websockets.broadcast(room, message)
            elif kind == "presence":
                websockets.broadcast(room - {socket}, message)
    except websockets.ConnectionClosed:
        pass
    finally:
        everyone.discard(socket)
        room.discard(socket)


async def answer_http(path, headers):
    """Plain requests; None lets an upgrade go on."""
    if "upgrade" in headers:
        return None
    if urlsplit(path).path == "/health":
        return http.HTTPStatus.OK, [], b"ok"
    return http.HTTPStatus.NOT_FOUND, [], b"Not Found"


def end_with_parent():
    """The parent's end of stdin closes when it ends, however that comes about."""
    sys.stdin.buffer.read()
    os._exit(0)


async def main():
    server = await serve(
        handle,
        request["host"],
        request["port"],
        compression=None,
        process_request=answer_http,
        max_size=request["maxMessageBytes"],
        ping_interval=request["heartbeatMs"] / 1000,
        ping_timeout=request["heartbeatTimeoutMs"] / 1000,
        backlog=request["backlog"],
    )
    settings = {
        "runtime": f"{platform.python_implementation()} {platform.python_version()}",
        "websockets": getattr(websockets, "__version__", "unknown"),
        "backpressure": "send() waits for a slow reader, broadcast() does not",
    }
    port = server.sockets[0].getsockname()[1]
    print(json.dumps({"port": port, "settings": settings}), flush=True)
    threading.Thread(target=end_with_parent, daemon=True).start()
    await asyncio.Future()


asyncio.run(main())
