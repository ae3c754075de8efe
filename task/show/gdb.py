"""gdb.py - tasks for gdb: of a process, or of a core file.

    (gdb) source gdb.py
    (gdb) gyre ps           the tasks of every run: id, name, state, wait
    (gdb) gyre bt [ID...]   backtraces: of these tasks, or of all
    (gdb) gyre switch ID    look at a task: `up`, `info locals` and so on then
                            are about its frames, from number 1 on
    (gdb) gyre switch       look at what runs again

Nothing of the program is called or changed, not even a register: that a task
called what is running is pretended by an unwinder.  So it works in a core file,
and a process may go on afterwards.  It needs the library's debugging
information (-g).  With runs on several threads, ids are of the thread that is
selected, and if it is in none, of any.

A core file should be the kernel's.  gdb's own command, gcore, leaves out the
stacks, which it cannot read where the kernel guards them.
"""
import gdb
from gdb.unwinder import Unwinder

# Where a parked context keeps its registers, from its stack pointer upwards, and
# by how much that was higher before: task/switch_*.S.
SAVED = {
    "i386:x86-64": (
        {"r15": 0, "r14": 8, "r13": 16, "r12": 24, "rbx": 32, "rbp": 40,
         "rip": 48}, "rsp", 184),
    "aarch64": (
        {**{f"x{n}": 8 * (n - 19) for n in range(19, 30)}, "pc": 88}, "sp",
        96),
}


def pointer(address, kind):
    return gdb.Value(address).cast(gdb.lookup_type(kind).pointer())


def offset(kind, field):
    for part in gdb.lookup_type(kind).fields():
        if part.name == field:
            return part.bitpos // 8
    raise gdb.GdbError(f"{kind} has no {field} here")


def owner(member, kind, field):
    """What GYRE_OWNER does."""
    return pointer(int(member) - offset(kind, field), kind)


def text(value):
    return value.string() if int(value) else None


def function(address):
    block = gdb.block_for_pc(int(address))
    if block and block.function:
        return block.function.name
    symbol = gdb.execute(f"info symbol {int(address):#x}", to_string=True)
    return symbol.split()[0] if "No symbol" not in symbol else \
        f"{int(address):#x}"


# ---- runs, and the tasks in them ----

def threads():
    """Each thread, being the selected one meanwhile; that one first."""
    before = gdb.selected_thread()
    if before is None:
        raise gdb.GdbError("there is no process, and no core file")
    rest = [t for t in gdb.selected_inferior().threads() if t != before]
    try:
        for thread in (before, *reversed(rest)):
            thread.switch()
            yield thread
    finally:
        before.switch()


def runs():
    """Each run there is, with the thread that is in it."""
    for thread in threads():
        run = gdb.parse_and_eval("gyre_running")
        while int(run):
            yield thread, run
            run = run["outer"]


def branches(branch):
    """The branches inside, those outside before those inside them."""
    head = branch["branches"]
    link = head["next"]
    while int(link) != int(head.address):
        inner = owner(link, "struct gyre_branch", "link")
        yield inner
        yield from branches(inner)
        link = link["next"]


def tasks(run):
    for branch in branches(run["root"]["branch"]):
        task = branch["task"]
        if int(task) and int(task["base"].address) == int(branch):
            yield task


class Task:
    """What is told of a task."""

    def __init__(self, run, task, current):
        self.task = task
        self.id = int(task["id"])
        self.name = text(task["name"]) or function(task["fn"])
        self.running = int(task) == int(current)
        self.parked = not self.running and int(task["wait"]) != 0
        self.now = int(run["now"].dereference())

    def state(self):
        if self.running:
            return "running"
        return "parked" if self.parked else "ready"

    def waits(self):
        """For what, and since when."""
        if not self.parked:
            return ""
        wait = self.task["wait"]
        kind = wait["kind"]
        name = text(kind["name"]) if int(kind) else None
        age = (self.now - int(wait["since"])) / 1e9
        return f"{name or 'for something'}, for {age:.3f} s"

    def line(self):
        parent = self.task["scope"]["branch"]["task"]
        below = f"in {int(parent['id'])}" if int(parent) else ""
        return (f"{self.id:>6}  {self.name:<20} {below:<8} "
                f"{self.state():<8} {self.waits()}").rstrip()


def all_tasks():
    for thread, run in runs():
        current = gdb.parse_and_eval("gyre_current")
        for task in tasks(run):
            yield thread, Task(run, task, current)


def find(number):
    for thread, task in all_tasks():
        if task.id == number:
            return thread, task
    raise gdb.GdbError(f"there is no task {number}: see `gyre ps`")


# ---- frames ----

class Frame:
    """What identifies a frame to gdb."""

    def __init__(self, sp, pc):
        self.sp = sp
        self.pc = pc


class Parked(Unwinder):
    """Pretends that a parked task called the innermost frame of the thread that
    is looked at."""

    def __init__(self):
        super().__init__("gyre: parked tasks")
        self.task = None
        self.innermost = None

    def look_at(self, task):
        self.task = task
        self.innermost = None
        gdb.invalidate_cached_frames()

    def __call__(self, frame):
        if self.task is None:
            return None
        here = int(frame.read_register("sp")), int(frame.read_register("pc"))
        if self.innermost not in (None, here):
            return None
        self.innermost = here
        if frame.architecture().name() not in SAVED:
            return None
        saved, sp, size = SAVED[frame.architecture().name()]
        base = int(self.task["fiber"]["sp"])
        info = frame.create_unwind_info(Frame(*map(gdb.Value, here)))
        info.add_saved_register(sp, gdb.Value(base + size))
        for register, at in saved.items():
            info.add_saved_register(
                register, pointer(base + at, "unsigned long").dereference())
        return info


PARKED = Parked()
gdb.unwinder.register_unwinder(None, PARKED, replace=True)


def show_frames(thread, task):
    """The backtrace, innermost first, as `bt` prints it."""
    thread.switch()
    print(task.line().strip())
    if task.running:
        gdb.execute("backtrace")
        return
    try:
        PARKED.look_at(task.task)
        printed = gdb.execute("backtrace", to_string=True)
    finally:
        PARKED.look_at(None)
    print("".join(line + "\n" for line in printed.splitlines()
                  if not line.startswith("#0 ")), end="")


# ---- commands ----

class Gyre(gdb.Command):
    """Tasks: gyre ps, gyre bt [ID...], gyre switch [ID]."""

    def __init__(self):
        super().__init__("gyre", gdb.COMMAND_STACK, prefix=True)


class Ps(gdb.Command):
    """The tasks of every run: id, name, parent, state, what it waits for."""

    def __init__(self):
        super().__init__("gyre ps", gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        for _, task in all_tasks():
            print(task.line())


class Bt(gdb.Command):
    """Backtraces of the tasks with these ids, or of all: gyre bt [ID...]."""

    def __init__(self):
        super().__init__("gyre bt", gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        before = gdb.selected_thread()
        chosen = [find(int(word)) for word in argument.split()] or \
            list(all_tasks())
        try:
            for thread, task in chosen:
                show_frames(thread, task)
        finally:
            if before:
                before.switch()


class Switch(gdb.Command):
    """Look at the frames of a task, or of what runs: gyre switch [ID]."""

    def __init__(self):
        super().__init__("gyre switch", gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        PARKED.look_at(None)
        if not argument:
            return
        thread, task = find(int(argument))
        thread.switch()
        if not task.running:
            PARKED.look_at(task.task)
            gdb.execute("frame 1")


Gyre()
Ps()
Bt()
Switch()
