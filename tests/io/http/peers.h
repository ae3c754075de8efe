/*
 * peers.h - a client in a simulated world, and peers on memory that say what
 * they are told to.
 */
#ifndef TESTS_IO_HTTP_PEERS_H
#define TESTS_IO_HTTP_PEERS_H

#include <stdbool.h>
#include <stddef.h>

#include "task/scope.h"
#include "task/task.h"
#include "io/http/client/client.h"
#include "tests/task/world.h"

#define OK(body_length, body)                                                  \
    "HTTP/1.1 200 OK\r\nContent-Length: " body_length "\r\n\r\n" body

#define MOVED(status, to)                                                      \
    "HTTP/1.1 " status " Moved\r\nLocation: " to                               \
    "\r\nContent-Length: 4\r\n\r\nmove"

/* What becomes of one connection: it answers each request with the next of
   these, up to NULL; then it closes, or is silent. */
struct script {
    const char *answers[8];
    bool stays;      /* does not close at the end, before we do */
    size_t piece;    /* bytes at a time; 0 for all at once */
    gyre_time pause; /* before each piece */
    bool hasty;      /* answers as soon as the head has come */
    bool resets;     /* its end is -ECONNRESET, to us */
    bool unwritten;  /* and told to who reads: who writes waits */
    size_t capacity; /* bytes under way, each way; 0 for 64 KiB */
};

/* Connections are to peers that follow the scripts, one after the other. */
struct peers {
    struct gyre_http_connector connector;
    const struct script *scripts;
    int connected;     /* so far */
    int open;          /* now */
    char heard[20000]; /* all requests */
    gyre_time slow;    /* what connecting takes */
    char host[64];     /* of the latest */
    int port;
    struct gyre_stream *stream; /* its own end */
};

extern struct peers peers;
extern struct gyre_http_session *session;

/* A session with such peers, from here to peers_close. */
void peers_open(const struct script *scripts,
                struct gyre_http_session_options options);
void peers_close(void);

/* The same where there may be no memory for it: 0, or an error, and nothing is
   open; peers are not waited for, but cancelled. */
int peers_begin(const struct script *scripts,
                struct gyre_http_session_options options);
void peers_end(void);

#define DEFAULTS ((struct gyre_http_session_options){0})

/* Ask, and say in a word what came of it: "200 hello", or "-32".  Good until
   the next call. */
const char *ask(const char *url, gyre_time deadline);
const char *ask_with(struct gyre_http_call *call, gyre_time deadline);
const char *failure(int err);

#define expect_answer(url, answer)                                             \
    cr_expect_str_eq(ask(url, gyre_in(100 * GYRE_SECOND)), answer)
#define expect_answer_to(call, answer)                                         \
    cr_expect_str_eq(ask_with(call, gyre_in(100 * GYRE_SECOND)), answer)

/* A task that asks for a URL and notes its last letter down; or '!', if that
   fails. */
intptr_t ask_in_task(void *url);

/* The first request line that begins so, and all that was heard after it: a
   pointer into peers.heard, or NULL. */
const char *heard(const char *request_line);

/* A body made while it is sent: `left` times the letters "zyx...", then
   `end`. */
struct letters {
    struct gyre_http_call call;
    int left;
    ssize_t end; /* 0, or an error */
    int calls;   /* so far */
};

ssize_t more_letters(struct gyre_http_call *call, void *buf, size_t n);

#endif
