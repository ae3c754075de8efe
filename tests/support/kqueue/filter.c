/*
 * filter.c - one filter of a kqueue: its epoll instance, and its notes.
 */
#include "tests/support/kqueue/filter.h"

#include <errno.h>
#include <poll.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define BATCH 64
#define FEW   64 /* notes to begin with */

/* Of which EVFILT_VNODE does not tell. */
#define READING_IT (IN_ACCESS | IN_OPEN | IN_CLOSE)

/* One descriptor, or one process by its pidfd, or one file by an inotify
   instance that watches it. */
struct note {
    struct kevent k;
    bool live; /* added and not deleted */
    bool on;   /* known to epoll; else disabled */
};

static const struct {
    short filter;
    uint32_t events;
} kinds[FILTERS] = {
    [READING] = {EVFILT_READ, EPOLLIN | EPOLLRDHUP},
    [WRITING] = {EVFILT_WRITE, EPOLLOUT},
    [URGENT] = {EVFILT_EXCEPT, EPOLLPRI},
    [EXITING] = {EVFILT_PROC, EPOLLIN},
    [CHANGING] = {EVFILT_VNODE, EPOLLIN},
};

/* Are the notes of this filter under descriptors of ours? */
static bool has_its_own(const struct filter *f)
{
    return f->kind == EXITING || f->kind == CHANGING;
}

enum filter_kind filter_kind(const struct kevent *k)
{
    enum filter_kind i = READING;

    while (i < FILTERS && kinds[i].filter != k->filter)
        i++;
    if (i == EXITING && k->flags & EV_ADD && k->fflags != NOTE_EXIT)
        return FILTERS;
    if (i == URGENT && k->flags & EV_ADD && k->fflags != NOTE_OOB)
        return FILTERS;
    return i;
}

void *kernel_memory(size_t size)
{
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return p == MAP_FAILED ? NULL : p;
}

int kernel_close(int fd)
{
    return (int)syscall(SYS_close, fd);
}

/* ---- notes ---- */

static int reach(struct filter *f, size_t fd)
{
    size_t room = f->room;
    struct note *notes;

    if (fd < room)
        return 0;
    while (room <= fd)
        room *= 2;
    notes = kernel_memory(room * sizeof *notes);
    if (notes == NULL)
        return ENOMEM;
    memcpy(notes, f->notes, f->room * sizeof *notes);
    munmap(f->notes, f->room * sizeof *notes);
    f->notes = notes;
    f->room = room;
    return 0;
}

/* The descriptor that stands for `ident`, or -1. */
static int find(const struct filter *f, uintptr_t ident)
{
    if (!has_its_own(f))
        return ident < f->room && f->notes[ident].live ? (int)ident : -1;
    for (size_t fd = 0; fd < f->room; fd++) {
        if (f->notes[fd].live && f->notes[fd].k.ident == ident)
            return (int)fd;
    }
    return -1;
}

static void turn_off(struct filter *f, int fd)
{
    epoll_ctl(f->epfd, EPOLL_CTL_DEL, fd, NULL);
    f->notes[fd].on = false;
}

static mode_t type_of(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 ? st.st_mode & S_IFMT : 0;
}

/* What the real one would have against this filter for `fd`, or 0. */
static int refusal(enum filter_kind kind, int fd)
{
    struct pollfd f = {.fd = fd};

    if (kind == URGENT && type_of(fd) != S_IFSOCK)
        return EINVAL;
    if (kind == WRITING && type_of(fd) == S_IFIFO && poll(&f, 1, 0) == 1)
        return EPIPE;
    return 0;
}

