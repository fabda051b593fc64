"""What figures depend on besides the engines: the processor, the commit, and who else computes."""
import os
import platform
import re
import resource
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def processor():
    """Its name and the cores that this process may use."""
    found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    cores = len(os.sched_getaffinity(0))
    return f"{found[1] if found else platform.machine()}, {cores} core{'' if cores == 1 else 's'}"


def has_bfloat16():
    """Instructions that multiply it; without them engines convert to float32 or refuse."""
    return re.search(r"^(flags|Features)\b.*\b(avx512_bf16|amx_bf16|bf16)\b", Path("/proc/cpuinfo").read_text(), re.MULTILINE) is not None


def commit():
    """The commit, and whether the sources differ from it."""
    def git(*arguments):
        command = ["git", "-C", ROOT, *arguments]
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout.strip()

    changed = git("status", "--porcelain", "--", "Sources", "Package.swift")
    return (git("rev-parse", "--short", "HEAD") or "unknown") + (", with changes" if changed else "")


class Others:
    """How many cores compute for others than this process and the children that it has waited for."""

    def __init__(self):
        self.start = self.now()

    @staticmethod
    def now():
        """Seconds: of the clock, of all cores busy (stolen by the hypervisor too), of our own on them."""
        user, nice, system, _, _, interrupts, soft_interrupts, stolen = map(
            int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9])
        busy = (user + nice + system + interrupts + soft_interrupts + stolen) / os.sysconf("SC_CLK_TCK")
        usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return time.monotonic(), busy, sum(usage.ru_utime + usage.ru_stime for usage in usages)

    def cores(self):
        """On average since the beginning."""
        elapsed, busy, own = (now - before for now, before in zip(self.now(), self.start))
        return max(0, (busy - own) / elapsed)
