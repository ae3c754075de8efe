/*
 * span.c - a length of time, in a column.
 */
#include "task/show/span.h"

#include "task/show/out.h"

void gyre_put_column(struct gyre_out *o, gyre_time span)
{
    static const struct {
        gyre_time size;
        const char *name;
    } units[] = {{GYRE_SECOND, "s "},
                 {GYRE_MILLISECOND, "ms"},
                 {GYRE_MICROSECOND, "us"}};
    int i = span >= GYRE_SECOND ? 0 : span >= GYRE_MILLISECOND ? 1 : 2;

    gyre_put_format(o, "%4lld.%03d %s", (long long)(span / units[i].size),
                    (int)(span % units[i].size / (units[i].size / 1000)),
                    units[i].name);
}
