/*
 * Gyre inside of GLib's main loop: a source whose descriptor and whose time are Gyre's.
 *
 * GLib's timeouts write to a pipe, which Gyre watches; and each time Gyre has read it starts a timer
 * of its own, which asks GLib for the next timeout.  So each depends on the other to be on time.
 */
#include <errno.h>
#include <glib.h>
#include <gyre.h>
#include <stdio.h>
#include <unistd.h>

/* ---- the source ---- */

struct source {
    GSource base;
    struct gyre_loop *loop;
    struct gyre_deadline_hook hook;
    GMainLoop *main;
    int rounds;
};

/* Both count CLOCK_MONOTONIC, GLib in microseconds.  Rounded up, for a round that comes too early
   finds nothing to do, and asks for another. */
static void set_alarm(struct source *s, gyre_time deadline)
{
    g_source_set_ready_time(&s->base, deadline == GYRE_FOREVER ? -1 : (deadline + 999) / 1000);
}

/* Something was started or stopped outside of a round, by a callback of GLib's. */
static void deadline_moved(struct gyre_deadline_hook *hook, gyre_time deadline)
{
    set_alarm(GYRE_OWNER(hook, struct source, hook), deadline);
}

static gboolean dispatch(GSource *base, GSourceFunc none, gpointer data)
{
    struct source *s = (struct source *)base;

    (void)none, (void)data;
    s->rounds++;
    if (gyre_loop_once(s->loop, GYRE_NOW) != 0 || !gyre_loop_alive(s->loop))
        g_main_loop_quit(s->main);
    set_alarm(s, gyre_loop_deadline(s->loop));
    return G_SOURCE_CONTINUE;
}

static struct source *source_new(struct gyre_loop *l, GMainLoop *main)
{
    static GSourceFuncs funcs = {.dispatch = dispatch};
    struct source *s = (struct source *)g_source_new(&funcs, sizeof *s);

    s->loop = l;
    s->main = main;
    s->hook.changed = deadline_moved;
    g_source_add_unix_fd(&s->base, gyre_loop_fd(l), G_IO_IN);
    g_source_attach(&s->base, g_main_loop_get_context(main));
    gyre_loop_on_deadline(l, &s->hook);
    set_alarm(s, gyre_loop_deadline(l));
    return s;
}

static void source_free(struct source *s)
{
    gyre_loop_on_deadline(s->loop, NULL);
    g_source_destroy(&s->base);
    g_source_unref(&s->base);
}

/* ---- what runs in them ---- */

struct game {
    struct gyre_loop *loop;
    struct gyre_watch watch;
    struct gyre_timer timer;
    int pipe[2];
    int left;
};

static gboolean glib_plays(gpointer data)
{
    struct game *g = data;

    printf("glib: %d\n", g->left);
    if (write(g->pipe[1], "x", 1) != 1)
        printf("glib: %s\n", gyre_strerror(-errno));
    return G_SOURCE_REMOVE;
}

static void gyre_reads(struct gyre_watch *watch, unsigned events)
{
    struct game *g = GYRE_OWNER(watch, struct game, watch);
    char byte;

    (void)events;
    if (read(g->pipe[0], &byte, 1) == 1)
        gyre_timer_start(g->loop, &g->timer, gyre_loop_in(g->loop, 20 * GYRE_MILLISECOND));
}

static void gyre_plays(struct gyre_timer *timer)
{
    struct game *g = GYRE_OWNER(timer, struct game, timer);

    printf("gyre: %d\n", g->left);
    if (--g->left > 0)
        g_timeout_add(20, glib_plays, g);
    else
        gyre_watch_stop(g->loop, &g->watch); /* nothing is awaited any more */
}

int main(void)
{
    struct game g = {.watch.ready = gyre_reads, .timer.fire = gyre_plays, .left = 3};
    GMainLoop *main = g_main_loop_new(NULL, FALSE);
    struct source *s;

    if (gyre_loop_new(&g.loop) != 0 || pipe(g.pipe) != 0)
        return 1;
    s = source_new(g.loop, main);
    if (gyre_watch_start(g.loop, &g.watch, g.pipe[0], GYRE_READ) != 0)
        return 1;
    g_timeout_add(20, glib_plays, &g);
    g_main_loop_run(main);
    printf("%s rounds\n", s->rounds <= 20 ? "few" : "too many");
    source_free(s);
    g_main_loop_unref(main);
    gyre_loop_free(g.loop);
    close(g.pipe[0]);
    close(g.pipe[1]);
    return 0;
}
