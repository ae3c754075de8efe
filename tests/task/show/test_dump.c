/*
 * test_dump.c - the claims of dump.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "loop/timer.h"
#include "task/future.h"
#include "task/scope.h"
#include "task/sync/event.h"
#include "task/task.h"
#include "task/tasks.h"
#include "task/wait.h"
#include "tests/support/faults.h"
#include "tests/task/show/dumped.h"
#include "tests/task/world.h"

/* ---- what there is to dump ---- */

static struct gyre_event event;

static intptr_t wait_a_minute(void *arg)
{
    (void)arg;
    return gyre_event_wait(&event, gyre_in(60 * GYRE_SECOND));
}

static intptr_t await(void *f)
{
    return gyre_await(f, GYRE_FOREVER);
}

static void describe(const struct gyre_wait *w, char *text, size_t n)
{
    (void)w;
    snprintf(text, n, "door \"%d\"", 7);
}

static const struct gyre_wait_kind doors = {.name = "at a door",
                                            .describe = describe};

/* Opens two scopes, one in the other, with a task in each; and waits. */
static intptr_t branch_out(void *arg)
{
    struct gyre_wait w = {.kind = &doors};
    struct gyre_scope outer, inner;
    intptr_t err;

    gyre_scope_open(&outer, gyre_in(3 * GYRE_SECOND));
    gyre_spawn_with(&outer, NULL, wait_a_minute, NULL,
                    &(struct gyre_spawn_options){.name = "leaf"});
    gyre_scope_open(&inner, GYRE_FOREVER);
    gyre_spawn_with(&inner, NULL, await, arg,
                    &(struct gyre_spawn_options){.name = "twig"});
    err = gyre_wait_park(&w, GYRE_FOREVER);
    return gyre_scope_close(&outer, gyre_scope_close(&inner, err));
}

