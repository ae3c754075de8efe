/*
 * handlers.c - what the servers of the tests do.
 */
#include "tests/io/http/handlers.h"

#include <criterion/criterion.h>

#include "task/task.h"

int hello(struct gyre_http_request *r)
{
    return gyre_http_reply(r, 200, "hello", 5);
}

int wait_a_second(struct gyre_http_request *r)
{
    int err = gyre_sleep(gyre_in(GYRE_SECOND));

    return err ? err : gyre_http_reply(r, 200, "slept", 5);
}

int large(struct gyre_http_request *r)
{
    static char bytes[LARGE];

    return gyre_http_reply(r, 200, bytes, sizeof bytes);
}

int echo_whole(struct gyre_http_request *r)
{
    struct gyre_span body;
    int err = gyre_http_body_whole(r, &body, GYRE_FOREVER);

    if (err)
        return err;
    cr_expect_eq(body.at[body.length], '\0');
    return gyre_http_reply(r, 200, body.at, body.length);
}
