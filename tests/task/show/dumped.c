/*
 * dumped.c - a dump of the run, to be compared with what is expected.
 */
#include "tests/task/show/dumped.h"

#include <criterion/criterion.h>

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

char dumped[32 * 1024];

/* ---- masks ---- */

/* Does the line that begins at `line` say where a task is? */
static bool is_frame(const char *line)
{
    return strncmp(line + strspn(line, " "), "in ", 3) == 0;
}

/* What is to be put in place of what stands at `*from`, which is passed; or
   NULL, to keep a character. */
static const char *masked(const char **from)
{
    static const char spawned[] = "spawned at ";

    if (strncmp(*from, spawned, strlen(spawned)) == 0) {
        *from += strcspn(*from, "\n");
        return "spawned at *";
    }
    if (strncmp(*from, "0x", 2) == 0) {
        *from += 2;
        while (isxdigit((unsigned char)**from))
            (*from)++;
        return "*";
    }
    return NULL;
}

static char *copy_line(char *to, const char *from, const char *end)
{
    while (from < end) {
        const char *instead = masked(&from);

        if (instead == NULL)
            *to++ = *from++;
        else
            to = stpcpy(to, instead);
    }
    return to;
}

static void mask(const char *from)
{
    char *to = dumped;

    while (*from != '\0') {
        const char *end = from + strcspn(from, "\n");

        end += *end == '\n';
        if (!is_frame(from))
            to = copy_line(to, from, end);
        from = end;
    }
    *to = '\0';
}

/* Mask what was written to `f`, and close that. */
static void read_back(FILE *f)
{
    static char text[sizeof dumped];
    ssize_t n = pread(fileno(f), text, sizeof text - 1, 0);

    cr_expect_geq(n, 0);
    text[n > 0 ? n : 0] = '\0';
    fclose(f);
    mask(text);
}

/* ---- what is written ---- */

void dump(enum gyre_dump_format format)
{
    FILE *f = tmpfile();

    cr_expect_eq(gyre_dump(fileno(f), format), 0);
    read_back(f);
}

static FILE *heard;
static int before;

void hear_begin(void)
{
    heard = tmpfile();
    fflush(stderr);
    before = dup(STDERR_FILENO);
    dup2(fileno(heard), STDERR_FILENO);
}

void hear_end(void)
{
    fflush(stderr);
    dup2(before, STDERR_FILENO);
    close(before);
    read_back(heard);
}
