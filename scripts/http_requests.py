"""Requests as clients send them, and as they should not: seeded, from a grammar with mutations."""

import random

METHODS = ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "BREW", "get", "CONNECT", "TRACE", "PRI", "G(T"]
PATHS = ["/", "/a", "/a/b?c=d", "/a/./b", "/a/../b", "/../x", "/%2e%2E/x", "/a//b", "/a%2Fb", "/%41", "/%", "/%4", "/%zz",
         "/%00", "/a\\b", "/a|b", "/{a}", "/[a]", '/"a"', "/a#b", "/é", "/a\x7f", "/a\0b", "*", "a", "?a", "http://b/x", "http://b",
         "http://b?x", "HTTP://b:80/x", "http:///x", "http://u@b/x", "https://b/x", "ftp://b/x", "http://[::1]/x", "b:80", "//b/x",
         "/" + "x" * 3000, "/..", "/a/..", "/.", "/a/%2e", "/;a=b", "/a b",
         "/a?b[]=c|d", '/a?{"b":"c"}', "/a?b\\c^`", "/a?<b>", "/a?é", "/a?b#c", "/a?%zz", "/a?\x7f", "/a?b\0c", "/a?/../?", "http://b/?[c]"]
VERSIONS = ["HTTP/1.1", "HTTP/1.0", "HTTP/1.7", "HTTP/2.0", "HTTP/0.9", "HTTP/1.10", "http/1.1", "HTTP/1", "HTTP/11.1", "HTP/1.1", ""]
HOSTS = ["a", "a:80", "", "[::1]", "[::1]:80", "a:", ":80", "a:x", "a/b", "a b", "u@a", "[::1", "a,b", "é", "a:99999", "[a]", "a\tb", "%41", "%4"]
FIELDS = ["X: y", "X:y", "X:", "X: \t y \t", "X : y", "X y: z", "X", ": y", "X: é", "X: a\0b", "X: a\x0bb", "X: a\x7fb", "X: a\rb", "X: a\r\n b",
          "X: a\r\n\tb", " X: y", "X_Y: z", "X(: y", "Xé: y", "X\t: y", "X\0: y", "Expect: 100-continue", "Expect: tea", "Upgrade: h2c",
          "Connection: close", "Connection: keep-alive", "Connection: close, keep-alive", "Connection: CLOSE", "Connection: ,close,",
          "Connection: upgrade", "Content-Encoding: gzip", "Trailer: X", "TE: trailers", "Host: b", "Cookie: a", "X: " + "y" * 3000]
LENGTHS = ["{n}", "0{n}", "+{n}", "-{n}", "{n}, {n}", "{n},9", " {n} ", "", "x", "0x{n}", "{n}.0", "{n} {n}", "99999999999999999999",
           "9999999", "{n};a", "\t{n}", "{n}\x0b"]
CODINGS = ["chunked", "Chunked", " chunked ", "gzip, chunked", "chunked, gzip", "chunked, chunked", "gzip", "identity", "", "chunked;a=b",
           '"chunked"', ",chunked,", "\x0bchunked", "xchunked", "chunked\x0b", "identity, chunked"]
SIZES = ["{n:x}", "{n:X}", "000{n:x}", "0000000000000000000{n:x}", "+{n:x}", "-{n:x}", " {n:x}", "{n:x} ", "0x{n:x}", "", "g", "{n:x};a", "{n:x};a=b",
         '{n:x};a="b;c"', "{n:x} ; a = b", '{n:x};a="b', "{n:x};", "{n:x};=b", "{n:x};a;b", "{n:x} 1", "ffffffffffffffff", "10000000000000001",
         "{n:x};a\rb", "{n:x};\0", "{n:x};a=b c", "{n:x}\t"]
# Some of which would be requests where a reader lost its place.
BODIES = ["", "x", "hello", "0\r\n\r\n", "x" * 300, "GET /evil HTTP/1.1\r\nHost: a\r\n\r\n", "1\r\nx\r\n0\r\n\r\n"]
ENDS = ["\n", "\r", "\r\r\n", "\n\r", " \r\n", "\r\n\r\n"]


def rarely(chooser, common, odd, probability):
    """`common` most of the time, else one of `odd`."""
    return chooser.choice(odd) if chooser.random() < probability else common


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def stream(self):
        """The bytes of a connection: one to three requests, of which few are as they should be."""
        self.oddness = self.random.choice([0, 0.02, 0.05, 0.1, 0.2])
        text = "".join(self.request() for _ in range(self.random.choice([1, 1, 2, 3])))
        data = text.encode("utf-8")
        action = self.random.random()
        if action < 0.04 and data:
            data = data[:self.random.randrange(1, len(data) + 1)]
        elif action < 0.08 and data:
            position = self.random.randrange(len(data))
            data = data[:position] + bytes([self.random.randrange(256)]) + data[position + self.random.choice([0, 1]):]
        return data

    def odd(self, common, odd, factor=1.0):
        return rarely(self.random, common, odd, self.oddness * factor)

    def end(self):
        return self.odd("\r\n", ENDS, 0.3)

    def request(self):
        choose = self.random
        method = self.odd(choose.choice(METHODS[:4]), METHODS)
        target = self.odd(choose.choice(PATHS[:3]), PATHS, 3)
        version = self.odd(rarely(choose, "HTTP/1.1", ["HTTP/1.0"], 0.1), VERSIONS)
        space = [self.odd(" ", ["  ", "\t", "", " \t"], 0.3) for _ in range(2)]
        lines = [f"{method}{space[0]}{target}{space[1]}{version}"]
        body = choose.choice(BODIES)
        content = ""
        fields = [f"Host: {self.odd('a', HOSTS, 2)}"]
        if choose.random() < self.oddness * 0.3:
            fields = choose.choice([[], fields * 2])
        form = choose.choice(["none", "none", "length", "length", "chunked"])
        if self.oddness and choose.random() < self.oddness * 0.5:
            form = choose.choice(["both", "lengths", "codings"])
        if form in ("length", "both", "lengths"):
            fields.append("Content-Length: " + self.odd("{n}", LENGTHS, 2).format(n=len(body)))
            content = body
        if form == "lengths":
            fields.append("Content-Length: " + choose.choice(LENGTHS).format(n=len(body)))
        if form in ("chunked", "both", "codings"):
            fields.append("Transfer-Encoding: " + self.odd("chunked", CODINGS, 2))
            content = self.chunks(body)
        if form == "codings":
            fields.append("Transfer-Encoding: " + choose.choice(CODINGS))
        for _ in range(choose.choice([0, 0, 1, 2])):
            fields.append(self.odd(choose.choice(["X: y", "Accept: */*", "Connection: keep-alive"]), FIELDS, 3))
        choose.shuffle(fields)
        lines += fields
        prefix = self.odd("", ["\r\n", "\n", "\r\n\r\n", "\r", " ", "\0"], 0.3)
        return prefix + "".join(line + self.end() for line in lines) + self.end() + content

    def chunks(self, body):
        text, rest = "", body
        while rest:
            part, rest = rest[:max(1, len(rest) // 2)], rest[max(1, len(rest) // 2):]
            text += self.odd("{n:x}", SIZES).format(n=len(part)) + self.end() + part + self.end()
        trailer = self.odd("", ["X: y\r\n", "Content-Length: 5\r\n", "X : y\r\n", "X: a\r\n b\r\n", "GET /evil HTTP/1.1\r\n", "X: \0\r\n"])
        return text + self.odd("0", ["00", "0;a", "0 ", "-0", "0x0"]) + self.end() + trailer + self.end()
