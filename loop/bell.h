/*
 * bell.h - a pipe that wakes whoever polls its reading end.
 *
 * Private to loop/, installed nowhere.  It is for pollers whose system has
 * nothing better.
 */
#ifndef GYRE_LOOP_BELL_H
#define GYRE_LOOP_BELL_H

struct gyre_bell {
    int ear; /* polls readable once it was rung; -1 when closed */
    int hammer;
};

/* 0, or as pipe and fcntl; then it is closed. */
int gyre_bell_open(struct gyre_bell *b);
void gyre_bell_close(struct gyre_bell *b);

/* Ring.  Any thread, and signal handlers; errno is kept.  Cannot fail. */
void gyre_bell_ring(struct gyre_bell *b);

/* Forget that it was rung.  A ring that comes from here on is heard. */
void gyre_bell_hush(struct gyre_bell *b);

#endif