/* Have epoll look at a note, anew if it did already. */
static int turn_on(struct filter *f, int fd)
{
    struct note *n = &f->notes[fd];
    struct epoll_event e = {.events = kinds[f->kind].events, .data.fd = fd};
    int err = refusal(f->kind, fd);

    if (err)
        return err;
    if (n->k.flags & EV_CLEAR)
        e.events |= EPOLLET;
    err = epoll_ctl(f->epfd, EPOLL_CTL_ADD, fd, &e);
    if (err < 0 && errno == EEXIST)
        err = epoll_ctl(f->epfd, EPOLL_CTL_MOD, fd, &e);
    if (err < 0 && errno == EPERM)
        return type_of(fd) == S_IFCHR ? EINVAL : 0;
    if (err < 0)
        return errno;
    n->on = true;
    return 0;
}

static void forget(struct filter *f, int fd)
{
    struct note *n = &f->notes[fd];

    if (n->on)
        turn_off(f, fd);
    if (has_its_own(f))
        kernel_close(fd);
    memset(n, 0, sizeof *n);
}

int filter_open(struct filter *f, enum filter_kind kind)
{
    f->kind = kind;
    f->notes = kernel_memory(FEW * sizeof *f->notes);
    if (f->notes != NULL)
        f->room = FEW;
    f->epfd = epoll_create1(EPOLL_CLOEXEC);
    return f->notes == NULL || f->epfd < 0 ? -1 : 0;
}

/* The epoll instance may be our parent's too, and is to stay as it is. */
void filter_close(struct filter *f)
{
    for (size_t fd = 0; has_its_own(f) && fd < f->room; fd++) {
        if (f->notes[fd].live)
            kernel_close((int)fd);
    }
    if (f->epfd >= 0)
        kernel_close(f->epfd);
    if (f->notes != NULL)
        munmap(f->notes, f->room * sizeof *f->notes);
}

void filter_lose(struct filter *f, int fd)
{
    int under = f->kind != EXITING ? find(f, (uintptr_t)fd) : -1;

    if (under >= 0)
        forget(f, under);
}

/* ---- changes ---- */

/* An inotify instance that watches what is open as `fd`, and the folder it is
   in, which alone tells that a folder is removed; or -errno. */
static int open_inotify(int fd)
{
    int inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC), err = 0;
    char path[40];

    if (inotify < 0)
        return -errno;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (inotify_add_watch(inotify, path, IN_ALL_EVENTS & ~READING_IT) < 0)
        err = -errno;
    strcat(path, "/..");
    if (err == 0 && type_of(fd) == S_IFDIR)
        inotify_add_watch(inotify, path, IN_DELETE);
    if (err)
        kernel_close(inotify);
    return err ? err : inotify;
}

/* The descriptor to note `k` under, or -errno. */
static int open_ident(const struct kevent *k)
{
    int fd;

    if (k->filter == EVFILT_VNODE)
        return open_inotify((int)k->ident);
    if (k->filter != EVFILT_PROC)
        return (int)k->ident < 0 ? -EBADF : (int)k->ident;
    fd = (int)syscall(SYS_pidfd_open, (pid_t)k->ident, 0);
    return fd < 0 ? -errno : fd;
}

/* Add a note, or change the one there is under `fd`, if it is not negative. */
static int add_note(struct filter *f, int fd, const struct kevent *k)
{
    bool new = fd < 0;
    int err = 0;

    if (new && (fd = open_ident(k)) < 0)
        return -fd;
    if (new)
        err = reach(f, (size_t)fd);
    if (err) {
        if (has_its_own(f))
            kernel_close(fd);
        return err;
    }
    if (new) {
        f->notes[fd] = (struct note){.k = *k, .live = true};
        f->notes[fd].k.flags &= EV_CLEAR | EV_ONESHOT | EV_DISPATCH;
    }
    f->notes[fd].k.udata = k->udata;
    if (!(k->flags & EV_DISABLE))
        err = turn_on(f, fd);
    if (err && new)
        forget(f, fd);
    return err;
}

int filter_change(struct filter *f, const struct kevent *k)
{
    int fd = find(f, k->ident);

    if (k->flags & EV_ADD)
        return add_note(f, fd, k);
    if (fd < 0)
        return ENOENT;
    if (k->flags & EV_DELETE)
        forget(f, fd);
    else if (k->flags & EV_ENABLE)
        return turn_on(f, fd);
    else if (k->flags & EV_DISABLE)
        turn_off(f, fd);
    return 0;
}

