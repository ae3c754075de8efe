/*
 * children.c - children to hold claims about.
 */
#include "tests/io/process/children.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/stream.h"
#include "tests/io/loopback.h"
#include "tests/support/children.h"
#include "tests/task/world.h"

struct gyre_process child;
struct gyre_process_options making;

void hold_of_children(void (*claim)(void))
{
    for (int i = 0; i < 2; i++) {
        making = (struct gyre_process_options){.in.is = GYRE_CHILD_PIPE,
                                               .out.is = GYRE_CHILD_PIPE};
        children_no_pidfd = i == 1;
        hold_on_loopback(claim);
    }
}

void run_shell(const char *text)
{
    const char *argv[] = {"sh", "-c", text, NULL};

    making.argv = argv;
    cr_expect_eq(gyre_process_spawn(&child, gyre_loop_current(), &making), 0);
}

void expect_code(int code)
{
    cr_expect_eq(gyre_process_wait(&child, SOON), 0);
    cr_expect_eq(child.code, code);
    cr_expect_eq(child.signal, 0);
}

void expect_signal(int number)
{
    cr_expect_eq(gyre_process_wait(&child, SOON), 0);
    cr_expect_eq(child.signal, number);
    cr_expect_eq(child.code, -1);
}

void expect_said(const char *text)
{
    char said[256] = "";
    size_t n = 0;
    ssize_t got;

    while ((got = gyre_read(child.out, said + n, sizeof said - 1 - n, SOON)) >
           0)
        n += (size_t)got;
    cr_expect_eq(got, 0);
    cr_expect_str_eq(said, text);
}

void expect_line(const char *text)
{
    char said[64] = "";

    cr_expect_gt(gyre_read_until(child.out, '\n', said, sizeof said - 1, SOON),
                 0);
    cr_expect_str_eq(said, text);
}

int make_file_saying(const char *text)
{
    FILE *f = tmpfile();
    int fd;

    cr_expect_not_null(f);
    fputs(text, f);
    fflush(f);
    fd = dup(fileno(f));
    fclose(f);
    lseek(fd, 0, SEEK_SET);
    return fd;
}

void expect_holds(int file, const char *text)
{
    char held[64] = "";

    cr_expect_geq(pread(file, held, sizeof held - 1, 0), 0);
    cr_expect_str_eq(held, text);
}

void expect_reaped(pid_t pid)
{
    siginfo_t how;
    int left = 0;

    wait_until((left = waitid(P_PID, (id_t)pid, &how,
                              WEXITED | WNOHANG | WNOWAIT)) != 0);
    cr_expect_eq(left, -1, "there is a child or a zombie left");
}

void close_child(void)
{
    pid_t pid = child.pid;

    gyre_process_close(&child);
    expect_reaped(pid);
}
