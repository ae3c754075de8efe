/*
 * title.c - who a task is, for reports.
 */
#include "loop/text.h"
#include "task/internal.h"

struct gyre_name gyre_task_title(const struct gyre_task *t)
{
    struct gyre_name fn = gyre_name_function((uintptr_t)t->fn), title;
    struct gyre_text text;

    if (t->name == NULL)
        return fn;
    gyre_text_init(&text, title.text, sizeof title.text);
    gyre_text_add(&text, t->name);
    gyre_text_add(&text, " (");
    gyre_text_add(&text, fn.text);
    gyre_text_add(&text, ")");
    return title;
}
