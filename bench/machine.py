"""What the benchmarks were run on, and with whom: without it no number says
anything."""
import os
import platform
import subprocess

import measure


def first_line(*command):
    """What a program says of itself; some do so on standard error."""
    try:
        done = subprocess.run(command, capture_output=True, text=True,
                              check=False)
        return (done.stdout or done.stderr).split("\n")[0].strip()
    except OSError:
        return "absent"


def lines(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read().splitlines()
    except FileNotFoundError:
        return []


def processor():
    told = dict(line.split(":", 1) for line in lines("/proc/cpuinfo")
                if ":" in line)
    told = {key.strip(): said.strip() for key, said in told.items()}
    virtual = ", a virtual machine's" \
        if "hypervisor" in told.get("flags", "").split() else ""
    return f"{len(measure.CORES)} x " \
           f"{told.get('model name', platform.machine())}{virtual}"


def memory():
    size = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return f"{size / 2**30:.1f} GiB"


def built_with(directory):
    """The compiler, and its flags, as the build has left word."""
    return ", ".join(lines(f"{directory}/compiler")) or "unknown"


def libc():
    return " ".join(platform.libc_ver())


def peers(directory):
    """Who is there, in which version."""
    libuv = first_line(f"{directory}/libuv/sizes")
    said = {
        "libuv": (libuv.split() or ["unknown"])[0].removeprefix("version="),
        "go": first_line("go", "version"),
        "nginx": first_line("nginx", "-v"),
        "node": first_line("node", "--version"),
        "python": platform.python_version(),
    }
    said.update(line.split(": ", 1) for line in
                lines(f"{directory}/versions"))
    return said


def load():
    return "%.2f %.2f %.2f" % os.getloadavg()


def about(directory):
    return {
        "processor": processor(),
        "memory": memory(),
        "kernel": platform.release(),
        "libc": libc(),
        "compiler": built_with(directory),
        **peers(directory),
        "load at the start": load(),
    }
