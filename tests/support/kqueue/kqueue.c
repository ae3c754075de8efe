/*
 * kqueue.c - kqueue(2) for Linux, made of epoll.
 *
 * A kqueue is an epoll instance that holds one more for each filter, for epoll
 * knows a descriptor only once and kqueue once a filter, each a level or an edge.
 * Being an epoll instance it can itself be polled, and watched by a kqueue.
 *
 * Like the real one it forgets a descriptor that is closed even while a dup of
 * it lives, for which this file has a `close` of its own; it is gone after fork;
 * adding a filter that is there does not change its EV_CLEAR; a receipt has no
 * flag but EV_ERROR; and it refuses /dev/null (EINVAL), pipes that nobody reads
 * (EPIPE), EVFILT_EXCEPT for what is no socket, and waits of years (EINVAL).  Its
 * waits end early by a sixteenth, for no system promises that they do not.
 *
 * Where it is not like the real one:
 *   - only close() itself is noticed: a number that dup2 or fclose closes keeps
 *     its filters while a dup lives;
 *   - `data` is right for bytes to read and for exits, else 1;
 *   - the error of a socket cannot be had without taking it, so `fflags` is EIO
 *     for any; and EVFILT_WRITE has no EV_EOF after one's own shutdown;
 *   - a regular file is never ready, as if it were read to its end;
 *   - of EVFILT_PROC there is NOTE_EXIT, of EVFILT_EXCEPT there is NOTE_OOB; a
 *     process that ended before it was watched is told of, and not ESRCH;
 *   - no other filters, nor NOTE_LOWAT;
 *   - events come filter by filter, and not in the order they happened;
 *   - kqueues within kqueues end at the second, for epoll allows for no more.
 */
#include <sys/event.h>

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BATCH 64
#define FEW   64           /* notes to begin with */
#define LONGEST 100000000   /* seconds that a wait may last */

/* One filter of one descriptor, or of one process by its pidfd. */
struct note {
    struct kevent k;
    bool live;              /* added and not deleted */
    bool on;                /* known to epoll; else disabled */
};

/* All notes of a kind, by descriptor. */
struct filter {
    int epfd;
    struct note *notes;
    size_t room;
};

enum { READING, WRITING, URGENT, EXITING, FILTERS };

static const struct {
    short filter;
    uint32_t events;
} kinds[FILTERS] = {
    [READING] = {EVFILT_READ, EPOLLIN | EPOLLRDHUP},
    [WRITING] = {EVFILT_WRITE, EPOLLOUT},
    [URGENT] = {EVFILT_EXCEPT, EPOLLPRI},
    [EXITING] = {EVFILT_PROC, EPOLLIN},
};

struct queue {
    struct queue *next;     /* in `queues` */
    int kq;                 /* holds the epoll instances of the filters */
    int turn;               /* the filter to begin with */
    struct filter filters[FILTERS];
};

static struct queue *queues;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static int close_really(int fd)
{
    return (int)syscall(SYS_close, fd);
}

static int add(int epfd, int fd, uint32_t events)
{
    struct epoll_event e = {.events = events, .data.fd = fd};

    return epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &e);
}

/* ---- notes ---- */

/* Memory that is zero, and not malloc's, as a kernel's would not be; or NULL. */
static void *get_memory(size_t size)
{
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return p == MAP_FAILED ? NULL : p;
}

static int reach(struct filter *f, size_t fd)
{
    size_t room = f->room;
    struct note *notes;

    if (fd < room)
        return 0;
    while (room <= fd)
        room *= 2;
    notes = get_memory(room * sizeof *notes);
    if (notes == NULL)
        return ENOMEM;
    memcpy(notes, f->notes, f->room * sizeof *notes);
    munmap(f->notes, f->room * sizeof *notes);
    f->notes = notes;
    f->room = room;
    return 0;
}

