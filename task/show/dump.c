/*
 * dump.c - what all tasks are doing.
 */
#include "task/show/dump.h"

#include <assert.h>

#include "task/breach.h"
#include "task/show/format.h"

int gyre_dump_run(struct gyre_runtime *rt, int fd, enum gyre_dump_format format)
{
    static void (*const put[])(struct gyre_out * o,
                               struct gyre_runtime * rt) = {
        [GYRE_DUMP_TEXT] = gyre_put_text,
        [GYRE_DUMP_JSON] = gyre_put_json,
        [GYRE_DUMP_DOT] = gyre_put_dot,
    };
    struct gyre_out_fd o;

    gyre_out_init_fd(&o, fd);
    put[format](&o.out, rt);
    return gyre_out_end(&o.out);
}

GYRE_NOT_INLINED int gyre_dump(int fd, enum gyre_dump_format format)
{
    struct gyre_runtime *rt = gyre_running;
    int err;

    assert(rt != NULL);
    rt->asked_at = __builtin_return_address(0);
    err = gyre_dump_run(rt, fd, format);
    rt->asked_at = NULL;
    return err;
}
