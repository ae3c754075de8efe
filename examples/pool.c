/* Five clients, a pool of two connections, and three seconds for all. */
#include <gyre.h>
#include <stdio.h>

enum { CONNECTIONS = 2, CLIENTS = 5 };

struct connection {
    struct connection *next; /* in pool.idle */
};

/* A list, and a semaphore that counts it: to give back is no cancel point, so
   that a cancelled client gives its connection back as any other does. */
static struct pool {
    struct gyre_semaphore count;
    struct connection *idle;
} pool;

static int take(struct connection **out, gyre_time deadline)
{
    int err = gyre_semaphore_acquire(&pool.count, 1, deadline);

    if (err)
        return err;
    *out = pool.idle;
    pool.idle = pool.idle->next;
    return 0;
}

static void give_back(struct connection *c)
{
    c->next = pool.idle;
    pool.idle = c;
    gyre_semaphore_release(&pool.count, 1);
}

static intptr_t ask(void *name)
{
    struct connection *c;
    int err = take(&c, GYRE_FOREVER);

    if (err) {
        printf("%s, without a connection: %s\n", (const char *)name, gyre_strerror(err));
        return err;
    }
    err = gyre_sleep(gyre_in(2 * GYRE_SECOND)); /* for an answer, say */
    printf("%s: %s\n", (const char *)name, err ? gyre_strerror(err) : "done");
    give_back(c);
    return err;
}

static intptr_t program(void *arg)
{
    static char *names[CLIENTS] = {"ann", "bob", "eve", "joe", "sue"};
    struct connection connections[CONNECTIONS];
    struct gyre_scope scope;
    intptr_t why;

    (void)arg;
    for (int i = 0; i < CONNECTIONS; i++)
        give_back(&connections[i]);
    gyre_scope_open(&scope, gyre_in(3 * GYRE_SECOND));
    for (int i = 0; i < CLIENTS; i++)
        gyre_spawn(&scope, NULL, ask, names[i]);
    why = gyre_scope_close(&scope, 0);
    printf("%s; %d connections are back\n", gyre_strerror((int)why),
           (int)gyre_semaphore_available(&pool.count));
    return 0;
}

int main(void)
{
    return gyre_simulate(program, NULL) != 0;
}
