/* A hold keeps the loop alive for something that it cannot know of. */
#include <gyre.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

struct outside {
    struct gyre_mailbox *mailbox;
    struct gyre_post post;
    struct gyre_event *heard;
};

static void *wait_for_a_while(void *arg)
{
    struct outside *o = arg;

    usleep(10000);
    (void)gyre_post(o->mailbox, &o->post);
    gyre_mailbox_release(o->mailbox);
    return NULL;
}

static void hear(struct gyre_post *p)
{
    struct outside *o = GYRE_OWNER(p, struct outside, post);

    gyre_event_set(o->heard);
}

static intptr_t program(void *arg)
{
    struct gyre_loop *l = gyre_loop_current();
    struct gyre_event heard = {0};
    struct outside o = {gyre_loop_mailbox(l), {.run = hear}, &heard};
    pthread_t thread;
    int err;

    (void)arg;
    gyre_mailbox_hold(o.mailbox); /* for the thread */
    err = -pthread_create(&thread, NULL, wait_for_a_while, &o);
    if (err) {
        gyre_mailbox_release(o.mailbox);
        return err;
    }
    gyre_loop_hold(l); /* without it this would be a deadlock, and end the run */
    err = gyre_event_wait(&heard, GYRE_FOREVER);
    gyre_loop_release(l);
    pthread_join(thread, NULL);
    printf("heard\n");
    return err;
}

int main(void)
{
    return gyre_run(program, NULL) != 0;
}
