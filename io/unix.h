/*
 * unix.h - local sockets: between processes of one machine, by a path.
 *
 * A path leads to a socket in the file system, whose permissions say who may
 * connect.  On Linux, one that begins with @ is no path, but a name in the
 * abstract namespace, as other programs write it too: it has no permissions,
 * and is gone with its last socket.  A file whose name begins so is "./@name".
 *
 * What a process that has ended left behind at a path is replaced, if it is a
 * socket that nobody listens at; who closes a listener, or a socket for
 * datagrams, takes away what is at its path, if that is his own still.
 */
#ifndef GYRE_IO_UNIX_H
#define GYRE_IO_UNIX_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "timers/time.h"
#include "io/addr.h"

struct gyre_datagrams;
struct gyre_listener;
struct gyre_loop;
struct gyre_stream;

/*
 * Permissions of what is made at a path, as of a file, S_IRUSR | S_IWUSR say:
 * who may write may connect, or send.  They stand before anybody could; but on
 * a BSD and macOS those of a socket for datagrams come a moment after it, and
 * until then it has what the umask leaves.  That is more than 0600, say, only
 * if the umask lets others write; who has such a one, and minds, makes the
 * socket in a folder that only those may search who may send.
 */
#define GYRE_UMASK 0 /* whatever the process's umask leaves */

#define GYRE_DESCRIPTORS 64 /* with one message, at most */

/* Descriptors that go with bytes. */
struct gyre_descriptors {
    int n;
    int fd[GYRE_DESCRIPTORS];
    bool lost; /* received: there were more, and those are closed */
};

/* Who the other is, as the system knows. */
struct gyre_credentials {
    pid_t pid; /* 0 where it is not told */
    uid_t uid;
    gid_t gid;
};

#pragma GCC visibility push(default)

/* The address that `path` writes; "" is none, as that of a socket which nobody
   sends to.  -ENAMETOOLONG, over some 100 bytes; -ENOTSUP for an abstract name
   where there are none. */
int gyre_addr_unix(struct gyre_addr *a, const char *path);

/* ---- streams ---- */

/* Connect to `path`.  0, and the stream is the caller's to close; -ENOENT if
   nothing is there, -ECONNREFUSED if nobody listens there, or too many wait;
   -EACCES; -ENAMETOOLONG.  A cancel point: nothing is left open. */
int gyre_unix_connect(const char *path, struct gyre_stream **out,
                      gyre_time deadline) __attribute__((warn_unused_result));

/*
 * Listen at `path`, with these permissions.  The caller closes the listener,
 * from which tasks accept by gyre_accept and gyre_tcp_serve (io/tcp.h), and
 * callbacks by io/accepting.h.  By tasks and callbacks.  -EADDRINUSE if
 * somebody listens there, or something else than a socket is there;
 * -ENAMETOOLONG; -ENOMEM; or as socket, bind and listen.
 */
int gyre_unix_listen(struct gyre_loop *l, const char *path, mode_t mode,
                     struct gyre_listener **out);

/* Make two streams, each the other's end: for a child, say.  Both are the
   caller's to close.  -ENOMEM, or as socketpair. */
int gyre_unix_pair(struct gyre_loop *l, struct gyre_stream *out[2]);

/* ---- datagrams ---- */

/* Open `d` (io/datagram.h) at `path`, as gyre_unix_listen does.  At "" it is
   nowhere, and can send, but nobody can answer. */
int gyre_unix_datagrams(struct gyre_datagrams *d, struct gyre_loop *l,
                        const char *path, mode_t mode);

/* ---- descriptors and credentials ---- */

/*
 * Write `n` bytes, at least one, as gyre_write does, and descriptors with the
 * first.  They stay the caller's, who may close them when this has returned;
 * what arrives is a copy.  -EINVAL without bytes, or with more than there may
 * be; -ENOTSUP for a stream that is no local socket; -ETOOMANYREFS if too many
 * are under way.
 */
int gyre_send_descriptors(struct gyre_stream *s, const void *buf, size_t n,
                          const struct gyre_descriptors *d, gyre_time deadline)
    __attribute__((warn_unused_result));

/*
 * Read up to `n` bytes, at least one, as gyre_read does, and the descriptors
 * that came with them, of which there may be none: they are the caller's to
 * close.  A read ends behind bytes that brought some.  They are closed on exec,
 * and block, or do not, as where they came from.  (Other reads of the stream
 * have the system close them; on an error there are none.)
 */
ssize_t gyre_receive_descriptors(struct gyre_stream *s, void *buf, size_t n,
                                 struct gyre_descriptors *d, gyre_time deadline)
    __attribute__((warn_unused_result));

/* Who connected, or was connected to, as of that moment.  -ENOTSUP for a stream
   that is no local socket, or where the system does not tell. */
int gyre_unix_credentials(struct gyre_stream *s, struct gyre_credentials *out);

#pragma GCC visibility pop

#endif