/* The descriptor that stands for `ident`, or -1. */
static int find(const struct filter *f, short filter, uintptr_t ident)
{
    if (filter != EVFILT_PROC)
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
static int refusal(int kind, int fd)
{
    struct pollfd f = {.fd = fd};

    if (kind == URGENT && type_of(fd) != S_IFSOCK)
        return EINVAL;
    if (kind == WRITING && type_of(fd) == S_IFIFO && poll(&f, 1, 0) == 1)
        return EPIPE;
    return 0;
}

/* Have epoll look at a note, anew if it did already. */
static int turn_on(struct filter *f, int kind, int fd)
{
    struct note *n = &f->notes[fd];
    struct epoll_event e = {.events = kinds[kind].events, .data.fd = fd};
    int err = refusal(kind, fd);

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
    if (n->k.filter == EVFILT_PROC)
        close_really(fd);
    memset(n, 0, sizeof *n);
}

/* ---- changes ---- */

static int find_kind(const struct kevent *k)
{
    int i = 0;

    while (i < FILTERS && kinds[i].filter != k->filter)
        i++;
    if (i == EXITING && k->flags & EV_ADD && k->fflags != NOTE_EXIT)
        return FILTERS;
    if (i == URGENT && k->flags & EV_ADD && k->fflags != NOTE_OOB)
        return FILTERS;
    return i;
}

/* The descriptor to note `k` under, or -errno. */
static int open_ident(const struct kevent *k)
{
    int fd;

    if (k->filter != EVFILT_PROC)
        return (int)k->ident < 0 ? -EBADF : (int)k->ident;
    fd = (int)syscall(SYS_pidfd_open, (pid_t)k->ident, 0);
    return fd < 0 ? -errno : fd;
}

/* Add a note, or change the one there is under `fd`, if it is not negative. */
static int add_note(struct filter *f, int kind, int fd, const struct kevent *k)
{
    bool new = fd < 0;
    int err = 0;

    if (new && (fd = open_ident(k)) < 0)
        return -fd;
    if (new)
        err = reach(f, (size_t)fd);
    if (err) {
        if (k->filter == EVFILT_PROC)
            close_really(fd);
        return err;
    }
    if (new) {
        f->notes[fd] = (struct note){.k = *k, .live = true};
        f->notes[fd].k.flags &= EV_CLEAR | EV_ONESHOT | EV_DISPATCH;
    }
    f->notes[fd].k.udata = k->udata;
    if (!(k->flags & EV_DISABLE))
        err = turn_on(f, kind, fd);
    if (err && new)
        forget(f, fd);
    return err;
}

static int change(struct queue *q, const struct kevent *k)
{
    int kind = find_kind(k), fd;
    struct filter *f;

    if (kind == FILTERS)
        return EINVAL;
    f = &q->filters[kind];
    fd = find(f, k->filter, k->ident);
    if (k->flags & EV_ADD)
        return add_note(f, kind, fd, k);
    if (fd < 0)
        return ENOENT;
    if (k->flags & EV_DELETE)
        forget(f, fd);
    else if (k->flags & EV_ENABLE)
        return turn_on(f, kind, fd);
    else if (k->flags & EV_DISABLE)
        turn_off(f, fd);
    return 0;
}

/* Make the changes; how many answers there are in `events`, or -1 with errno. */
static int change_all(struct queue *q, const struct kevent *changes, int n,
                      struct kevent *events, int room)
{
    int used = 0;

    for (int i = 0; i < n; i++) {
        int err = change(q, &changes[i]);

        if (err == 0 && !(changes[i].flags & EV_RECEIPT))
            continue;
        if (used == room) {
            errno = err;
            return err ? -1 : used;
        }
        events[used] = changes[i];
        events[used].flags = EV_ERROR;
        events[used++].data = err;
    }
    return used;
}

/* ---- events ---- */

static intptr_t bytes_to_read(int fd)
{
    int n;

    return ioctl(fd, FIONREAD, &n) == 0 ? n : 1;
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

static void describe(struct kevent *k, int fd, uint32_t events)
{
    k->fflags = 0;
    k->data = 1;
    switch (k->filter) {
    case EVFILT_PROC:
        k->flags |= EV_EOF | EV_ONESHOT;
        k->fflags = NOTE_EXIT;
        k->data = exit_status(fd);
        return;
    case EVFILT_READ:
        k->data = bytes_to_read(fd);
        break;
    case EVFILT_EXCEPT:
        k->fflags = events & EPOLLPRI ? NOTE_OOB : 0;
        break;
    }
    if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
        k->flags |= EV_EOF;
    if (events & EPOLLERR && type_of(fd) == S_IFSOCK)
        k->fflags = EIO;
}

/* Tell of the events of one filter; how many. */
static int collect_from(struct filter *f, struct kevent *events, int room)
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
        if (events[used++].flags & EV_ONESHOT)
            forget(f, fd);
        else if (note->k.flags & EV_DISPATCH)
            turn_off(f, fd);
    }
    return used;
}

/* The filters take turns to be first, so that none is crowded out. */
static int collect(struct queue *q, struct kevent *events, int room)
{
    int used = 0;

    q->turn = (q->turn + 1) % FILTERS;
    for (int i = 0; i < FILTERS && used < room; i++)
        used += collect_from(&q->filters[(q->turn + i) % FILTERS],
                             events + used, room - used);
    return used;
}

/* ---- queues ---- */

static struct queue *find_queue(int kq)
{
    struct queue *q = queues;

    while (q != NULL && q->kq != kq)
        q = q->next;
    return q;
}

