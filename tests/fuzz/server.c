/*
 * server.c - a whole server, in memory, and what a peer may send to it.
 *
 * However what is sent was divided, the answers are the same; there is one for
 * each request that the log is told of, with that status, in that order, each a
 * whole message that our own reader takes; and then the connection ends, maybe
 * behind a 100 whose body never came.  No file is served that is outside of its
 * directory.
 */
#include "tests/fuzz/targets.h"

#include <string.h>

#include "tests/fuzz/visit.h"

/* Does a client wait to be asked for its body?  Then what comes at once is the
   body, and what comes later may not be, if it was not asked for. */
static bool waits(const char *data, size_t n)
{
    static const char word[] = "100-continue";
    size_t length = sizeof word - 1;

    for (size_t i = 0; i + length <= n; i++)
        if (gyre_span_equals_nocase(gyre_span_from(data + i, length),
                                    gyre_span_from(word, length)))
            return true;
    return false;
}

static bool tells_secret(const char *at, size_t n)
{
    return n > 0 && memmem(at, n, VISIT_SECRET, strlen(VISIT_SECRET)) != NULL;
}

static void check_answers(struct visit *v)
{
    size_t at = 0;

    always(!v->reset);
    always(!tells_secret(v->heard.at, v->heard.length) ||
           tells_secret(v->data, v->n));
    for (size_t i = 0; i < v->answered; i++) {
        struct gyre_buf body = {0};
        struct gyre_http_head h;

        at += visit_read_answer(v->heard.at + at, v->heard.length - at,
                                v->answers[i].head, v->answers[i].status, &h,
                                &body);
        gyre_buf_free(&body);
    }
    if (at < v->heard.length)
        at += visit_read_interim(v->heard.at + at, v->heard.length - at);
    always(at == v->heard.length);
}

static bool same_text(const struct gyre_buf *a, const struct gyre_buf *b)
{
    return gyre_span_equals(gyre_span_from(a->at, a->length),
                            gyre_span_from(b->at, b->length));
}

void fuzz_server(const char *data, size_t n)
{
    static struct visit whole, parts;

    visit_make(&whole, data, n, 0);
    check_answers(&whole);
    for (int way = 1; way < FUZZ_WAYS; way++) {
        visit_make(&parts, data, n, way);
        check_answers(&parts);
        always(waits(data, n) || same_text(&parts.heard, &whole.heard));
        gyre_buf_free(&parts.heard);
        gyre_buf_free(&parts.received);
    }
    gyre_buf_free(&whole.heard);
    gyre_buf_free(&whole.received);
}