/* ---- events ---- */

static intptr_t bytes_to_read(int fd)
{
    int n;

    return ioctl(fd, FIONREAD, &n) == 0 ? n : 1;
}

/* True if a write would fail for our own shutdown, of which epoll is silent. */
static bool is_shut(int fd)
{
    int type;
    socklen_t size = sizeof type;

    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 &&
           type == SOCK_STREAM &&
           send(fd, "", 0, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 && errno == EPIPE;
}

/* As wait would have it. */
static int exit_status(int pidfd)
{
    siginfo_t si = {0};

    if (waitid(P_PIDFD, (id_t)pidfd, &si, WEXITED | WNOHANG | WNOWAIT) < 0)
        return 0;
    return si.si_code == CLD_EXITED   ? si.si_status << 8
           : si.si_code == CLD_DUMPED ? si.si_status | 0x80
                                      : si.si_status;
}

/* What an event of inotify is to a file that is open as `fd`. */
static unsigned notes_of(const struct inotify_event *e, int fd)
{
    struct stat st;

    if (fstat(fd, &st) == 0 && st.st_nlink == 0)
        return NOTE_DELETE;
    if (e->wd > 1)
        return 0; /* of what is beside it */
    if (e->len > 0)
        return e->mask & IN_MODIFY || e->mask & IN_ATTRIB ? 0 : NOTE_WRITE;
    return (e->mask & IN_MODIFY ? NOTE_WRITE | NOTE_EXTEND : 0u) |
           (e->mask & IN_ATTRIB ? NOTE_ATTRIB : 0u) |
           (e->mask & IN_MOVE_SELF ? NOTE_RENAME : 0u);
}

/* All that has happened to `fd`, as the inotify instance tells. */
static unsigned take_notes(int inotify, int fd)
{
    alignas(struct inotify_event) char buf[4096];
    unsigned notes = 0;
    ssize_t n;

    while ((n = read(inotify, buf, sizeof buf)) > 0) {
        for (char *at = buf; at < buf + n;) {
            const struct inotify_event *e = (const void *)at;

            notes |= notes_of(e, fd);
            at += sizeof *e + e->len;
        }
    }
    return notes;
}

static void describe(struct kevent *k, int fd, uint32_t events)
{
    unsigned wanted = k->fflags;

    k->fflags = 0;
    k->data = 1;
    switch (k->filter) {
    case EVFILT_VNODE:
        k->fflags = take_notes(fd, (int)k->ident) & wanted;
        return;
    case EVFILT_PROC:
        k->flags |= EV_EOF | EV_ONESHOT;
        k->fflags = NOTE_EXIT;
        k->data = exit_status(fd);
        return;
    case EVFILT_READ: k->data = bytes_to_read(fd); break;
    case EVFILT_EXCEPT: k->fflags = events & EPOLLPRI ? NOTE_OOB : 0; break;
    }
    if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR) ||
        (k->filter == EVFILT_WRITE && is_shut(fd)))
        k->flags |= EV_EOF;
    if (events & EPOLLERR && type_of(fd) == S_IFSOCK)
        k->fflags = EIO;
}

int filter_collect(struct filter *f, struct kevent *events, int room)
{
    struct epoll_event e[BATCH];
    int n = epoll_wait(f->epfd, e, room < BATCH ? room : BATCH, 0), used = 0;

    for (int i = 0; i < n; i++) {
        int fd = e[i].data.fd;
        struct note *note = &f->notes[fd];

        if (!note->live)
            continue;
        events[used] = note->k;
        describe(&events[used], fd, e[i].events);
        if (f->kind == CHANGING && events[used].fflags == 0)
            continue;
        if (events[used++].flags & EV_ONESHOT)
            forget(f, fd);
        else if (note->k.flags & EV_DISPATCH)
            turn_off(f, fd);
    }
    return used;
}
