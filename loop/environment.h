/*
 * environment.h - what the environment asks for.
 *
 * Private to loop/ and what is above it; installed nowhere.  Who starts a
 * program that has rights which he has not, by setuid say, gives it no orders:
 * to that it is as if no variable was set.  On Linux the kernel says which
 * programs are such; elsewhere those are taken for it whose real and effective
 * user or group differ, which does not see one that has given its rights up.
 */
#ifndef GYRE_LOOP_ENVIRONMENT_H
#define GYRE_LOOP_ENVIRONMENT_H

struct gyre_loop;

/* The value of a variable, or NULL if it is not set.  It is the environment's
   own, good until somebody changes that. */
const char *gyre_environment(const char *name);

/* The same, but NULL as well if the value is empty or 0: which turns off what a
   variable is about. */
const char *gyre_environment_asks(const char *name);

/*
 * A variable that is a number from 0 to `most`, in digits and nothing else.  0
 * if it is not set, or empty.  If it is anything else the failure hook of `l`
 * is told, unless that is NULL: -EINVAL.
 */
long gyre_environment_number(struct gyre_loop *l, const char *name, long most);

#endif
