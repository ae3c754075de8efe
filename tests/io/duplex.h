/*
 * duplex.h - a stream of two that go one way each, as a child's standard
 * streams are.
 */
#ifndef TESTS_IO_DUPLEX_H
#define TESTS_IO_DUPLEX_H

#include "io/stream.h"

/* What is read comes from `in`, what is written goes to `out`; both are closed
   with it. */
struct gyre_stream *make_duplex(struct gyre_stream *in,
                                struct gyre_stream *out);

#endif
