/*
 * test_histogram.c - the claims of histogram.h.
 */
#include <errno.h>
#include <stdio.h>

#include "task/show/histogram.h"
#include "tests/task/show/paper.h"
#include "tests/task/world.h"

static const char *drawn(const struct gyre_histogram *h)
{
    cr_expect_eq(gyre_histogram_print(h, "spans", paper()), 0);
    return read_paper();
}

Test(histogram, counts_by_powers_of_two)
{
    struct gyre_histogram h = {0};

    cr_expect_str_eq(drawn(&h), "spans: 0\n");
    gyre_histogram_add(&h, 1024);
    cr_expect_str_eq(drawn(&h), "spans: 1\n"
                                "  <     2.048 us         1 "
                                "########################################\n"
                                "  max   1.024 us\n");
    for (int i = 0; i < 79; i++)
        gyre_histogram_add(&h, 1023);
    gyre_histogram_add(&h, 5000);
    gyre_histogram_add(&h, 8191);
    cr_expect_str_eq(drawn(&h), "spans: 82\n"
                                "  <     1.024 us        79 "
                                "########################################\n"
                                "  <     2.048 us         1 #\n"
                                "  <     4.096 us         0 \n"
                                "  <     8.192 us         2 ##\n"
                                "  max   8.191 us\n");
}

Test(histogram, has_room_for_every_span)
{
    struct gyre_histogram h = {0};
    uint64_t n = 0;

    gyre_histogram_add(&h, -1);
    gyre_histogram_add(&h, 0);
    for (int i = 0; i < 63; i++)
        gyre_histogram_add(&h, INT64_C(1) << i);
    gyre_histogram_add(&h, GYRE_FOREVER);
    cr_expect_eq(h.count[0], 2);
    cr_expect_eq(h.count[1], 1);
    cr_expect_eq(h.count[63], 2);
    for (int i = 0; i < 64; i++)
        n += h.count[i];
    cr_expect_eq(n, 66);
    cr_expect_eq(h.n, 66);
    cr_expect_eq(h.longest, GYRE_FOREVER);
}

Test(histogram, says_when_it_cannot_be_written)
{
    struct gyre_histogram h = {0};

    cr_expect_eq(gyre_histogram_print(&h, "spans", -1), -EBADF);
}
