/*
 * forked.c - the child of a fork, and what it finds.
 */
#include "tests/support/forked.h"

#include <criterion/criterion.h>

#include <sys/wait.h>
#include <unistd.h>

void fork_and_expect(int (*finds)(void))
{
    pid_t child = fork();
    int status = -1;

    if (child == 0)
        _exit(finds());
    cr_expect_eq(waitpid(child, &status, 0), child);
    cr_expect(WIFEXITED(status));
    cr_expect_eq(WEXITSTATUS(status), 0, "wrong: %d", WEXITSTATUS(status));
}
