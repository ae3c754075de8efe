/*
 * job.c - the ready queue.
 *
 * Invariants:
 *   - a job is in at most one of `ready`, `pass` and `left`, and linked exactly
 *     while it is in one of them;
 *   - jobs in `pass` run before any in `ready`: they were started before those,
 *     or to run next;
 *   - `left` is empty but for while the job of a step runs, and has then what
 *     `pass` has in a round;
 *   - the budget is what is left of a round: once it is spent a pass that has
 *     begun is finished, but no further one begun, unless the round is young;
 *   - outside of a round there is no budget, and no extension of it, and in
 *     `pass` only what is to run next, and what steps have left of it.
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
    start_before(l, j, &l->ready);
}

void gyre_job_start_next(struct gyre_loop *l, struct gyre_job *j)
{
    start_before(l, j, l->passing != NULL ? l->passing->next : &l->pass);
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

/* The budget is spent; more of it, if the last poll was just now. */
static __attribute__((noinline)) bool extend(struct gyre_loop *l)
{
    struct gyre_poller *p = l->poller;

    if (l->extensions == 0 || p->ops->simulated ||
        p->ops->now(p) - l->now >= YOUNG)
        return false;
    l->extensions--;
    l->budget += JOBS_PER_ROUND;
    return true;
}

/* Make what is ready the next pass, if the round has room for one. */
static inline __attribute__((always_inline)) bool
begin_pass(struct gyre_loop *l)
{
    if (gyre_list_empty(&l->ready) || l->stopping)
        return false;
    if (l->budget <= 0 && !extend(l))
        return false;
    gyre_list_move(&l->pass, &l->ready);
    if (l->seed != 0)
        gyre_jobs_shuffle(l, &l->pass);
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
    struct gyre_job *j =
        GYRE_OWNER(gyre_list_take(&l->pass), struct gyre_job, link);

    l->budget--;
    l->stats.jobs++;
    return l->probes == NULL ? j : tell_of(l, j);
}

static __attribute__((noinline)) struct gyre_job *
first_of_next(struct gyre_loop *l)
{
    return begin_pass(l) ? first(l) : NULL;
}

/* What is apart leaves the usual way without a frame. */
struct gyre_job *gyre_loop_take(struct gyre_loop *l)
{
    return gyre_list_empty(&l->pass) ? first_of_next(l) : first(l);
}

static void empty(struct gyre_list *jobs)
{
    while (!gyre_list_empty(jobs))
        gyre_list_take(jobs);
}

void gyre_jobs_drop(struct gyre_loop *l)
{
    empty(&l->left);
    empty(&l->pass);
    empty(&l->ready);
}

void gyre_jobs_run(struct gyre_loop *l)
{
    l->budget = JOBS_PER_ROUND;
    l->extensions = EXTENSIONS;
    l->passing = &l->pass;
    while (!gyre_list_empty(&l->pass) || begin_pass(l)) {
        struct gyre_job *j = first(l);

        j->run(j);
    }
    l->passing = NULL;
    l->budget = 0;
    l->extensions = 0;
}

/*
 * A round, one job at a time: the same passes in the same order, and the poller
 * asked in between as often.  While the job runs there is no budget, and what
 * is left of the pass is out of the way, so gyre_loop_take has nothing to give.
 */
bool gyre_jobs_step(struct gyre_loop *l)
{
    struct gyre_job *j;

    l->budget = JOBS_PER_ROUND - l->stepped;
    j = gyre_loop_take(l);
    l->budget = 0;
    if (j == NULL) {
        l->stepped = 0;
        return false;
    }
    l->stepped++;
    gyre_list_splice(&l->left, &l->pass);
    l->passing = &l->left;
    j->run(j);
    l->passing = NULL;
    gyre_list_splice(&l->pass, &l->left);
    return true;
}
