/*
 * test_result.c - the claims of result.h.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "loop/result.h"

Test(result, an_error_is_a_number_from_minus_4095_to_minus_1)
{
    static const struct {
        intptr_t result;
        bool error;
    } cases[] = {
        {0, false},          {1, false},         {-1, true},
        {-4095, true},       {-4096, false},     {INTPTR_MIN, false},
        {INTPTR_MAX, false}, {-ECANCELED, true},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cr_expect_eq(gyre_is_error(cases[i].result), cases[i].error, "%jd",
                     (intmax_t)cases[i].result);
    cr_expect(!gyre_is_error((intptr_t)&cases));
}

Test(result, every_error_has_words_of_its_own)
{
    static const int own[] = {-ECANCELED, -ETIMEDOUT,  -EPIPE,
                              -EPROTO,    -EMSGSIZE,   -EBUSY,
                              -EDEADLK,   -EOWNERDEAD, -ENOMEM};
    size_t n = sizeof own / sizeof own[0];

    cr_expect_str_eq(gyre_strerror(0), "success");
    cr_expect_str_eq(gyre_strerror(7), "success");
    cr_expect_str_eq(gyre_strerror(-ENOENT), strerror(ENOENT));
    for (size_t i = 0; i < n; i++) {
        cr_expect_neq(gyre_strerror(own[i])[0], '\0');
        for (size_t j = 0; j < i; j++)
            cr_expect_str_neq(gyre_strerror(own[i]), gyre_strerror(own[j]));
    }
}
