/*
 * chart.c - a bar while it lasts, and a timeline afterwards.
 */
#include "demo.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define WIDTH 50

void show_progress(const struct progress *progress)
{
    int full = progress->done * WIDTH / PAGES;

    if (!isatty(STDOUT_FILENO))
        return;
    printf("\r%-20s [", progress->label);
    for (int i = 0; i < WIDTH; i++)
        putchar(i < full ? '#' : ' ');
    printf("] %2d/%d%s", progress->done, PAGES, progress->done == PAGES ? "\r\033[K" : "");
    fflush(stdout);
}

static void show_line(const struct page *page, gyre_time first, gyre_time last)
{
    gyre_time span = last - first;
    int from = (int)((page->began - first) * WIDTH / span);
    int to = (int)((page->ended - first) * WIDTH / span);

    printf("  %s |", strrchr(page->url, '/') + 1);
    for (int i = 0; i < WIDTH; i++)
        putchar(i >= from && i <= to ? '=' : ' ');
    printf("| %3d ms\n", (int)((page->ended - page->began) / GYRE_MILLISECOND));
}

void show_timeline(const struct page *pages)
{
    gyre_time first = pages[0].began, last = pages[0].ended;

    for (int i = 0; i < PAGES; i++) {
        first = pages[i].began < first ? pages[i].began : first;
        last = pages[i].ended > last ? pages[i].ended : last;
    }
    for (int i = 0; i < PAGES; i++)
        show_line(&pages[i], first, last);
}
