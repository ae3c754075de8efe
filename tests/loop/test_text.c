/*
 * test_text.c - the claims of text.h: a line without printf.
 */
#include <criterion/criterion.h>

#include <stdint.h>
#include <stdio.h>

#include "loop/text.h"

Test(text, is_what_was_added)
{
    char room[100], wanted[100];
    struct gyre_text t;

    gyre_text_init(&t, room, sizeof room);
    cr_expect_str_eq(room, "");
    gyre_text_add(&t, "from ");
    gyre_text_add_number(&t, 0);
    gyre_text_add(&t, " to ");
    gyre_text_add_number(&t, UINTPTR_MAX);
    gyre_text_add(&t, ", ");
    gyre_text_add_hex(&t, UINTPTR_MAX - 0xf);
    snprintf(wanted, sizeof wanted, "from 0 to %ju, 0x%jx",
             (uintmax_t)UINTPTR_MAX, (uintmax_t)UINTPTR_MAX - 0xf);
    cr_expect_str_eq(room, wanted);
    cr_expect_eq(t.n, strlen(wanted));
}

Test(text, leaves_out_what_does_not_fit)
{
    char room[] = "0123456789";
    struct gyre_text t;

    gyre_text_init(&t, room, 4);
    gyre_text_add(&t, "ab");
    gyre_text_add(&t, "cdefg");
    gyre_text_add(&t, "h");
    gyre_text_add_number(&t, 1);
    cr_expect_str_eq(room, "abc");
    cr_expect_eq(t.n, 3);
    cr_expect_eq(room[4], '4', "nothing beyond was touched");

    gyre_text_copy(room, 1, "x");
    cr_expect_str_eq(room, "");
    gyre_text_copy(room, sizeof room, "whole");
    cr_expect_str_eq(room, "whole");
}
