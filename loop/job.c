/*
 * job.c - the ready queue.
 *
 * Invariants:
 *   - a job is in at most one of `next` and `pass`, and linked exactly while it
 *     is in one of them;
 *   - jobs in `pass` run before any in `next`: they were started before those,
 *     or to run next;
 *   - once `enough` jobs have run a pass that has begun is finished, but no
 *     further one begun, unless the round is young;
 *   - outside of a round any number is enough, there is no extension, and in
 *     `pass` is only what is to run next.
 *
 * A round ends so that the poller is asked; but a poll that finds nothing is a
 * system call, which may cost as much as 61 short jobs do.  So a round is let
 * go on, by 61 jobs or the whole of a larger pass, while the last poll is less
 * than 50 us ago, and 64 times at most: for that the clock is read, which costs
 * a fortieth.  Under simulation no time passes while jobs run, and a round is
 * 61 jobs.
 */
#include "loop/internal.h"

static __attribute__((noinline)) struct gyre_loop *
start_and_tell(struct gyre_loop *l, struct gyre_job *j, struct gyre_list *place)
{
    own(l);
    if (gyre_job_started(j))
        return l;
    gyre_list_append(place, &j->link);
    if (l->probes != NULL)
        gyre_probe_job_started(l, j);
    return l;
}

/* Put `j` before `place`, in one of the lists. */
static inline __attribute__((always_inline)) void
start_before(struct gyre_loop *l, struct gyre_job *j, struct gyre_list *place)
{
    if (!is_quiet(l))
        moved(start_and_tell(l, j, place));
    else if (!gyre_job_started(j))
        gyre_list_append(place, &j->link);
}

void gyre_job_start(struct gyre_loop *l, struct gyre_job *j)
{
    start_before(l, j, &l->ready.next);
}

void gyre_job_start_next(struct gyre_loop *l, struct gyre_job *j)
{
    struct gyre_list *pass = &l->ready.pass;

    start_before(l, j, l->passing ? pass->next : pass);
}

void gyre_job_stop(struct gyre_loop *l, struct gyre_job *j)
{
    own(l);
    if (!gyre_job_started(j))
        return;
    gyre_list_remove(&j->link);
    moved(l);
}

bool gyre_job_started(const struct gyre_job *j)
{
    return gyre_list_linked(&j->link);
}

/* No more is needed; but it is let go on, if the last poll was just now. */
static __attribute__((noinline)) bool extend(struct gyre_loop *l)
{
    struct gyre_poller *p = l->poller;

    if (l->extensions == 0 || l->stopping || p->ops->simulated ||
        p->ops->now(p) - l->now >= YOUNG)
        return false;
    l->extensions--;
    l->ready.enough += JOBS_PER_ROUND;
    return true;
}

/* Make what is ready the next pass, if the round has room for one. */
static inline __attribute__((always_inline)) bool
begin_pass(struct gyre_loop *l)
{
    struct gyre_ready *r = &l->ready;

    if (gyre_list_empty(&r->next))
        return false;
    if (r->jobs >= r->enough && !extend(l))
        return false;
    gyre_list_move(&r->pass, &r->next);
    if (l->seed != 0)
        gyre_jobs_shuffle(l, &r->pass);
    return true;
}

static __attribute__((noinline)) struct gyre_job *tell_of(struct gyre_loop *l,
                                                          struct gyre_job *j)
{
    gyre_probe_job_runs(l, j);
    return j;
}

/* The first of the pass, which has not ended. */
static inline struct gyre_job *first(struct gyre_loop *l)
{
    struct gyre_job *j = gyre_ready_first(&l->ready);

    return l->probes == NULL ? j : tell_of(l, j);
}

static __attribute__((noinline)) struct gyre_job *take(struct gyre_loop *l)
{
    return !gyre_list_empty(&l->ready.pass) || begin_pass(l) ? first(l) : NULL;
}

/* Mostly a pass has ended, and the next begins: that needs no frame. */
struct gyre_job *gyre_loop_take(struct gyre_loop *l)
{
    struct gyre_ready *r = &l->ready;

    if (r->quiet == NULL || !gyre_list_empty(&r->pass) || r->jobs >= r->enough)
        return take(l);
    if (gyre_list_empty(&r->next))
        return NULL;
    gyre_list_move(&r->pass, &r->next);
    return gyre_ready_first(r);
}

static void empty(struct gyre_list *jobs)
{
    while (!gyre_list_empty(jobs))
        gyre_list_take(jobs);
}

void gyre_jobs_drop(struct gyre_loop *l)
{
    empty(&l->ready.pass);
    empty(&l->ready.next);
}

void gyre_jobs_run(struct gyre_loop *l)
{
    struct gyre_ready *r = &l->ready;

    r->enough = r->jobs + JOBS_PER_ROUND;
    l->extensions = EXTENSIONS;
    l->passing = true;
    while (!gyre_list_empty(&r->pass) || begin_pass(l)) {
        struct gyre_job *j = first(l);

        j->run(j);
    }
    l->passing = false;
    r->enough = 0;
    l->extensions = 0;
}

/*
 * The job is all there is to its pass, and nothing more is needed for the
 * round: so gyre_loop_take has nothing to give to what runs.  The poller is
 * asked as often as in a round.
 */
bool gyre_jobs_step(struct gyre_loop *l)
{
    struct gyre_ready *r = &l->ready;
    struct gyre_job *j;

    /* What is to run next would stay in the pass for ever if nothing else were
       ready, and be given to what runs if something were. */
    gyre_list_splice(&r->pass, &r->next);
    gyre_list_splice(&r->next, &r->pass);
    if (gyre_list_empty(&r->next) || l->stepped >= JOBS_PER_ROUND) {
        l->stepped = 0;
        return false;
    }
    gyre_list_append(&r->pass, gyre_list_take(&r->next));
    j = first(l);
    l->passing = true;
    j->run(j);
    l->passing = false;
    l->stepped++;
    return true;
}
