/*
 * dump.h - what all tasks are doing: for a person, a program, or a drawing.
 *
 * A dump is written as of one moment: tasks of a run take turns, and none has
 * one meanwhile.  It allocates nothing and needs little stack, so it can be had
 * whenever a run is in trouble.  Under gyre_run a signal makes one, and another
 * process may ask for one (task/run/run.h).
 *
 * As text: the tree of tasks, a line each, with what they wait for and, once
 * for all that stand side by side and look alike, where they are; then the
 * cycles, tasks that wait for each other.
 *
 * As DOT, for Graphviz: tasks as nodes; dotted edges from parents to children,
 * solid ones from who waits to who must act, labelled with what for.  Who is in
 * a cycle is red.
 *
 * As JSON, an object with two members.  What is not known is null; numbers
 * that end in _ns are spans in nanoseconds; places are strings as
 * "function+0x1f", or an address where no name is known.
 *
 *      "tasks"    an array, parents before their children, of objects with
 *          "id"           counted from 1 in each run
 *          "parent"       the id of whose scope it was spawned in, or null
 *          "name"         a string, or null
 *          "function"     what it runs
 *          "spawned_at"   a place
 *          "state"        "running", "ready" or "parked"
 *          "cancelled"    whether its next cancel point will say so
 *          "background"   whether it is (task/scope.h)
 *          "waits"        null, if it is not parked; or an object with
 *              "kind"         as "for a mutex"
 *              "on"           the address of the object, or null
 *              "detail"       as "descriptor 7", or null
 *              "held_up_by"   ids of those who must all act
 *              "age_ns"       since it began
 *              "left_ns"      until a deadline ends it, or null
 *          "stack"        an array of places, the innermost first
 *      "cycles"   an array of arrays of ids, each held up by the next, and the
 *                 last by the first
 *
 * Members may be added to these.
 */
#ifndef GYRE_TASK_SHOW_DUMP_H
#define GYRE_TASK_SHOW_DUMP_H

enum gyre_dump_format { GYRE_DUMP_TEXT, GYRE_DUMP_JSON, GYRE_DUMP_DOT };

#pragma GCC visibility push(default)

/*
 * Write what the tasks of the current run are doing to the descriptor `fd`:
 * from a task, or from a callback on the thread of a run.  Not a cancel point:
 * where writing blocks, the thread waits.  0, or the error of a write.  4,000
 * tasks side by side that look alike, whatever their names, take 0.2 s as text,
 * and 0.1 s else; text takes more with the square of how many do not look
 * alike.
 */
int gyre_dump(int fd, enum gyre_dump_format format);

#pragma GCC visibility pop

#endif
