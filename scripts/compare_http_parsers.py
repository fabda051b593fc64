"""compare_http_parsers.py ECHO-SERVER DIFFERENCES COUNT: how Martlet's parser reads COUNT generated connections, beside nginx
and h11. Prints how often each kind of disagreement occurs; fails where one is not listed in DIFFERENCES, which says why
each is right. Framing is never listed: two readers that see different requests in one stream is how requests are smuggled.
"""

import asyncio
import collections
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.parse

import h11

from http_requests import Generator

# How many seconds a server may say nothing before it is told that no more comes, and then until it closes.
SILENCE, END = 3.0, 60.0
CONNECTIONS = 200

# requests: (method, target, length of the body); end: open, closed, or refused; status and reason of a refusal.
Outcome = collections.namedtuple("Outcome", "requests end status reason", defaults=(None, None))

NGINX = """
daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
  access_log off; merge_slashes off; client_max_body_size 1m; large_client_header_buffers 4 32k; keepalive_requests 100000;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  # What nginx makes of the path, where it can stand in a field.
  map $uri $shown {{ "~^[\\x21-\\x7e]*$" $uri; default "-"; }}
  server {{
    listen 127.0.0.1:{port};
    proxy_ignore_client_abort on;
    location / {{ proxy_pass http://127.0.0.1:{backend}; proxy_set_header X-Path $shown; }}
  }}
}}
"""

# A request that asks for both: whether another may follow is no question of framing.
CLOSE_AND_KEEP = re.compile(rb"\nConnection:[^\r]*close[^\r]*\r\n(?:.+\r\n)*Connection: keep-alive\r\n", re.I)
# Two readers that see different requests in one stream.
FRAMING = ("sees another request", "frames otherwise", "goes on")


# Peers

async def ask(port, stream):
    """Sends a stream to a server on `port` and reads what it answers: the bytes, and whether it closed by itself."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer, told = b"", False
    try:
        writer.write(stream)
        while True:
            try:
                part = await asyncio.wait_for(reader.read(1 << 16), END if told else SILENCE)
            except asyncio.TimeoutError:
                if told:
                    raise
                told = True
                writer.write_eof()
                continue
            if not part:
                break
            answer += part
    except ConnectionError:
        pass
    writer.close()
    return answer, not told


def outcome(answer, closed):
    """What a server's answers say."""
    requests, rest, ends = [], answer, closed
    while rest:
        if not rest.startswith(b"HTTP/1."):  # HTTP/0.9
            return Outcome(tuple(requests), "HTTP/0.9")
        head, _, rest = rest.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        status = int(lines[0].split(" ")[1])
        fields = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
        if status == 100:
            continue
        echo = fields.get("x-echo")
        if echo and not echo.startswith("HEAD ") or (not echo and not rest.startswith(b"HTTP/1.")):
            rest = rest[int(fields.get("content-length", 0)):]
        if not echo:
            return Outcome(tuple(requests), "refused", status, fields.get("x-reason", str(status)))
        method, target, length = echo.split(" ")
        requests.append((method, target, int(length)))
        ends = closed or fields.get("connection") == "close"
    return Outcome(tuple(requests), "closed" if ends else "open")


def read_with_h11(stream):
    connection, requests, request = h11.Connection(h11.SERVER, max_incomplete_event_size=32 << 10), [], None
    connection.receive_data(stream)
    try:
        while True:
            event = connection.next_event()
            if event in (h11.NEED_DATA, h11.PAUSED):
                if connection.our_state is h11.MUST_CLOSE:
                    return Outcome(tuple(requests), "closed")
                return Outcome(tuple(requests), "open")
            if isinstance(event, h11.Request):
                request, length = event, 0
                if request.method == b"CONNECT":  # which it leaves to its caller
                    return Outcome(tuple(requests), "refused", 501, "proxy-request")
                if connection.they_are_waiting_for_100_continue:
                    connection.send(h11.InformationalResponse(status_code=100, headers=[]))
            elif isinstance(event, h11.Data):
                length += len(event.data)
            elif isinstance(event, h11.EndOfMessage):
                requests.append((request.method.decode(), request.target.decode("latin-1"), length))
                connection.send(h11.Response(status_code=200, headers=[("Content-Length", "0")]))
                connection.send(h11.EndOfMessage())
                if connection.our_state is not h11.DONE:
                    return Outcome(tuple(requests), "closed")
                connection.start_next_cycle()
    except h11.RemoteProtocolError as error:
        text = re.sub(r"[^a-z]+", " ", re.sub(r"\(.*|:.*|b?'.*", "", str(error).lower())).strip()
        return Outcome(tuple(requests), "refused", error.error_status_hint, text)


