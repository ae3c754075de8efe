# The guard names the calls that block, and where they are made.

cat >"$tmp/blocking.c" <<'END_OF_PROGRAM'
#include <fcntl.h>
#include <gyre.h>
#include <poll.h>
#include <unistd.h>

static int ends[2];

__attribute__((noinline)) static void innocent(void)
{
    char c;

    write(ends[1], "x", 1);
    read(ends[0], &c, 1);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    read(ends[0], &c, 1);
    fcntl(ends[0], F_SETFL, 0);
    sleep(0);
}

__attribute__((noinline)) static void guilty(void)
{
    struct pollfd p = {.fd = ends[0], .events = POLLIN};

    for (int i = 0; i < 3; i++)
        usleep(1000);
    poll(&p, 1, 1);
}

static intptr_t task(void *arg)
{
    (void)arg;
    innocent();
    guilty();
    return 0;
}

int main(void)
{
    usleep(1000);
    return pipe(ends) != 0 || gyre_run(task, NULL) != 0;
}
END_OF_PROGRAM

cat >"$tmp/told" <<'END'
gyre: task #1 main blocks the loop in usleep
    in usleep+
    in guilty+
    in task+
gyre: task #1 main blocks the loop in poll
    in poll+
    in guilty+
    in task+
END

tells() {
    ends 0 "$@" && sed -n 's/+0x.*/+/; /run_main\|task_main/d; p' "$tmp/said" |
        diff - "$tmp/told"
}

linked() {
    $CC -O0 -g -I. "$tmp/blocking.c" -o "$tmp/linked" "$out/libgyre_guard.a" \
        "$out/libgyre.a" -lpthread -ldl && tells "$tmp/linked"
}

preloaded() {
    $CC -O0 -g -I. "$tmp/blocking.c" -o "$tmp/shared" -L"$out" -lgyre &&
        tells env LD_LIBRARY_PATH="$out" \
            LD_PRELOAD="$out/libgyre_guard.so" "$tmp/shared"
}

silent() {
    LD_LIBRARY_PATH=$out ends 0 "$tmp/shared" && ! [ -s "$tmp/said" ]
}

"$MAKE" CC="$CC" BUILD="$BUILD" guard >"$tmp/log"
check 'when it is linked'           linked
check 'when it is preloaded'        preloaded
check 'without it nothing is told'  silent
