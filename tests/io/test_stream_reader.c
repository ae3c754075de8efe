/*
 * test_stream_reader.c - the claims of stream.h about there being one reader,
 * a task or a job, held over every kind of stream.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loop/loop.h"
#include "task/scope.h"
#include "task/task.h"
#include "io/stream.h"
#include "tests/io/pairs.h"
#include "tests/task/world.h"

/* ---- a task ---- */

static intptr_t read_line(void *arg)
{
    char buf[8];
    ssize_t n = gyre_read_until(ours, '\n', buf, 8, GYRE_FOREVER);

    (void)arg;
    note(n == 3 ? 'l' : '?');
    return 0;
}

CLAIM_OF_STREAMS(stream_reader, has_one_reader_while_it_reads_ahead)
{
    struct gyre_job j = {0};
    struct gyre_scope s;
    char buf[8];

    open_pair(0);
    say("ab");
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, read_line, NULL);
    let_all_settle();
    cr_expect_eq(gyre_read(ours, buf, 8, GYRE_NOW), -EBUSY);
    cr_expect_eq(gyre_read_exact(ours, buf, 3, SOON), -EBUSY);
    cr_expect_eq(gyre_read_until(ours, '\n', buf, 8, SOON), -EBUSY);
    cr_expect_eq(gyre_stream_when_readable(ours, &j), -EBUSY);
    say("\n");
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("l");
    close_pair();
}

static intptr_t read_byte(void *arg)
{
    char byte = '?';
    ssize_t n = gyre_read(ours, &byte, 1, GYRE_FOREVER);

    (void)arg;
    note(n == 1 ? byte : n == 0 ? '.' : '?');
    return 0;
}

static void say_x(void)
{
    say("x");
}

static void read_in_between(void)
{
    char byte;

    note(gyre_read(ours, &byte, 1, GYRE_NOW) == -EBUSY ? 'b' : '?');
    note(gyre_read_exact(ours, &byte, 1, GYRE_NOW) == -EBUSY ? 'b' : '?');
}

/* Who was let in between took the bytes, and the first was told that the peer
   had ended. */
CLAIM_OF_STREAMS(stream_reader,
                 has_one_reader_while_that_one_is_woken_but_has_not_run)
{
    struct gyre_scope s;

    open_pair(0);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, read_byte, NULL);
    let_others_run();
    upon_waking(say_x, read_in_between);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("bbx");
    close_pair();
}

/* A stream of somebody else's making, that minds who is inside. */
struct minding {
    struct gyre_stream stream;
    int inside;
    int most;
};

static ssize_t mind(struct gyre_stream *s, void *buf, size_t n,
                    gyre_time deadline)
{
    struct minding *m = GYRE_OWNER(s, struct minding, stream);
    int err;

    (void)buf;
    (void)n;
    (void)deadline;
    m->inside++;
    if (m->inside > m->most)
        m->most = m->inside;
    err = gyre_sleep(gyre_in(MS));
    m->inside--;
    return err;
}

static void close_minding(struct gyre_stream *s)
{
    (void)s;
}

static int job_waits(struct gyre_stream *s, unsigned event, struct gyre_job *j)
{
    (void)s;
    (void)event;
    (void)j;
    return 0;
}

static void job_is_forgotten(struct gyre_stream *s, unsigned event)
{
    (void)s;
    (void)event;
}

static intptr_t read_minding(void *s)
{
    char byte;

    note(gyre_read(s, &byte, 1, GYRE_FOREVER) == -EBUSY ? 'b' : 'r');
    return 0;
}

CLAIM(stream_reader, has_one_reader_whoever_made_it)
{
    static const struct gyre_stream_ops ops = {.name = "minding",
                                               .read = mind,
                                               .close = close_minding,
                                               .when = job_waits,
                                               .forget = job_is_forgotten};
    struct minding m = {.most = 0};
    struct gyre_job j = {0};
    struct gyre_scope s;

    gyre_stream_init(&m.stream, &ops, gyre_loop_current());
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, read_minding, &m.stream);
    gyre_spawn(&s, NULL, read_minding, &m.stream);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("br");
    cr_expect_eq(gyre_stream_when_readable(&m.stream, &j), 0);
    read_minding(&m.stream);
    gyre_stream_forget(&m.stream);
    read_minding(&m.stream);
    expect_notes("br");
    cr_expect_eq(m.most, 1);
    gyre_close(&m.stream);
}

/* ---- a job ---- */

/* Reads a byte, and asks again when that was for nothing. */
static void read_if_any(struct gyre_job *j)
{
    char byte;
    ssize_t n = gyre_read(ours, &byte, 1, GYRE_NOW);

    if (n == -ETIMEDOUT)
        cr_expect_eq(gyre_stream_when_readable(ours, j), 0);
    else
        note(n == 1 ? byte : n == 0 ? '.' : '?');
}

static void wait_for_a_note(void)
{
    wait_until(notes[0] != '\0');
}

