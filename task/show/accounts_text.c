/*
 * accounts_text.c - accounts, as a table.
 */
#include <inttypes.h>
#include <string.h>

#include "loop/list.h"
#include "loop/symbol.h"
#include "task/show/accounts.h"
#include "task/show/out.h"
#include "task/show/put.h"
#include "task/show/span.h"

enum { ROWS = 32 };

struct row {
    struct gyre_task_info info;
    struct gyre_task_account account;
};

/* The tasks that ran longest, the longest first. */
struct table {
    struct gyre_account_visitor base;
    struct row rows[ROWS];
    int n;
};

/* One that ran as long as another comes after it. */
static void enter(struct gyre_account_visitor *v,
                  const struct gyre_task_info *info,
                  const struct gyre_task_account *account)
{
    struct table *t = GYRE_OWNER(v, struct table, base);
    int i = t->n;

    while (i > 0 && t->rows[i - 1].account.ran < account->ran)
        i--;
    if (i == ROWS)
        return;
    t->n += t->n < ROWS;
    memmove(&t->rows[i + 1], &t->rows[i],
            (size_t)(t->n - i - 1) * sizeof t->rows[0]);
    t->rows[i] = (struct row){*info, *account};
}

static void put_account(struct gyre_out *o, const struct gyre_task_account *a)
{
    gyre_put_column(o, a->ran);
    gyre_put_format(o, " %9" PRIu64, a->turns);
    gyre_put_column(o, a->longest_turn);
    gyre_put_column(o, a->queued);
    gyre_put_column(o, a->longest_queued);
}

static void put_row(struct gyre_out *o, const struct row *r)
{
    put_account(o, &r->account);
    gyre_put_format(o, "  #%" PRIu64 " ", r->info.id);
    if (r->info.name != NULL)
        gyre_put(o, r->info.name);
    else
        gyre_put(o, gyre_name_function((uintptr_t)r->info.fn).text);
    gyre_put(o, "\n");
}

static void put_table(struct gyre_out *o, struct gyre_accounts *a)
{
    struct table t = {.base.task = enter};
    size_t all = gyre_accounts_walk(a, &t.base);

    gyre_put(o, "        ran     turns    longest     queued    longest"
                "  task\n");
    for (int i = 0; i < t.n; i++)
        put_row(o, &t.rows[i]);
    if (all > ROWS)
        gyre_put_format(o, "and %zu more\n", all - ROWS);
    put_account(o, &a->spent);
    gyre_put_format(o, "  %" PRIu64 " that ended\n", a->ended);
}

void gyre_put_accounts(struct gyre_out *o, struct gyre_accounts *a)
{
    put_table(o, a);
    gyre_put_histogram(o, &a->rounds, "rounds of the loop");
    gyre_put_histogram(o, &a->late, "delays of timers");
}

int gyre_accounts_print(struct gyre_accounts *a, int fd)
{
    struct gyre_out_fd to;

    gyre_out_init_fd(&to, fd);
    gyre_put_accounts(&to.out, a);
    return gyre_out_end(&to.out);
}
