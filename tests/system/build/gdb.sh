# The gdb script shows the tasks of a process, and of a core file.

cat >"$tmp/tasks.c" <<'END_OF_PROGRAM'
#include <gyre.h>
#include <stdlib.h>

static struct gyre_event never;

__attribute__((noinline)) static int inner(int depth)
{
    volatile int here = depth;
    int err = depth > 1 ? inner(depth - 1)
                        : gyre_event_wait(&never, GYRE_FOREVER);

    return err + here - depth;
}

static intptr_t waiting(void *arg)
{
    (void)arg;
    return inner(3);
}

static intptr_t sleeping(void *arg)
{
    (void)arg;
    return gyre_sleep(gyre_in(60 * GYRE_SECOND));
}

__attribute__((noinline)) void stop_here(void)
{
    __asm__ volatile("");
}

static intptr_t spawning(void *crash)
{
    static const struct gyre_spawn_options named = {.name = "a sleeper"};
    struct gyre_scope s;
    int err;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, waiting, NULL);
    gyre_spawn_with(&s, NULL, sleeping, NULL, &named);
    err = gyre_yield();
    gyre_spawn(&s, NULL, sleeping, NULL);
    if (crash != NULL)
        abort();
    stop_here();
    gyre_scope_cancel(&s);
    return gyre_scope_close(&s, err);
}

int main(int argc, char **argv)
{
    return gyre_run(spawning, argc > 1 ? argv[1] : NULL) != 0;
}
END_OF_PROGRAM
$CC -g -O2 -I. "$tmp/tasks.c" "$out/libgyre.a" -lpthread -o "$tmp/tasks" ||
    exit 1

debug() {           # debug ARGUMENT...: gdb, with the script, and its commands
    $bounded gdb -nx -q -batch -ex 'set pagination off' \
        -ex 'source task/show/gdb.py' "$@" >"$tmp/said" 2>&1
    cat "$tmp/said"
}

process() {         # process COMMAND...: of the tasks of a process
    for command; do
        set -- "$@" -ex "$command"
        shift
    done
    debug -ex 'break stop_here' -ex run "$@" -ex kill "$tmp/tasks"
}

core() {            # core COMMAND...: of the tasks in a core file
    for command; do
        set -- "$@" -ex "$command"
        shift
    done
    debug "$@" "$tmp/tasks" "$tmp/core"
}

masked() {          # the tasks listed, without ages
    sed -n 's/^ *\([0-9][0-9]*  .*\)/\1/p' "$tmp/said" | sed 's/, for [0-9.]* s$//'
}

lists() {
    "$@" 'gyre ps' && masked | diff - "$tmp/tasks.txt"
}

# The functions in frames, from that of the wait on, in one line.
frames() {
    sed -n 's/^#[0-9]* .* in \([a-z_]*\) (.*/\1/p; s/^#[0-9]* *\([a-z_]*\) (.*/\1/p' \
        "$tmp/said" | sed -n '/^gyre_event_wait$/,$p' | tr '\n' ' '
}

unwinds() {
    "$@" 'gyre bt 2' && frames >"$tmp/frames" && cat "$tmp/frames" &&
        grep -q '^gyre_event_wait inner inner inner waiting gyre_task_main ' \
            "$tmp/frames"
}

switches() {
    "$@" 'gyre switch 2' 'frame function waiting' 'down' 'info locals' \
        'gyre switch' 'frame 0' && grep -q '^here = 3$' "$tmp/said"
}

goes_on() {
    debug -ex 'break stop_here' -ex run -ex 'gyre bt' -ex continue "$tmp/tasks" &&
        grep -q 'exited normally' "$tmp/said"
}

says_so() {
    debug -ex "$1" "$tmp/tasks" && grep -qF "$2" "$tmp/said"
}

# Shells that have no such limit leave none to be lifted.
crashes() {
    # shellcheck disable=SC3045
    (cd "$tmp" && ulimit -c unlimited && ./tasks crash)
    [ $? -eq 134 ] && mv "$tmp"/core* "$tmp/core.found" &&
        mv "$tmp/core.found" "$tmp/core"
}

cat >"$tmp/tasks.txt" <<'END'
1  main                          running
2  waiting              in 1     parked   for an event
3  a sleeper            in 1     parked   for a while
4  sleeping             in 1     ready
END

if ! command -v gdb >/dev/null; then
    echo 'gdb.sh: skipped, for gdb is not there'
    check 'there is no gdb to try it with' true
elif ! grep -q '^core' /proc/sys/kernel/core_pattern; then
    echo 'gdb.sh: no core file here, for the system takes them away'
else
    check 'a program leaves a core file'        crashes
    check 'lists the tasks in a core file'      lists core
    check 'unwinds a task in a core file'       unwinds core
    check 'switches to one in a core file'      switches core
fi
if command -v gdb >/dev/null; then
    check 'lists the tasks of a process'        lists process
    check 'unwinds a task of a process'         unwinds process
    check 'switches to one of a process'        switches process
    check 'the process goes on afterwards'      goes_on
    check 'without a process it says so'        says_so 'gyre ps' \
        'there is no process'
    check 'a task that is not there is told'    process 'gyre bt 9'
fi