async def backend(reader, writer):
    """What nginx hands on, which it has framed itself: answers with how it looks."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        fields = {name.lower(): value for name, _, value in (line.partition(": ") for line in head.split("\r\n")[1:])}
        length = int(fields.get("content-length", 0))
        await reader.readexactly(length)
        echo = f"{head.split(' ')[0]} {fields.get('x-path', '-')} {length}"
        content = "" if echo.startswith("HEAD ") else echo
        writer.write(f"HTTP/1.0 200 OK\r\nX-Echo: {echo}\r\nContent-Length: {len(echo)}\r\n\r\n{content}".encode("latin-1"))
        await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    writer.close()


# Comparison

def same_request(ours, theirs, peer):
    if ours[0] != theirs[0] or ours[2] != theirs[2]:
        return False
    if peer == "h11" or theirs[1] == "-":  # h11 does not look into targets
        return True
    return urllib.parse.unquote(ours[1].split("?")[0]) == theirs[1]


def difference(ours, theirs, peer, stream):
    """The kind of disagreement, or None. Those of FRAMING are what no list excuses."""
    agreeing = 0
    for our, their in zip(ours.requests, theirs.requests):
        if not same_request(our, their, peer):
            return f"{peer} sees another request"
        agreeing += 1
    if theirs.end == "HTTP/0.9":
        return f"{peer} accepts: HTTP/0.9"
    if len(theirs.requests) < len(ours.requests):
        if theirs.end == "refused":
            return f"{peer} refuses: {cause(theirs, ours.requests[agreeing], stream)}"
        return f"{peer} closes" if theirs.end == "closed" else f"{peer} frames otherwise"
    if ours.end == "refused":
        if len(theirs.requests) > len(ours.requests):
            return f"{peer} accepts: {ours.reason}"
        if theirs.end != "refused":
            return f"{peer} {'waits' if theirs.end == 'open' else 'closes'} where Martlet refuses"
        if ours.status // 100 != theirs.status // 100:
            return f"{peer} refuses with another class of status"
        return None
    if len(theirs.requests) > len(ours.requests):
        if ours.end == "closed":
            return f"{peer} leaves open what is closed" if CLOSE_AND_KEEP.search(stream) else f"{peer} goes on"
        return f"{peer} frames otherwise"
    if theirs.end == "refused":
        return f"{peer} refuses what has not come whole"
    return None if ours.end == theirs.end else f"{peer} leaves {theirs.end} what is {ours.end}"


def cause(theirs, request, stream):
    """Why a peer may refuse a request that Martlet takes: nginx says no more than 400."""
    if theirs.reason != "400":
        return theirs.reason
    if not re.fullmatch("[A-Z_-]+", request[0]):
        return "method"
    if re.search(rb":[ \t]*\t", stream):
        return "tab before a value"
    if re.search(rb" (http://[^/ ]*)?/(\.|%2e){2}[/ ?]", stream, re.I):
        return "path above the root"
    return "empty Host" if re.search(rb"\nHost:[ \t]*\r", stream) else "400"


async def main(echo_server, differences, count):
    listed = set(re.findall(r"^\| `([^`]+)` \|", pathlib.Path(differences).read_text(), re.M))
    if framing := [kind for kind in listed if kind.endswith(FRAMING)]:
        sys.exit(f"{differences} may not list differences of framing, found {framing}")
    generator = Generator(seed=7)
    streams = [generator.stream() for _ in range(count)]
    found, examples = collections.Counter(), {}
    echo = subprocess.Popen([echo_server], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with tempfile.TemporaryDirectory() as folder:
        upstream = await asyncio.start_server(backend, "127.0.0.1", 0, backlog=1000)
        probe = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
        nginx_port = probe.sockets[0].getsockname()[1]
        probe.close()
        await probe.wait_closed()
        configuration = pathlib.Path(folder, "nginx.conf")
        configuration.write_text(
            NGINX.format(folder=folder, port=nginx_port, backend=upstream.sockets[0].getsockname()[1]))
        nginx = subprocess.Popen(["nginx", "-p", folder, "-c", configuration, "-e", f"{folder}/error.log"])
        try:
            martlet_port = int(echo.stdout.readline())
            for _ in range(100):
                try:
                    (await asyncio.open_connection("127.0.0.1", nginx_port))[1].close()
                    break
                except ConnectionError:
                    await asyncio.sleep(0.1)
            turn = asyncio.Semaphore(CONNECTIONS)

            async def compare(stream):
                async with turn:
                    answers = await asyncio.gather(ask(martlet_port, stream), ask(nginx_port, stream))
                ours, nginx_outcome = (outcome(*answer) for answer in answers)
                for peer, theirs in [("nginx", nginx_outcome), ("h11", read_with_h11(stream))]:
                    if kind := difference(ours, theirs, peer, stream):
                        found[kind] += 1
                        if len(stream) < len(examples.get(kind, (b"x" * 10000,))[0]):
                            examples[kind] = (stream, ours, theirs)

            await asyncio.gather(*(compare(stream) for stream in streams))
        finally:
            nginx.terminate()
            echo.stdin.close()
            nginx.wait()
            echo.wait()
    for kind, times in sorted(found.items()):
        print(f"{times:6} {kind}{'' if kind in listed else '  NOT LISTED'}")
        if kind not in listed:
            stream, ours, theirs = examples[kind]
            print(f"       {stream!r}\n       martlet: {ours}\n       peer: {theirs}")
    print(f"{sum(found.values())} disagreements of {len(found)} kinds in {count} connections")
    for kind in sorted(listed - set(found)):
        print(f"       listed, but not found: {kind}")
    sys.exit(bool(set(found) - listed))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
