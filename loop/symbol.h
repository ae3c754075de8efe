/*
 * symbol.h - addresses of code, as people know them.
 *
 * Private to loop/ and what is above it; installed nowhere.  A report that says
 * 0x55d0c3a1f27f says nothing; one that says fetch+0x5f can be acted upon.
 * There is one form, that of glibc's backtrace_symbols(3):
 *
 *      fetch+0x5f              in a function of the program, static or not
 *      libc.so.6(read+0x12)    in one of a shared object
 *      server(+0x5c7f)         of no function that is known: where the program,
 *                              or the object, has it, as addr2line takes it
 *      0x55d0c3a1f27f          in no object at all
 *
 * `gyre-lines` (task/show/lines.sh) adds file and line to the first three.
 *
 * On Linux names come from the symbol tables in the files of the program and
 * its shared objects (symbol_elf.c), elsewhere from the loader, which knows no
 * static functions (symbol_dladdr.c).  C++'s are left as they are mangled.
 *
 * Nothing is kept between calls, and nothing allocated, so that handlers of
 * signals may ask: on Linux for the price of a few system calls, and of a walk
 * over the symbols, some 0.1 ms for a small program.  A handler that interrupts
 * dlopen may have to wait for another thread's.
 */
#ifndef GYRE_LOOP_SYMBOL_H
#define GYRE_LOOP_SYMBOL_H

#include <stdbool.h>
#include <stdint.h>

/* What can be found out about an address.  Names are cut off where they end. */
struct gyre_symbol {
    char object[64];    /* the file's, without folders; "" if in none */
    char function[120]; /* "" if not known */
    bool program;       /* the object is the program itself */
    uintptr_t start;    /* the function's address, or the object's bias */
};

/* A text by value: good in `printf("%s", gyre_name_site(site).text)`. */
struct gyre_name {
    char text[200];
};

/* Find out about `address`.  Cannot fail, but may find nothing. */
void gyre_symbol_find(const void *address, struct gyre_symbol *s);

/* Name the function at the address `fn`. */
struct gyre_name gyre_name_function(uintptr_t fn);

/* Name the place of a call, by the address it returns to: the offset is that,
   the function is the caller's though the call be the last thing in it. */
struct gyre_name gyre_name_site(const void *site);

#endif
