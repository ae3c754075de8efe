/*
 * execve.c - lets Criterion run its tests under an emulator.
 *
 * Criterion starts each test by executing its own binary afresh, which the
 * kernel refuses for a foreign architecture.  If it does and $EMULATOR is set
 * (a command and its arguments, with a full path, single spaces between), this
 * execve puts that in front; the system's own programs need none.  Linked into
 * cross-built test binaries alone.
 */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MAX_WORDS = 64, MAX_LENGTH = 4096 };

static int execute(const char *path, char *const argv[], char *const envp[])
{
    return (int)syscall(SYS_execve, path, argv, envp);
}

/* Cut `text` at its spaces into `word`; the count, or -1. */
static int split(char *text, char *word[])
{
    char *rest = NULL;
    int n = 0;

    for (char *w = strtok_r(text, " ", &rest); w != NULL;
         w = strtok_r(NULL, " ", &rest)) {
        if (n == MAX_WORDS - 1)
            return -1;
        word[n++] = w;
    }
    return n;
}

/* The command for `path` and `argv` under `emulator`; its words are in
   `text`. */
static int compose(char *word[], char *text, const char *path,
                   char *const argv[])
{
    int n = split(text, word);

    if (n < 0)
        return -1;
    word[n++] = (char *)path;
    for (int i = 1; argv[0] != NULL && argv[i] != NULL; i++) {
        if (n == MAX_WORDS)
            return -1;
        word[n++] = argv[i];
    }
    word[n] = NULL;
    return 0;
}

/* Criterion's library must find it, though the build hides what it can. */
__attribute__((visibility("default"))) int
execve(const char *path, char *const argv[], char *const envp[])
{
    const char *emulator = getenv("EMULATOR");
    char *word[MAX_WORDS + 1];
    char text[MAX_LENGTH];

    if (execute(path, argv, envp) < 0 &&
        (errno != ENOEXEC || emulator == NULL || *emulator == '\0'))
        return -1;
    if (strlen(emulator) >= sizeof text ||
        compose(word, strcpy(text, emulator), path, argv) < 0) {
        errno = E2BIG;
        return -1;
    }
    return execute(word[0], word, envp);
}
