/* Keys as they are typed, from a terminal in raw mode; q ends it. */
#include <ctype.h>
#include <gyre.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static intptr_t tell_keys(struct gyre_stream *tty)
{
    unsigned char key = 0;
    char text[32];
    ssize_t n;

    while (key != 'q') {
        n = gyre_read(tty, &key, 1, GYRE_FOREVER);
        if (n <= 0)
            return n;
        n = snprintf(text, sizeof text, isprint(key) ? "%c\r\n" : "<%d>\r\n", key);
        n = gyre_write(tty, text, (size_t)n, GYRE_FOREVER);
        if (n < 0)
            return n;
    }
    exit(EXIT_SUCCESS); /* whatever happens, the terminal is as it was */
}

static intptr_t program(void *arg)
{
    struct gyre_terminal terminal = {0};
    struct gyre_terminal_size size;
    struct gyre_stream *tty;
    intptr_t err = gyre_terminal_size(STDIN_FILENO, &size);

    (void)arg;
    if (err == 0)
        err = gyre_stream_share(gyre_loop_current(), STDIN_FILENO, &tty);
    if (err)
        return err;
    printf("%d columns, %d rows\n", size.columns, size.rows);
    fflush(stdout);
    err = gyre_terminal_raw(&terminal, STDIN_FILENO);
    if (err == 0)
        err = tell_keys(tty);
    gyre_terminal_restore(&terminal);
    gyre_close(tty);
    return err;
}

int main(void)
{
    intptr_t err = gyre_run(program, NULL);

    if (err)
        fprintf(stderr, "keys: %s\n", gyre_strerror((int)err));
    return err != 0;
}
