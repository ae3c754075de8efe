/*
 * job.c - the ready queue.
 *
 * Invariants:
 *   - a job is in at most one of `next`, `pass` and `left`, and linked exactly
 *     while it is in one of them;
 *   - jobs in `pass` run before any in `next`: they were started before those,
 *     or to run next;
 *   - `left` is empty but for while the job of a step runs, and has then what
 *     `pass` has in a round;
 *   - once `enough` jobs have run a pass that has begun is finished, but no
 *     further one begun, unless the round is young;
 *   - outside of a round any number is enough, there is no extension, and in
 *     `pass` is only what is to run next, and what steps have left of it.
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
    struct gyre_list *pass = l->passing;

    start_before(l, j, pass != NULL ? pass->next : &l->ready.pass);
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
    empty(&l->left);
    empty(&l->ready.pass);
    empty(&l->ready.next);
}

void gyre_jobs_run(struct gyre_loop *l)
{
    struct gyre_ready *r = &l->ready;

    r->enough = r->jobs + JOBS_PER_ROUND;
    l->extensions = EXTENSIONS;
    l->passing = &r->pass;
    while (!gyre_list_empty(&r->pass) || begin_pass(l)) {
        struct gyre_job *j = first(l);

        j->run(j);
    }
    l->passing = NULL;
    r->enough = 0;
    l->extensions = 0;
}

/*
 * A round, one job at a time: the same passes in the same order, and the poller
 * asked in between as often.  While the job runs any number is enough, and what
 * is left of the pass is out of the way, so gyre_loop_take has nothing to give.
 */
bool gyre_jobs_step(struct gyre_loop *l)
{
    struct gyre_ready *r = &l->ready;
    struct gyre_job *j;

    r->enough = r->jobs - (uint64_t)l->stepped + JOBS_PER_ROUND;
    j = gyre_loop_take(l);
    r->enough = 0;
    if (j == NULL)
        return false;
    l->stepped++;
    gyre_list_splice(&l->left, &r->pass);
    l->passing = &l->left;
    j->run(j);
    l->passing = NULL;
    gyre_list_splice(&r->pass, &l->left);
    return true;
}
