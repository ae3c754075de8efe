/*
 * visit.h - one connection to a whole server, in memory: what is sent to it,
 * and what it answers.
 */
#ifndef TESTS_FUZZ_VISIT_H
#define TESTS_FUZZ_VISIT_H

#include "io/http/head.h"
#include "io/http/server/server.h"
#include "tests/fuzz/fuzz.h"

enum { VISIT_ANSWERS = 4096 };

/* What is served at /file. */
#define VISIT_FILE "tests/io/http/vectors/chunked.txt"

/* What is served beneath /d/, and what stands in the files beside it alone. */
#define VISIT_DIRECTORY "tests/fuzz/corpus"
#define VISIT_SECRET    "#include \"tests/"

/* One connection, from the first byte to the end. */
struct visit {
    const char *data;
    size_t n;
    struct fuzz_cuts cuts;
    struct gyre_http_log log;
    struct gyre_http_server *server;
    struct gyre_stream *ends[2];
    struct gyre_buf heard;
    struct gyre_buf received; /* at /socket: messages, and how it ended */
    bool reset;               /* and what was under way is lost */

    /* as told to the log */
    struct {
        int status;
        bool head;
    } answers[VISIT_ANSWERS];
    size_t answered;
};

/* Send `data`, divided in that way, and hear what there is to be heard, with
   dates made the same.  The caller frees v->heard and v->received. */
void visit_make(struct visit *v, const char *data, size_t n, int way);

/* How many of the `n` bytes at `at` are a 100 that they begin with: a client is
   asked for its body. */
size_t visit_read_interim(const char *at, size_t n);

/* Read the next answer among `n` bytes at `at`: its head, behind a 100 if there
   is one, and its body, which is appended.  Returns the bytes it took. */
size_t visit_read_answer(const char *at, size_t n, bool to_head, int status,
                         struct gyre_http_head *h, struct gyre_buf *body);

#endif
