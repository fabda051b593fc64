"""Servers to measure, each in a process group of its own, and what their processes hold."""
import contextlib
import json
import os
import pathlib
import re
import signal
import ssl
import subprocess
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
MARTLET = ROOT / ".build/release/martlet"
LOAD = ROOT / "Benchmarks/load/.build/release/load"
PORT = 18090
URL = f"http://127.0.0.1:{PORT}"


@contextlib.contextmanager
def serving(command, image, scheme="http", **options):
    """Starts a server, waits until it classifies `image`, and ends it and its children."""
    process = subprocess.Popen(
        [str(part) for part in command], start_new_session=True, stdout=subprocess.DEVNULL, **options)
    try:
        wait_until_ready(process, image, scheme)
        yield process.pid
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def martlet(image, *flags, models=ROOT / "models", scheme="http"):
    command = [MARTLET, "serve", "--models", models, "--port", PORT, "--log-level", "error", *flags]
    return serving(command, image, scheme)


def fastapi(image, python, model, side):
    command = [python, "-m", "uvicorn", "app:app", "--port", PORT, "--workers", "2", "--log-level", "warning"]
    environment = os.environ | {"MODEL": str(model), "SIDE": str(side)}
    return serving(command, image, cwd=ROOT / "Benchmarks/fastapi", env=environment)


def versions(python):
    """Of what the server that martlet is compared with is made of."""
    code = ("from importlib.metadata import version; import json\n"
            "print(json.dumps({name: version(name) for name in ('onnxruntime', 'pillow', 'fastapi', 'uvicorn')}))")
    return json.loads(subprocess.run([python, "-c", code], stdout=subprocess.PIPE, check=True).stdout)


def wait_until_ready(process, image, scheme):
    body, url = pathlib.Path(image).read_bytes(), URL.replace("http:", f"{scheme}:")
    unverified = ssl._create_unverified_context() if scheme == "https" else None  # its certificate is made at start
    for _ in range(300):
        if process.poll() is not None:
            raise SystemExit(f"{process.args[0]} ended with {process.returncode}")
        with contextlib.suppress(OSError):
            urllib.request.urlopen(
                urllib.request.Request(f"{url}/classify", body), timeout=10, context=unverified).read()
            time.sleep(2)  # of several workers only one need be there yet
            return
        time.sleep(0.2)
    raise SystemExit(f"{process.args[0]} was not ready after a minute")


def load(kind, *arguments, route="/classify"):
    """Runs the load generator and returns what it measured."""
    output = subprocess.run(
        [LOAD, kind, URL + route, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return json.loads(output.stdout)


def bench(image, seconds=2):
    """What the engine does in one process, without a server."""
    output = subprocess.run(
        [MARTLET, "bench", "efficientnet-lite0", "--models", ROOT / "models", "--image", image, "--seconds",
         str(seconds), "--json"], stdout=subprocess.PIPE, check=True)
    return json.loads(output.stdout)


def metric(name):
    text = urllib.request.urlopen(f"{URL}/metrics").read().decode()
    return float(re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)[1])


def get(route):
    return json.load(urllib.request.urlopen(URL + route))


def post(route):
    return urllib.request.urlopen(urllib.request.Request(URL + route, b"")).read()


def descriptors(pid):
    """How many a process has open."""
    return len(os.listdir(f"/proc/{pid}/fd"))


def resident(pid):
    """Megabytes resident in a process and its children, a page shared by several counted once (PSS)."""
    total = 0
    for entry in pathlib.Path("/proc").glob("[0-9]*/smaps_rollup"):
        with contextlib.suppress(OSError):
            if os.getpgid(int(entry.parent.name)) == pid:
                total += int(re.search(r"^Pss:\s+(\d+)", entry.read_text(), re.MULTILINE)[1])
    return total / 1024
