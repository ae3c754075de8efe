/*
 * put.h - accounts, histograms and traces on their way out, to anywhere.
 *
 * Private to task/ and what is above it; installed nowhere.  What is written is
 * described in accounts.h, histogram.h and trace.h.
 */
#ifndef GYRE_TASK_SHOW_PUT_H
#define GYRE_TASK_SHOW_PUT_H

struct gyre_accounts;
struct gyre_histogram;
struct gyre_out;
struct gyre_trace;

void gyre_put_accounts(struct gyre_out *o, struct gyre_accounts *a);
void gyre_put_histogram(struct gyre_out *o, const struct gyre_histogram *h,
                        const char *title);

/* 0, or -ENOMEM, with nothing written. */
int gyre_put_trace(struct gyre_out *o, struct gyre_trace *t);

#endif
