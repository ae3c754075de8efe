/*
 * paper.c - something to write on, and read afterwards.
 */
#include "tests/task/show/paper.h"

#include <criterion/criterion.h>

#include <stdio.h>

static FILE *sheet;
static char text[1 << 20];

int paper(void)
{
    sheet = tmpfile();
    cr_expect_neq(sheet, NULL);
    return fileno(sheet);
}

const char *read_paper(void)
{
    size_t n;

    rewind(sheet);
    n = fread(text, 1, sizeof text - 1, sheet);
    text[n] = '\0';
    fclose(sheet);
    return text;
}
