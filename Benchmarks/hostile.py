"""Clients that no server wants, each kind in a thread of its own: hostile.py PORT SECONDS IMAGE [KIND...]

Where kinds are named, one client of each comes after another without a pause.
"""
import collections
import pathlib
import random
import socket
import struct
import sys
import threading
import time


class BadClients:
    """Runs every kind of bad client until the end of a `with` block, and counts what became of them."""

    def __init__(self, port, image, kinds=(), pause=0.02):
        self.port, self.image, self.pause = port, image, pause
        self.counts = collections.Counter()
        self.stopping = threading.Event()
        all_kinds = (self.garbage, self.bad_heads, self.broken_images, self.leavers, self.smugglers, self.slow_heads,
                     self.slow_readers, self.wrong_routes, self.resets, self.bad_lessons)
        self.threads = [threading.Thread(target=self.run, args=(kind,), daemon=True)
                        for kind in all_kinds if not kinds or kind.__name__ in kinds]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join(timeout=30)

    def summary(self):
        return ", ".join(f"{name} {count}" for name, count in sorted(self.counts.items()))

    def run(self, kind):
        seed = random.Random(kind.__name__)
        while not self.stopping.is_set():
            try:
                kind(seed)
            except OSError as error:
                self.counts[f"{kind.__name__}: {type(error).__name__}"] += 1
            self.stopping.wait(self.pause)

    def connect(self, receive_buffer=None):
        connection = socket.socket()
        if receive_buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        connection.settimeout(20)
        connection.connect(("127.0.0.1", self.port))
        return connection

    def ask(self, kind, request):
        """Sends it all and counts the status of the first answer."""
        with self.connect() as connection:
            try:
                connection.sendall(request)
                answer = connection.recv(4096)
            except ConnectionError:
                answer = b""
            self.counts[f"{kind} {answer[9:12].decode('latin-1') or 'closed'}"] += 1

    def garbage(self, seed):
        self.ask("garbage", seed.randbytes(seed.randrange(1, 4096)))

    def bad_heads(self, seed):
        head = seed.choice([
            b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/3.0\r\nHost: localhost\r\n\r\n", b"GET /" + b"a" * 40000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 5000 + b"\r\n", b"GET / HTTP/1.1\nHost: a\n\n",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET / HTTP/1.1\r\nHost: localhost\r\nA : b\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"])
        self.ask("bad head", head)

    def broken_images(self, seed):
        image = bytearray(self.image)
        for _ in range(20):
            image[seed.randrange(len(image))] = seed.randrange(256)
        image = image[:seed.randrange(1, len(image) + 1)]
        self.ask("broken image", b"POST /classify HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(image) + image)

    def leavers(self, seed):
        with self.connect() as connection:
            connection.sendall(b"POST /classify HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(self.image))
            connection.sendall(self.image[:seed.randrange(len(self.image) + 1)])
        self.counts["left before the answer"] += 1

    def smugglers(self, seed):
        self.ask("smuggler", b"POST /classify HTTP/1.1\r\nHost: localhost\r\nContent-Length: 6\r\n" + seed.choice(
            [b"Transfer-Encoding: chunked\r\n", b"Content-Length: 7\r\n", b"Transfer-Encoding: xchunked\r\n"]) + b"\r\n0\r\n\r\nG")

    def slow_heads(self, seed):
        """Forty at once: a byte now and then until the server ends it."""
        slow = [self.connect() for _ in range(40)]
        for connection in slow:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
        for _ in range(20):
            if self.stopping.wait(1):
                break
            for connection in list(slow):
                try:
                    connection.sendall(b"X")
                except OSError:
                    connection.close()
                    slow.remove(connection)
                    self.counts["slow head ended"] += 1
        for connection in slow:
            connection.close()

    def slow_readers(self, seed):
        slow = [self.connect(receive_buffer=2048) for _ in range(20)]
        for connection in slow:
            connection.sendall(b"GET /openapi.yaml HTTP/1.1\r\nHost: localhost\r\n\r\n" * 20)
        for _ in range(10):
            if self.stopping.wait(1):
                break
            for connection in slow:
                try:
                    connection.recv(16)
                except OSError:
                    pass
        for connection in slow:
            connection.close()
        self.counts["slow readers"] += 20

    def wrong_routes(self, seed):
        target = seed.choice([b"/nowhere", b"/classify?top_k=x", b"/jobs/1", b"/../../etc/passwd", b"/%zz", b"/models/none"])
        self.ask("wrong route", b"GET " + target + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")

    def resets(self, seed):
        connection = self.connect()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.sendall(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n" * seed.randrange(1, 200))
        connection.close()
        self.counts["resets"] += 1

    def bad_lessons(self, seed):
        body = seed.choice([b"{", b"[]", b'{"head": "a"}', b'{"images": ["' + b"A" * 5000 + b'"]}', seed.randbytes(500)])
        kind = seed.choice([b"application/json", b"multipart/form-data; boundary=x", b"application/zip", b"text/plain"])
        self.ask("bad lesson", b"POST /fine-tune?head=h HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
                 % (kind, len(body)) + body)


if __name__ == "__main__":
    _, port, seconds, image, *named = sys.argv
    with BadClients(int(port), pathlib.Path(image).read_bytes(), named, pause=0 if named else 0.02) as clients:
        time.sleep(float(seconds))
    print(clients.summary())
