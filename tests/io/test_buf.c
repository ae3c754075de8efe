/*
 * test_buf.c - a buf holds what was put in and not yet taken, and nothing else.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "loop/allocator.h"
#include "loop/list.h"
#include "io/buf.h"

/* An allocator that counts, and fails when it has nothing left to give. */
struct purse {
    struct gyre_allocator allocator;
    size_t held;  /* bytes out */
    size_t moved; /* bytes of the blocks resized */
    int left;     /* blocks it will still give */
};

static void *resize(struct gyre_allocator *a, void *p, size_t old, size_t size)
{
    struct purse *purse = GYRE_OWNER(a, struct purse, allocator);

    if (size > 0 && purse->left-- <= 0)
        return NULL;
    purse->held += size - old;
    purse->moved += old;
    return gyre_resize(NULL, p, old, size);
}

Test(buf, holds_what_was_appended_and_not_taken)
{
    struct gyre_buf b = {0};
    char model[70000];
    size_t first = 0, last = 0;
    uint32_t seed = 7;

    for (int i = 0; i < 20000; i++) {
        size_t n;

        seed = seed * 1664525u + 1013904223u;
        n = (seed >> 8) % 300;
        if (seed >> 31 && last + n <= sizeof model) {
            memset(model + last, (int)(seed & 127), n);
            cr_assert_eq(gyre_buf_append(&b, model + last, n), 0);
            last += n;
        } else {
            n = n < last - first ? n : last - first;
            gyre_buf_take(&b, n);
            first += n;
        }
        cr_assert_eq(b.length, last - first);
        cr_assert(b.length == 0 || memcmp(b.at, model + first, b.length) == 0);
        if (first == last)
            first = last = 0;
    }
    gyre_buf_free(&b);
    cr_expect_eq(b.length, 0);
    cr_expect_eq(b.size, 0);
}

Test(buf, reserved_room_is_claimed_by_growing)
{
    struct gyre_buf b = {0};
    char *room = gyre_buf_reserve(&b, 1000);

    cr_assert_not_null(room);
    cr_expect_eq(b.length, 0);
    memset(room, 'x', 1000);
    gyre_buf_grow(&b, 3);
    cr_expect_eq(gyre_buf_append_string(&b, "yz"), 0);
    cr_expect(b.length == 5 && memcmp(b.at, "xxxyz", 5) == 0);
    gyre_buf_take(&b, 2);
    gyre_buf_cut(&b, 2);
    cr_expect(b.length == 2 && memcmp(b.at, "xy", 2) == 0);
    gyre_buf_free(&b);
}

Test(buf, takes_its_memory_where_it_is_told_and_gives_it_back)
{
    struct purse purse = {.allocator = {resize}, .left = 100};
    struct gyre_buf b = {.allocator = &purse.allocator};

    cr_expect_eq(gyre_buf_append_string(&b, "abc"), 0);
    cr_expect(purse.held >= 3);
    gyre_buf_free(&b);
    cr_expect_eq(purse.held, 0);
    gyre_buf_free(&b);
    cr_expect_eq(gyre_buf_append_string(&b, "again"), 0);
    gyre_buf_free(&b);
    cr_expect_eq(purse.held, 0);
}

Test(buf, without_memory_nothing_changes)
{
    struct purse purse = {.allocator = {resize}, .left = 1};
    struct gyre_buf b = {.allocator = &purse.allocator};
    char big[5000] = {0};

    cr_expect_eq(gyre_buf_append_string(&b, "xxkept"), 0);
    gyre_buf_take(&b, 2);
    cr_expect_eq(gyre_buf_append(&b, big, sizeof big), -ENOMEM);
    cr_expect_null(gyre_buf_reserve(&b, SIZE_MAX));
    cr_expect_null(gyre_buf_reserve(&b, SIZE_MAX - 4));
    cr_expect(b.length == 4 && memcmp(b.at, "kept", 4) == 0);
    gyre_buf_free(&b);
    cr_expect_eq(purse.held, 0);
}

Test(buf, a_queue_that_is_kept_up_with_stays_in_its_first_block)
{
    struct purse purse = {.allocator = {resize}, .left = 1};
    struct gyre_buf b = {.allocator = &purse.allocator};

    for (int i = 0; i < 10000; i++) {
        cr_assert_eq(gyre_buf_append_string(&b, "0123456789"), 0);
        gyre_buf_take(&b, i % 3 ? 10 : b.length);
    }
    gyre_buf_free(&b);
}

Test(buf, growing_costs_as_much_as_it_grows)
{
    struct purse purse = {.allocator = {resize}, .left = 1000};
    struct gyre_buf b = {.allocator = &purse.allocator};

    for (int i = 0; i < 1000000; i++)
        cr_assert_eq(gyre_buf_append(&b, "x", 1), 0);
    cr_expect(purse.moved < 4 * 1000000, "%zu bytes moved", purse.moved);
    gyre_buf_free(&b);
}