static void free_queue(struct queue *q)
{
    for (int i = 0; i < FILTERS; i++) {
        struct filter *f = &q->filters[i];

        for (size_t fd = 0; i == EXITING && fd < f->room; fd++) {
            if (f->notes[fd].live)
                forget(f, (int)fd);
        }
        if (f->epfd >= 0)
            close_really(f->epfd);
        if (f->notes != NULL)
            munmap(f->notes, f->room * sizeof *f->notes);
    }
    if (q->kq >= 0)
        close_really(q->kq);
    munmap(q, sizeof *q);
}

/* -1 with errno, and then what there is of it is to be freed. */
static int open_queue(struct queue *q)
{
    for (int i = 0; i < FILTERS; i++)
        q->filters[i].epfd = -1;
    q->kq = epoll_create1(EPOLL_CLOEXEC);
    for (int i = 0; i < FILTERS; i++) {
        struct filter *f = &q->filters[i];

        f->epfd = epoll_create1(EPOLL_CLOEXEC);
        if (f->epfd < 0 || add(q->kq, f->epfd, EPOLLIN) < 0)
            return -1;
        f->notes = get_memory(FEW * sizeof *f->notes);
        if (f->notes == NULL)
            return -1;
        f->room = FEW;
    }
    return q->kq;
}

static void hold(void)
{
    pthread_mutex_lock(&lock);
}

static void let_go(void)
{
    pthread_mutex_unlock(&lock);
}

static void lose_all(void)
{
    while (queues != NULL) {
        struct queue *q = queues;

        queues = q->next;
        free_queue(q);
    }
    let_go();
}

static void see_forks(void)
{
    pthread_atfork(hold, let_go, lose_all);
}

int kqueue(void)
{
    struct queue *q = get_memory(sizeof *q);

    if (q == NULL)
        return -1;
    pthread_once(&once, see_forks);
    if (open_queue(q) < 0) {
        int saved = errno == EBADF ? EMFILE : errno;

        free_queue(q);
        errno = saved;
        return -1;
    }
    hold();
    q->next = queues;
    queues = q;
    let_go();
    return q->kq;
}

/* One look, with the changes first: as kevent, but for the wait. */
static int look(int kq, const struct kevent *changes, int nchanges,
                struct kevent *events, int nevents)
{
    struct queue *q;
    int n;

    hold();
    q = find_queue(kq);
    if (q == NULL) {
        n = -1;
        errno = EBADF;
    } else {
        n = change_all(q, changes, nchanges, events, nevents);
        if (n == 0 && nevents > 0)
            n = collect(q, events, nevents);
    }
    let_go();
    return n;
}

static int64_t nanoseconds(const struct timespec *t)
{
    return t->tv_sec * INT64_C(1000000000) + t->tv_nsec;
}

static int64_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return nanoseconds(&t);
}

/* Wait for something to look at: > 0, 0 when it is `until`, -1 with errno. */
static int wait_for(int kq, int64_t until)
{
    struct pollfd f = {.fd = kq, .events = POLLIN};
    int64_t left = until == INT64_MAX ? 0 : until - now();
    struct timespec t = {.tv_sec = left / 1000000000,
                         .tv_nsec = left % 1000000000};

    if (left < 0)
        return 0;
    return ppoll(&f, 1, until == INT64_MAX ? NULL : &t, NULL);
}

int kevent(int kq, const struct kevent *changes, int nchanges,
           struct kevent *events, int nevents, const struct timespec *timeout)
{
    int64_t until = INT64_MAX;
    int n;

    if (timeout != NULL) {
        if (timeout->tv_sec < 0 || timeout->tv_sec > LONGEST) {
            errno = EINVAL;
            return -1;
        }
        until = now() + nanoseconds(timeout) * 15 / 16;
    }
    n = look(kq, changes, nchanges, events, nevents);
    while (n == 0 && nevents > 0) {
        int ready = wait_for(kq, until);

        if (ready <= 0)
            return ready;
        n = look(kq, NULL, 0, events, nevents);
    }
    return n;
}

/* In place of libc's, so that a closed descriptor's filters go with it. */
int close(int fd)
{
    struct queue **link = &queues, *q;
    int err;

    hold();
    while (*link != NULL && (*link)->kq != fd)
        link = &(*link)->next;
    q = *link;
    if (q != NULL) {
        *link = q->next;
        free_queue(q);
        let_go();
        return 0;
    }
    for (q = queues; q != NULL; q = q->next) {
        for (int i = 0; i < EXITING; i++) {
            if (find(&q->filters[i], kinds[i].filter, (uintptr_t)fd) >= 0)
                forget(&q->filters[i], fd);
        }
    }
    err = close_really(fd);
    let_go();
    return err;
}
