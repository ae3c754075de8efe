/*
 * test_replay.c - what the fuzzers assert holds of the vectors, and of what
 * they have found before.
 */
#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tests/io/http/vectors.h"

static size_t replay_vectors(const struct fuzz_target *t, struct vectors v)
{
    size_t n = v.n;

    for (size_t i = 0; i < v.n; i++)
        t->run(v.all[i].message.at, v.all[i].message.length);
    vectors_free(&v);
    return n;
}

static void replay(const char *name)
{
    const struct fuzz_target *t = fuzz_find(name);
    char path[100];
    size_t n = 0;

    cr_assert_not_null(t);
    if (t->vectors != NULL)
        n += replay_vectors(t, vectors_read(t->vectors));
    snprintf(path, sizeof path, "tests/io/http/vectors/%s", t->table);
    if (t->table != NULL)
        n += replay_vectors(t, vectors_read_lines(path));
    snprintf(path, sizeof path, "tests/fuzz/corpus/%s.txt", name);
    n += replay_vectors(t, vectors_read_lines(path));
    cr_expect_gt(n, 10, "hardly anything to replay");
    t->run("", 0);
}

#define REPLAY(name)                                                           \
    Test(fuzz, name)                                                           \
    {                                                                          \
        replay(#name);                                                         \
    }

REPLAY(request)
REPLAY(response)
REPLAY(chunked)
REPLAY(url)
REPLAY(escape)
REPLAY(fields)
REPLAY(form)
REPLAY(multipart)
REPLAY(cookie)
REPLAY(json)
REPLAY(json_written)
REPLAY(websocket)
REPLAY(range)
REPLAY(server)
REPLAY(socket)
REPLAY(client)