/* Holds `check` while there is a little tree of tasks. */
static void with_a_tree(void (*check)(void))
{
    struct gyre_future f;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn_with(&s, &f, branch_out, &f,
                    &(struct gyre_spawn_options){.name = "branch"});
    cr_expect_eq(gyre_sleep(gyre_in(1500 * MS)), 0);
    gyre_spawn_with(
        &s, NULL, wait_a_minute, NULL,
        &(struct gyre_spawn_options){.name = "late", .background = true});
    check();
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

/* ---- as text ---- */

static void check_text(void)
{
    dump(GYRE_DUMP_TEXT);
    expect_dumped(
        "#1 main is running\n"
        "    spawned at *\n"
        "  #2 branch waits at a door, door \"7\"; 1.500 s so far, "
        "1.500 s more at most\n"
        "      spawned at *\n"
        "    #3 leaf waits for an event (*); 1.500 s so far, "
        "1.500 s more at most\n"
        "        spawned at *\n"
        "    #4 twig waits for a future (*), held up by #2; 1.500 s so far, "
        "1.500 s more at most\n"
        "        spawned at *\n"
        "  #5 late is ready; in the background\n"
        "      spawned at *\n");
}

CLAIM(dump, as_text_is_the_tree_of_tasks)
{
    with_a_tree(check_text);
}

CLAIM(dump, tells_who_is_cancelled)
{
    struct gyre_scope s;

    gyre_task_set_name("boss");
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_scope_cancel(&s);
    dump(GYRE_DUMP_TEXT);
    expect_dumped("#1 boss is running; cancelled\n    spawned at *\n");
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

static intptr_t wait_two_minutes(void *arg)
{
    (void)arg;
    return gyre_event_wait(&event, gyre_in(120 * GYRE_SECOND));
}

CLAIM(dump, shows_the_stack_of_those_that_look_alike_once)
{
    static const char *const names[] = {"a", "b", "c", "d", "e"};
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < 5; i++) {
        struct gyre_spawn_options options = {.name = names[i]};

        gyre_spawn_with(&s, NULL, i % 2 == 0 ? wait_a_minute : wait_two_minutes,
                        NULL, &options);
    }
    cr_expect_eq(gyre_sleep(gyre_in(2 * GYRE_SECOND)), 0);
    dump(GYRE_DUMP_TEXT);
    expect_dumped(
        "#1 main is running\n"
        "    spawned at *\n"
        "  #2 a waits for an event (*); 2.000 s so far, 58.000 s more at most\n"
        "  #4 c waits for an event (*); 2.000 s so far, 58.000 s more at most\n"
        "  #6 e waits for an event (*); 2.000 s so far, 58.000 s more at most\n"
        "      3 tasks, same stack:\n"
        "      spawned at *\n"
        "  #3 b waits for an event (*); 2.000 s so far, 118.000 s more at most\n"
        "  #5 d waits for an event (*); 2.000 s so far, 118.000 s more at most\n"
        "      2 tasks, same stack:\n"
        "      spawned at *\n");
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

/* With the square of them this would take minutes. */
CLAIM(dump, has_no_need_of_the_square_of_those_that_look_alike)
{
    static char names[4000][8];
    int nowhere = open("/dev/null", O_WRONLY);
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < 4000; i++) {
        struct gyre_spawn_options options = {.name = names[i]};

        sprintf(names[i], "%d", i);
        gyre_spawn_with(&s, NULL, wait_a_minute, NULL, &options);
    }
    cr_expect_eq(gyre_sleep(gyre_in(GYRE_SECOND)), 0);
    for (int i = 0; i < 10; i++)
        cr_expect_eq(gyre_dump(nowhere, GYRE_DUMP_TEXT), 0);
    close(nowhere);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

CLAIM(dump, tells_of_cycles_and_names_no_more_than_a_few_that_hold_one_up)
{
    struct gyre_spawn_options named = {.name = "ring"};
    struct gyre_future f[12];
    struct gyre_scope s;
    const char *cycle;

    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < 12; i++)
        gyre_spawn_with(&s, &f[i], await, &f[i < 2 ? 1 - i : 0], &named);
    cr_expect_eq(gyre_sleep(gyre_in(GYRE_SECOND)), 0);
    dump(GYRE_DUMP_TEXT);
    cycle = strstr(dumped, "deadlock");
    cr_expect_not_null(cycle);
    if (cycle != NULL)
        cr_expect_str_eq(
            cycle,
            "deadlock among 2 tasks:\n"
            "  #2 ring waits for a future (*), held up by #3; 1.000 s so far\n"
            "  #3 ring waits for a future (*), held up by #2; 1.000 s so far\n");
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

struct patient {
    struct gyre_future *f;
    gyre_time deadline;
};

static intptr_t await_for_a_while(void *arg)
{
    const struct patient *p = arg;

    return gyre_await(p->f, p->deadline);
}

/* The cycles there are when `n` tasks wait each for the next. */
static const char *cycle_of(struct patient *patients, int n)
{
    struct gyre_spawn_options named = {.name = "ring"};
    struct gyre_future f[3];
    struct gyre_scope s;
    const char *cycle;

    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < n; i++) {
        patients[i].f = &f[(i + 1) % n];
        gyre_spawn_with(&s, &f[i], await_for_a_while, &patients[i], &named);
    }
    cr_expect_eq(gyre_sleep(gyre_in(GYRE_SECOND)), 0);
    dump(GYRE_DUMP_TEXT);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cycle = strrchr(dumped, ':');
    while (cycle != NULL && cycle > dumped && cycle[-1] != '\n')
        cycle--;
    return cycle != NULL ? cycle : dumped;
}

static void expect_cycle(struct patient *patients, int n, const char *words)
{
    const char *cycle = cycle_of(patients, n);

    cr_expect_eq(strncmp(cycle, words, strlen(words)), 0, "%s", cycle);
}

CLAIM(dump, calls_nothing_a_deadlock_that_ends_by_itself)
{
    struct patient patients[3] = {{.deadline = GYRE_FOREVER},
                                  {.deadline = GYRE_FOREVER},
                                  {.deadline = GYRE_FOREVER}};
    struct gyre_scope s;

    expect_cycle(patients, 1, "deadlock among 1 task:\n");
    expect_cycle(patients, 3, "deadlock among 3 tasks:\n");
    patients[1].deadline = gyre_in(60 * GYRE_SECOND);
    patients[2].deadline = gyre_in(20 * GYRE_SECOND);
    expect_cycle(patients, 3,
                 "3 tasks wait for each other, for 19.000 s more at most:\n");
    gyre_scope_open(&s, gyre_in(9 * GYRE_SECOND));
    expect_cycle(patients, 1,
                 "1 task waits for itself, for 8.000 s more at most:\n");
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

/* ---- names ---- */

/* Neither has a name of its own; and none of the calls is a function's last. */
static __attribute__((noinline)) int stand_here(void)
{
    int err = gyre_event_wait(&event, GYRE_FOREVER);

    return err - 1;
}

static intptr_t stand_there(void *arg)
{
    (void)arg;
    return stand_here() + 1;
}

static __attribute__((noinline)) void send_there(struct gyre_scope *s)
{
    gyre_spawn(s, NULL, stand_there, NULL);
    let_others_run();
}

CLAIM(dump, names_functions_and_places)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    send_there(&s);
    dump_with_places();
#ifndef GYRE_SYMBOLS_DLADDR
    cr_expect_not_null(strstr(dumped, "  #2 stand_there waits for an event "));
    cr_expect_not_null(strstr(dumped, "\n      spawned at send_there+*\n"));
#ifndef GYRE_SWITCH_UCONTEXT
    cr_expect_not_null(strstr(dumped, "\n      in stand_here+*\n"
                                      "      in stand_there+*\n"
                                      "      spawned at "));
    cr_expect_not_null(strstr(dumped, "#1 main is running\n    in dump+*\n"
                                      "    in dump_with_places+*\n"
                                      "    in names_functions_and_places+*\n"));
#endif
#endif
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

/* ---- as JSON ---- */

static void check_json(void)
{
    dump(GYRE_DUMP_JSON);
    cr_expect_not_null(strstr(dumped, "{\"tasks\":[\n{\"id\":1,\"parent\":null,"
                                      "\"name\":\"main\",\"function\":\""));
    cr_expect_not_null(strstr(
        dumped, "\"state\":\"parked\",\"cancelled\":false,"
                "\"background\":false,\"waits\":{\"kind\":\"at a door\","
                "\"on\":null,\"detail\":\"door \\\"7\\\"\",\"held_up_"
                "by\":[],\"age_ns\":1500000000,\"left_ns\":1500000000}"));
    cr_expect_not_null(strstr(
        dumped, "\"waits\":{\"kind\":\"for a future\",\"on\":\"*\",\"detail\":"
                "null,\"held_up_by\":[2],\"age_ns\":1500000000,"));
    cr_expect_not_null(strstr(dumped, "\"state\":\"ready\",\"cancelled\":false,"
                                      "\"background\":true,\"waits\":null,"));
    cr_expect_not_null(strstr(dumped, "],\n\"cycles\":[]}\n"));
}

CLAIM(dump, as_json_says_all_there_is)
{
    with_a_tree(check_json);
}

/* Strange names, which a compiler for another language may give. */
static intptr_t strange(void *arg) __asm__("strange_\xc3\xa4_\xff");

static intptr_t strange(void *arg)
{
    return gyre_sleep(gyre_in((gyre_time)(intptr_t)arg)) + 1;
}

#define STRANGE "strange_\xc3\xa4_\xef\xbf\xbd"

static void describe_at_length(const struct gyre_wait *w, char *text, size_t n)
{
    (void)w;
    snprintf(text, n, "%62s\xc3\xa4", "");
}

static intptr_t stand_at_length(void *arg)
{
    static const struct gyre_wait_kind kind = {.describe = describe_at_length};
    struct gyre_wait w = {.kind = &kind};

    (void)arg;
    return gyre_wait_park(&w, GYRE_FOREVER);
}

CLAIM(dump, is_utf_8_for_programs_whatever_names_are)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, strange, (void *)(intptr_t)GYRE_SECOND);
    gyre_spawn(&s, NULL, stand_at_length, NULL);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    dump(GYRE_DUMP_JSON);
    cr_expect_not_null(strstr(dumped, " \xef\xbf\xbd\",\"held_up_by\""));
#ifndef GYRE_SYMBOLS_DLADDR
    cr_expect_not_null(strstr(dumped, "\"function\":\"" STRANGE "\""));
#ifndef GYRE_SWITCH_UCONTEXT
    cr_expect_not_null(strstr(dumped, "\"" STRANGE "+*\"]"));
#endif
    dump(GYRE_DUMP_DOT);
    cr_expect_not_null(strstr(dumped, "#2 " STRANGE "\\n"));
#endif
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

/* ---- as DOT ---- */

static void check_dot(void)
{
    dump(GYRE_DUMP_DOT);
    expect_dumped("digraph tasks {\n"
                  "  node [shape=box];\n"
                  "  1 [label=\"#1 main\\nrunning\"];\n"
                  "  2 [label=\"#2 branch\\nat a door\\ndoor \\\"7\\\"\"];\n"
                  "  1 -> 2 [style=dotted];\n"
                  "  3 [label=\"#3 leaf\\nfor an event\"];\n"
                  "  2 -> 3 [style=dotted];\n"
                  "  4 [label=\"#4 twig\\nfor a future\"];\n"
                  "  2 -> 4 [style=dotted];\n"
                  "  4 -> 2 [label=\"for a future\"];\n"
                  "  5 [label=\"#5 late\\nready\"];\n"
                  "  1 -> 5 [style=dotted];\n"
                  "}\n");
}

CLAIM(dump, as_dot_is_who_waits_for_whom)
{
    with_a_tree(check_dot);
}

CLAIM(dump, as_dot_has_who_is_in_a_cycle_in_red)
{
    struct gyre_future f;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn_with(&s, &f, await, &f,
                    &(struct gyre_spawn_options){.name = "self"});
    let_others_run();
    dump(GYRE_DUMP_DOT);
    cr_expect_not_null(strstr(dumped, "  2 [color=red];\n}\n"));
    cr_expect_null(strstr(dumped, "  1 [color=red];\n"));
    dump(GYRE_DUMP_JSON);
    cr_expect_not_null(strstr(dumped, "\"cycles\":[[2]]}\n"));
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

/* ---- from where, and how ---- */

static void dump_from_callback(struct gyre_timer *t)
{
    (void)t;
    dump(GYRE_DUMP_TEXT);
}

CLAIM(dump, can_be_made_by_a_callback)
{
    struct gyre_timer timer = {.fire = dump_from_callback};

    gyre_timer_start(world->loop, &timer, gyre_in(MS));
    cr_expect_eq(gyre_sleep(gyre_in(GYRE_SECOND)), 0);
    expect_dumped("#1 main waits for a while; 0.001 s so far, 0.999 s more at "
                  "most\n    spawned at *\n");
}

CLAIM(dump, says_why_it_could_not_be_written)
{
    for (int format = GYRE_DUMP_TEXT; format <= GYRE_DUMP_DOT; format++)
        cr_expect_eq(gyre_dump(-1, (enum gyre_dump_format)format), -EBADF);
}

CLAIM(dump, allocates_nothing)
{
    long blocks = faults_blocks();
    int ends[2];

    cr_expect_eq(pipe(ends), 0);
    for (int format = GYRE_DUMP_TEXT; format <= GYRE_DUMP_DOT; format++)
        cr_expect_eq(gyre_dump(ends[1], (enum gyre_dump_format)format), 0);
    cr_expect_eq(faults_blocks(), blocks);
    close(ends[0]);
    close(ends[1]);
}
