/*
 * test_symbol.c - the claims of symbol.h: addresses of code as people know
 * them.  Of copies of a program that were stripped, or deleted, see
 * tests/system/build/names.sh.
 */
#include <criterion/criterion.h>

#include <ctype.h>
#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loop/symbol.h"
#include "tests/support/faults.h"

/* Is `text` `before`, a hexadecimal number, and `after`? */
static bool has_hex_between(const char *text, const char *before,
                            const char *after)
{
    size_t n = strlen(before);

    if (strncmp(text, before, n) != 0 || strncmp(text + n, "0x", 2) != 0)
        return false;
    text += n + 2;
    if (!isxdigit((unsigned char)*text))
        return false;
    while (isxdigit((unsigned char)*text))
        text++;
    return strcmp(text, after) == 0;
}

static void expect_hex_between(struct gyre_name name, const char *before,
                               const char *after)
{
    cr_expect(has_hex_between(name.text, before, after), "%s is not %s0x%s",
              name.text, before, after);
}

static void expect_name(struct gyre_name name, const char *wanted)
{
    cr_expect_str_eq(name.text, wanted);
}

static const void *site_in_libc;

static int compare(const void *key, const void *element)
{
    site_in_libc = __builtin_return_address(0);
    return *(const char *)key - *(const char *)element;
}

Test(symbol, functions_of_shared_objects_are_told_with_these)
{
    expect_name(gyre_name_function((uintptr_t)getppid), "libc.so.6(getppid)");
    cr_expect_not_null(bsearch("a", "abc", 3, 1, compare));
    expect_hex_between(gyre_name_site(site_in_libc), "libc.so.6(bsearch+", ")");
}

Test(symbol, an_address_in_no_object_is_a_number)
{
    char here;
    char wanted[100];

    snprintf(wanted, sizeof wanted, "%p", (void *)&here);
    expect_name(gyre_name_site(&here), wanted);
    expect_name(gyre_name_function((uintptr_t)&here), wanted);
    expect_name(gyre_name_site(NULL), "0x0");
    expect_name(gyre_name_function(0), "0x0");
}

/* ---- of the program itself, if there is more than the loader's word ---- */

#ifndef GYRE_SYMBOLS_DLADDR

static __attribute__((noinline)) const void *site_of_call(void)
{
    return __builtin_return_address(0);
}

static __attribute__((noinline)) const void *a_static_function(void)
{
    const void *site = site_of_call();

    __asm__ volatile("");
    return site;
}

const void *a_global_function(void);

const void *a_global_function(void)
{
    const void *site = site_of_call();

    __asm__ volatile("");
    return site;
}

/* Compilers give such names to functions, before others in the table. */
static const void *their_name_for_it(void) __asm__("a_global_function.alias")
    __attribute__((alias("a_global_function"), used));

/* A call that is the last thing in a function returns to no part of it. */
static const void *site_at_the_end;
static jmp_buf out;

static __attribute__((noinline, noreturn)) void keep_site_and_leave(void)
{
    site_at_the_end = __builtin_return_address(0);
    longjmp(out, 1);
}

static __attribute__((noinline, noreturn)) void end_with_a_call(void)
{
    keep_site_and_leave();
}

Test(symbol, functions_of_the_program_are_named_and_static_ones_too)
{
    expect_name(gyre_name_function((uintptr_t)a_static_function),
                "a_static_function");
    expect_name(gyre_name_function((uintptr_t)a_global_function),
                "a_global_function");
    expect_hex_between(gyre_name_site(a_static_function()),
                       "a_static_function+", "");
    expect_hex_between(gyre_name_site(a_global_function()),
                       "a_global_function+", "");
}

Test(symbol, a_call_is_the_caller_s_though_it_be_the_last_thing_in_it)
{
    if (setjmp(out) == 0)
        end_with_a_call();
    expect_hex_between(gyre_name_site(site_at_the_end), "end_with_a_call+", "");
}

/* It is __getpgid as well. */
Test(symbol, of_several_names_the_plainest_is_told)
{
    expect_name(gyre_name_function((uintptr_t)getpgid), "libc.so.6(getpgid)");
}

Test(symbol, what_is_no_function_is_told_by_where_its_object_has_it)
{
    static char data;

    expect_hex_between(gyre_name_site(&data), "test_loop(+", ")");
}

static int name_a_function(void)
{
    struct gyre_symbol s;

    gyre_symbol_find((const void *)(uintptr_t)a_static_function, &s);
    cr_expect_str_eq(s.object, "test_loop");
    cr_expect(s.program);
    return s.function[0] == '\0' ? -EMFILE : 0;
}

Test(symbol, without_its_file_the_place_in_the_object_is_left)
{
    cr_expect_eq(faults_in_descriptors(name_a_function), 1);
}

#endif
