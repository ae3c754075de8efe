/*
 * exit.c - a test that calls exit() has not passed.
 *
 * Criterion judges a test by how its process ends, so exit(0) half way through
 * would be a success.  The test binaries are linked with -Wl,--wrap=exit, which
 * sends every call from their own objects here; Criterion's are not touched.
 */
#include <stdlib.h>
#include <unistd.h>

void __wrap_exit(int code);

void __wrap_exit(int code)
{
    static const char said[] = "exit() was called inside a test\n";
    ssize_t ignored = write(STDERR_FILENO, said, sizeof said - 1);

    (void)ignored;
    (void)code;
    abort();
}