CLAIM_OF_STREAMS(stream_reader, runs_a_job_once_when_there_is_something_to_read)
{
    struct gyre_job j = {.run = read_if_any};

    open_pair(0);
    cr_expect_eq(gyre_stream_when_readable(ours, &j), 0);
    let_all_settle();
    expect_notes("");
    say("ab");
    wait_for_a_note();
    let_all_settle();
    expect_notes("a");
    cr_expect_eq(gyre_stream_when_readable(ours, &j), 0);
    wait_for_a_note();
    expect_notes("b");
    close_theirs();
    cr_expect_eq(gyre_stream_when_readable(ours, &j), 0);
    wait_for_a_note();
    expect_notes(".");
    close_pair();
}

static int times_asked;

static void read_line_if_any(struct gyre_job *j)
{
    char buf[8];
    ssize_t n = gyre_read_until(ours, '\n', buf, 8, GYRE_NOW);

    times_asked++;
    if (n == -ETIMEDOUT)
        cr_expect_eq(gyre_stream_when_readable(ours, j), 0);
    else
        note(n == 3 ? 'l' : '?');
}

static void read_three_if_any(struct gyre_job *j)
{
    char buf[3];
    int err = gyre_read_exact(ours, buf, 3, GYRE_NOW);

    times_asked++;
    if (err == -ETIMEDOUT)
        cr_expect_eq(gyre_stream_when_readable(ours, j), 0);
    else
        note(err == 0 ? 'l' : '?');
}

/* Half of it comes, and then nothing for long. */
static void ask_for_what_is_incomplete(void (*run)(struct gyre_job *j))
{
    struct gyre_job j = {.run = run};

    times_asked = 0;
    open_pair(0);
    cr_expect_eq(gyre_stream_when_readable(ours, &j), 0);
    say("a");
    for (int i = 0; i < 1000; i++)
        let_others_run();
    cr_expect_leq(times_asked, 2);
    say("b");
    let_all_settle();
    expect_notes("");
    say("\nc");
    wait_for_a_note();
    expect_notes("l");
    cr_expect_leq(times_asked, 4);

    /* Of what is left over nobody has said that it is not enough. */
    times_asked = 0;
    cr_expect_eq(gyre_stream_when_readable(ours, &j), 0);
    let_others_run();
    cr_expect_eq(times_asked, 1);
    gyre_stream_forget(ours);
    close_pair();
}

CLAIM_OF_STREAMS(stream_reader, runs_no_job_for_what_was_not_enough)
{
    ask_for_what_is_incomplete(read_line_if_any);
    ask_for_what_is_incomplete(read_three_if_any);
}

static void note_readable(struct gyre_job *j)
{
    (void)j;
    note('r');
}

CLAIM_OF_STREAMS(stream_reader, has_no_reader_beside_a_job_that_waits)
{
    struct gyre_job j = {.run = note_readable}, other = {0};
    char byte;

    open_pair(0);
    cr_expect_eq(gyre_read(ours, &byte, 1, gyre_in(MS)), -ETIMEDOUT);
    cr_expect_eq(gyre_stream_when_readable(ours, &j), 0);
    cr_expect_eq(gyre_stream_when_readable(ours, &other), -EBUSY);
    cr_expect_eq(gyre_read(ours, &byte, 1, SOON), -EBUSY);
    cr_expect_eq(gyre_read_exact(ours, &byte, 1, SOON), -EBUSY);
    gyre_stream_forget(ours);
    cr_expect_eq(gyre_read(ours, &byte, 1, GYRE_NOW), -ETIMEDOUT);
    let_others_run();
    expect_notes("");
    close_pair();
}

/* How somebody lets go of a job: in time, or when it has been started. */
static void let_go(bool started, void (*let_go_of_it)(void))
{
    struct gyre_job *j = malloc(sizeof *j);
    char byte;

    *j = (struct gyre_job){.run = note_readable};
    open_pair(0);
    cr_expect_eq(gyre_read(ours, &byte, 1, gyre_in(MS)), -ETIMEDOUT);
    if (started) {
        say("ab");
        cr_expect_eq(gyre_read(ours, &byte, 1, SOON), 1);
    }
    cr_expect_eq(gyre_stream_when_readable(ours, j), 0);
    let_go_of_it();
    free(j);
    if (!started && ours != NULL)
        say("ab");
    let_all_settle();
    expect_notes("");
    close_pair();
}

static void forget_it(void)
{
    gyre_stream_forget(ours);
    gyre_stream_forget(ours);
}

CLAIM_OF_STREAMS(stream_reader, runs_no_job_that_was_forgotten_or_closed_under)
{
    for (int started = 0; started < 2; started++) {
        let_go(started, forget_it);
        let_go(started, close_ours);
    }
}

CLAIM_OF_STREAMS(stream_reader, is_readable_while_there_is_something_read_ahead)
{
    struct gyre_job j = {.run = note_readable};
    char buf[8];

    open_pair(0);
    say("a\nb");
    cr_expect_eq(gyre_read_until(ours, '\n', buf, 8, SOON), 2);
    cr_expect_eq(gyre_stream_when_readable(ours, &j), 0);
    cr_expect_eq(gyre_stream_when_readable(ours, &j), -EBUSY);
    let_others_run();
    expect_notes("r");
    cr_expect_eq(gyre_stream_when_readable(ours, &j), 0);
    gyre_stream_forget(ours);
    let_others_run();
    expect_notes("");
    cr_expect_eq(gyre_stream_when_readable(ours, &j), 0);
    close_pair();
    let_others_run();
    expect_notes("");
}
