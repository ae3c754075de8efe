/*
 * exchange.h - a request and its reply, from the complete head to the last
 * byte.
 *
 * Private to io/http/.  A struct gyre_http_request holds everything that the
 * exchange in hand on a connection needs; it is had from the server's pool, and
 * used again.
 */
#ifndef GYRE_IO_HTTP_EXCHANGE_H
#define GYRE_IO_HTTP_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "loop/loop.h"
#include "io/buf.h"
#include "io/http/arena.h"
#include "io/http/server/connection.h"
#include "io/http/head.h"
#include "io/http/incoming.h"
#include "io/http/internal.h"
#include "io/http/form.h"
#include "io/http/json/document.h"
#include "io/http/json/json.h"
#include "io/http/server/request.h"
#include "io/http/server/route.h"

enum {
    GYRE_HTTP_FIELDS = 100,  /* in the head of a request, at most */
    GYRE_HTTP_READ = 4096,   /* bytes of room for a read */
    GYRE_HTTP_KEPT = 16384,  /* a pooled buffer may keep */
    GYRE_HTTP_FLUSH = 65536, /* recorded replies are not let grow beyond */
    GYRE_HTTP_SLICE = 65536  /* a write whose time is bounded by itself */
};

/* What kind of reply there is; the last ones have been begun. */
enum gyre_http_reply_kind {
    GYRE_HTTP_NO_REPLY,
    GYRE_HTTP_BYTES,    /* recorded, in `reply` */
    GYRE_HTTP_JSON,     /* being written, to `reply` */
    GYRE_HTTP_FILE,     /* part of an open file */
    GYRE_HTTP_STREAMED, /* begun: its head is in `out`, or was sent */
    GYRE_HTTP_SENT,     /* complete, and in `out` or gone */
    GYRE_HTTP_TAKEN     /* none: the handler has the stream */
};

struct gyre_http_request {
    struct gyre_http_connection *connection;
    struct gyre_http_request *next; /* in the server's pool */
    struct gyre_arena arena;

    /* what came */
    struct gyre_http_incoming came;
    struct gyre_http_head head;
    struct gyre_http_field fields[GYRE_HTTP_FIELDS];
    struct gyre_http_match match;
    int found;                             /* 0, or the status: no route */
    const struct gyre_http_around *around; /* those to be called next */
    struct gyre_http_kept *kept;           /* what is in slots; see around.c */
    struct gyre_http_vigil *vigil; /* who looks out for the peer; or NULL */
    uint64_t body_bytes;           /* that have come */
    gyre_time body_waited;         /* for it, in all */
    int body_err;                  /* what is wrong with it, or 0 */
    bool awaited;                  /* a task reads, and waits for more of it */
    bool continued;                /* 100 was sent, or need not be */
    gyre_time began;               /* when the head was complete */
    struct gyre_job *stopping; /* the handler's: run when the server stops */

    /* what is in its body, if somebody asked */
    bool opened;           /* for that; else all of these are empty */
    struct gyre_buf whole; /* the body, if all of it was asked for */
    struct gyre_json_document document;
    const struct gyre_json_value *parsed; /* its value, or NULL */
    struct gyre_form form;
    struct gyre_http_parts *parts; /* or NULL */

    /* what goes */
    struct gyre_buf out;         /* to be sent: this reply, and earlier */
    size_t settled;              /* bytes of it that stand: complete replies */
    bool writing;                /* a task has the turn to write the reply */
    struct gyre_waiters writers; /* those that wait for it */
    struct gyre_timer overdue;   /* sends what is due; see outgoing.c */
    enum gyre_http_reply_kind kind;
    int status;
    struct gyre_span type;                /* if any */
    struct gyre_span upgrade;             /* a protocol to ask for, if any */
    struct gyre_http_fields reply_fields; /* the handler's */
    struct gyre_http_fields own_fields;   /* ours, of this very reply */
    struct gyre_buf reply;                /* a recorded body */
    struct gyre_json json;
    int send_err;               /* why no more can be sent, or 0 */
    int file;                   /* or -1 */
    int64_t file_at, file_left; /* of the file: what is to be sent */
    int64_t length;             /* of a streamed body; -1: unknown */
    uint64_t body_sent;         /* bytes of the reply's body */
    bool chunked;
    bool heard; /* something was sent since the connection became busy */
    bool left;  /* some of this reply has been sent */
    bool cut;   /* and the rest cannot be */
    bool keep;  /* the connection, after this */
};

