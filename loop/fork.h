/*
 * fork.h - how many forks made this process what it is.
 *
 * Private to loop/, installed nowhere.  What was made before a fork is
 * the parent's: its descriptors are shared with it, its threads are not here.
 */
#ifndef GYRE_LOOP_FORK_H
#define GYRE_LOOP_FORK_H

/* Those that lie between the first process that asked and this one.  What is
   made notes it, and is inherited where it differs. */
extern unsigned gyre_forks;

/* From now on they are counted.  Any thread. */
void gyre_forks_count(void);

#endif
