/*
 * handlers.h - what the servers of the tests do, and how they are asked to.
 */
#ifndef TESTS_IO_HTTP_HANDLERS_H
#define TESTS_IO_HTTP_HANDLERS_H

#include "io/http/server/request.h"

/* A whole request, as a string. */
#define GET(path) "GET " path " HTTP/1.1\r\nHost: x\r\n\r\n"

/* More than a stream in memory, or the system, has under way. */
enum { LARGE = 200000 };

/* Reply "hello". */
int hello(struct gyre_http_request *r);

/* Reply "slept", after a second. */
int wait_a_second(struct gyre_http_request *r);

/* Reply with LARGE bytes. */
int large(struct gyre_http_request *r);

/* Reply with the request's body. */
int echo_whole(struct gyre_http_request *r);

#endif
