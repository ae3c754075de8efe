"""Programs: how they are run."""
from rows.row import Row


def run():
    """By the clock, as most of it is the child's time."""
    def runs(program):
        return ["{dir}/%s" % program, "{n:300}", "{dir}/load/nothing"]

    yield Row("process", "one program run, read from, and waited for",
              "wall_ns", {"gyre": runs("gyre/process"),
                          "libuv": runs("libuv/process"),
                          "gyre tasks": runs("gyre/process_tasks")}, "libuv",
              (("gyre", "libuv", 1.0),))


def rows():
    yield from run()
