/*
 * histogram.c - how long something takes, as a rule and at worst.
 */
#include "task/show/histogram.h"

#include <inttypes.h>

#include "task/show/out.h"
#include "task/show/put.h"
#include "task/show/span.h"

enum { BUCKETS = 64, WIDTH = 40 /* of the longest bar */ };

void gyre_histogram_add(struct gyre_histogram *h, gyre_time span)
{
    int i = span <= 0 ? 0 : 64 - __builtin_clzll((unsigned long long)span);

    h->n++;
    h->count[i]++;
    if (span > h->longest)
        h->longest = span;
}

static uint64_t most(const struct gyre_histogram *h)
{
    uint64_t n = 0;

    for (int i = 0; i < BUCKETS; i++)
        n = h->count[i] > n ? h->count[i] : n;
    return n;
}

/* Whatever occurred can be seen. */
static void put_bar(struct gyre_out *o, uint64_t count, uint64_t most)
{
    uint64_t length = count * WIDTH / most + (count * WIDTH % most > 0);

    while (length-- > 0)
        gyre_put(o, "#");
}

static void put_line(struct gyre_out *o, const struct gyre_histogram *h, int i)
{
    gyre_put(o, "  <  ");
    gyre_put_column(o, INT64_C(1) << i);
    gyre_put_format(o, " %9" PRIu64 " ", h->count[i]);
    put_bar(o, h->count[i], most(h));
    gyre_put(o, "\n");
}

static void put_longest(struct gyre_out *o, const struct gyre_histogram *h)
{
    if (h->n == 0)
        return;
    gyre_put(o, "  max");
    gyre_put_column(o, h->longest);
    gyre_put(o, "\n");
}

void gyre_put_histogram(struct gyre_out *o, const struct gyre_histogram *h,
                        const char *title)
{
    int first = 0, last = BUCKETS - 1;

    gyre_put(o, title);
    gyre_put_format(o, ": %" PRIu64 "\n", h->n);
    while (first < last && h->count[first] == 0)
        first++;
    while (last >= first && h->count[last] == 0)
        last--;
    for (int i = first; i <= last; i++)
        put_line(o, h, i);
    put_longest(o, h);
}

int gyre_histogram_print(const struct gyre_histogram *h, const char *title,
                         int fd)
{
    struct gyre_out_fd to;

    gyre_out_init_fd(&to, fd);
    gyre_put_histogram(&to.out, h, title);
    return gyre_out_end(&to.out);
}
