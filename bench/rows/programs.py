"""Programs and threads: how they are run, and how they start.  The processor
time of the programs is counted."""
from rows.row import Row, beside


def run():
    def runs(program):
        return ["{dir}/%s" % program, "{n:300}", "{dir}/load/nothing"]

    yield Row("process", "one program run, read from, and waited for",
              "cpu_ns", {"gyre": runs("gyre/process"),
                          "libuv": runs("libuv/process"),
                          "gyre tasks": runs("gyre/process_tasks")}, "libuv",
              (("gyre", "libuv", 1.0),))


def start():
    yield Row("start", "one start and end of a program with a loop that has "
              "nothing to do", "cpu_ns",
              {**beside("gyre libuv", "start {n:300}"),
               "gyre tasks": ["{dir}/gyre/start_tasks", "{n:300}"],
               "raw C": ["{dir}/limits/start", "{n:300}"]}, "libuv")


def threads():
    yield Row("thread/bare", "one thread made and joined", "cpu_ns",
              {"raw pthread": ["{dir}/limits/thread", "{n:10000}"],
               "libuv": ["{dir}/libuv/thread", "{n:10000}", "bare"]}, "libuv")
    yield Row("thread/loop", "the same, in which a loop is made, run, and freed",
              "cpu_ns", beside("gyre libuv", "thread {n:5000}"), "libuv")


def rows():
    for group in run, start, threads:
        yield from group()