static inline struct gyre_http_server *
gyre_http_server_of(const struct gyre_http_request *r)
{
    return gyre_http_service_server(r->connection->service);
}

/* ---- pool.c ---- */

/* A request that is empty, to be given back; NULL if there is no memory. */
struct gyre_http_request *gyre_http_request_take(struct gyre_http_server *s);

/* Let nothing of the exchange be left that was in it, but for bytes: those that
   came behind, and those that are still to go. */
void gyre_http_request_empty(struct gyre_http_request *r);

/* Give it back, with whatever it holds. */
void gyre_http_request_give(struct gyre_http_server *s,
                            struct gyre_http_request *r);

/* Empty it, but let it keep what memory the next request is likely to need. */
static inline void gyre_http_keep_little(struct gyre_buf *b)
{
    gyre_buf_cut(b, 0);
    if (b->size > GYRE_HTTP_KEPT)
        gyre_buf_free(b);
}

/* Free those that were given back. */
void gyre_http_pool_free(struct gyre_http_server *s);

/* ---- exchange.c: what a busy connection's task does ---- */

/* The head is complete: from here on time is taken for the log. */
static inline void gyre_http_exchange_begins(struct gyre_http_request *r)
{
    struct gyre_http_server *s = gyre_http_server_of(r);

    if (s->options.log != NULL)
        r->began = gyre_loop_in(s->loop, 0);
}

/* Serve the request whose head is complete, and those behind it.  What is to
   become of the connection is in its request's `keep`. */
void gyre_http_exchange(struct gyre_http_connection *c);

/* Put an answer with no body in `out`, to a request that was not understood, or
   came too slowly, or at a bad time.  It is the last one. */
void gyre_http_refuse(struct gyre_http_request *r, int status);

/* What the rest meant by `result`: 0 if it is a reply, or there should be one;
   or -ECANCELED, or the error. */
int gyre_http_conclude(struct gyre_http_request *r, int result);

/* There is no reply, for that reason: say so in the log, and to the client.  0,
   or an error. */
int gyre_http_fail(struct gyre_http_request *r, int result);

/* Have the request answered by its route, or for want of one. */
int gyre_http_answer(struct gyre_http_request *r);

/* ---- outgoing.c ---- */

/* How long `bytes` may take, at `rate` bytes a second. */
gyre_time gyre_http_time_of(uint64_t bytes, uint64_t rate);

/* The deadline by which `bytes` more must be sent, or `latest` if that is
   nearer. */
gyre_time gyre_http_write_deadline(struct gyre_http_request *r, uint64_t bytes,
                                   gyre_time latest);

/* Send `out`, no slower than is allowed.  After an error it is what is left of
   it, or the stream is broken. */
int gyre_http_flush(struct gyre_http_request *r, gyre_time deadline);

/* Send `out`, and `n` bytes of the body behind it, as chunks if need be.  After
   an error with a part of those sent, the reply is cut. */
int gyre_http_send_body(struct gyre_http_request *r, const char *buf, size_t n,
                        gyre_time deadline);

/*
 * Send what is due of `out` as far as the client takes it now, and have the
 * rest follow.  0, or why nothing can be sent; gyre_http_send_overdue is what
 * the timer does.
 */
int gyre_http_send_due(struct gyre_http_request *r);
void gyre_http_send_overdue(struct gyre_timer *t);

/* ---- gone.c ---- */

/* Look out for the end of the peer from now on, if somebody wants to know and
   nobody reads any more; and no longer. */
void gyre_http_vigil_begin(struct gyre_http_request *r);
void gyre_http_vigil_end(struct gyre_http_request *r);

/* ---- around.c ---- */

/* Have the request answered by those who are left: as handlers return. */
int gyre_http_rest(struct gyre_http_request *r);

/* ---- reply.c ---- */

/* Put what was recorded in `out`, complete, or send it if it is large; or, of a
   file, put its head there. */
int gyre_http_reply_commit(struct gyre_http_request *r);

/* Has a final reply been begun, so that it cannot be another? */
static inline bool gyre_http_reply_begun(const struct gyre_http_request *r)
{
    return r->kind >= GYRE_HTTP_STREAMED;
}

/* Is this a request for a head alone? */
bool gyre_http_is_head(const struct gyre_http_request *r);

/* Have the reply just recorded carry a field of ours, unless the handler sets
   one of that name; a Vary in any case, since it has reasons of its own.  On an
   error nothing is recorded any more. */
int gyre_http_reply_field(struct gyre_http_request *r, const char *name,
                          const char *value);

/* Forget what was recorded, and the fields that came with it: not those set by
   who is around handlers. */
void gyre_http_reply_drop(struct gyre_http_request *r);

/* Forget these, too. */
void gyre_http_reply_clear(struct gyre_http_request *r);

/* Make a streamed reply complete, as gyre_http_reply_end does; never parks. */
int gyre_http_reply_finish(struct gyre_http_request *r);

/* ---- request.c ---- */

/* `s` with a NUL, until the handler returns; NULL if there is no memory. */
const char *gyre_http_copy(struct gyre_http_request *r, struct gyre_span s);

/* gyre_http_read_body behind its checkpoint, where others may run, and read:
   room that is kept for what is read is made between the two. */
ssize_t gyre_http_read_on(struct gyre_http_request *r, void *buf, size_t n,
                          gyre_time deadline);

/* Is what is left of the body soon read, so that the connection may be kept? */
bool gyre_http_body_is_short(const struct gyre_http_request *r);

/* Read what is left of the body, up to a bound.  False if there is more. */
bool gyre_http_body_drain(struct gyre_http_request *r);

/* ---- content.c ---- */

/* If `err` says that the body is not what it was to be, the client is told of
   it when the handler passes it on; and the connection is none the worse.
   Returns `err`. */
int gyre_http_blame(struct gyre_http_request *r, int err);

/* The value of Content-Type, as gyre_http_field_only; an error is blamed. */
int gyre_http_content_type(struct gyre_http_request *r, struct gyre_span *type);

/* Forget what was read in a body; and keep little memory for the next, or
   none. */
void gyre_http_content_drop(struct gyre_http_request *r);
void gyre_http_content_free(struct gyre_http_request *r);

/* ---- parts.c ---- */

void gyre_http_parts_free(struct gyre_http_request *r);

/* ---- conditions.c ---- */

enum {
    GYRE_HTTP_ETAG_SIZE = 80 /* with the NUL */
};

/* The ETag of a file. */
void gyre_http_etag(char out[GYRE_HTTP_ETAG_SIZE], const struct stat *st);

/* The status to answer with, of 200, 206, 304, 412 and 416, and which bytes of
   the file are asked for. */
int gyre_http_wanted(const struct gyre_http_request *r, const struct stat *st,
                     const char *etag, int64_t *from, int64_t *length);

/* ---- file.c ---- */

/* Record the open file `fd`, called `name`, which is taken over, also by an
   error. */
int gyre_http_reply_open(struct gyre_http_request *r, const char *name, int fd,
                         const struct stat *st);

/* Send what is recorded of a file; its head is in `out`. */
int gyre_http_send_file(struct gyre_http_request *r);

/* ---- compressed.c ---- */

enum {
    GYRE_HTTP_ENDING_SIZE = 5 /* ".zst", and its NUL */
};

/*
 * If the client would rather have it compressed, and that is there, put another
 * file in place of the open `*file`, called `name`, behind which there is room
 * for an ending.  Returns the coding, or NULL.
 */
const char *gyre_http_open_compressed(const struct gyre_http_request *r,
                                      int directory, char *name, int *file,
                                      struct stat *status);

/* ---- listing.c ---- */

/* Reply what is in the directory `path`, "" or with a '/' at its end, beneath
   the open directory `top`.  As gyre_http_entries_read, or as handlers
   return. */
int gyre_http_reply_listing(struct gyre_http_request *r, int top,
                            const char *path, bool hidden);

/* ---- directory.c ---- */

/* Record the file that the tail of the request's path names, in its route's
   directory.  0, or the status to answer with. */
int gyre_http_reply_tail(struct gyre_http_request *r, int directory);

#endif
