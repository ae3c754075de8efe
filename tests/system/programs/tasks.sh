# The examples of what tasks do, and share, print what they should.

says() {            # says TEXT PROGRAM: prints just that, and ends well
    ends 0 ours "$out/examples/$2" && printf '%s\n' "$1" | diff - "$tmp/said"
}

check 'gather has the answers in order' says 'all: 30 10 20
first to end: number 1
failures: 1, the other said 10
all or nothing: Permission denied' gather

check 'start tells who is ready from who is not' says 'listening on 8080
the other: Permission denied
in a hurry: timed out
running: 1' start

check 'portal lets a thread in' says 'the thread was told 42' portal

check 'select takes whichever comes first' says 'an order: 1
an order: 2
the answer: 42
an order: 3
nothing more: timed out' select

check 'locals are inherited' says 'ann: asks
ann: is served one part
ann: is served another
bob: asks
bob: is served one part
bob: is served another
nobody: is there any more' locals

check 'defer undoes the last first' says 'takes a book
takes a lamp
gives back a lamp
gives back a book
in time

takes a book
takes a lamp
gives back a lamp
gives back a book
timed out

takes a book
gives back a book
timed out
' defer

check 'eager runs at once' says 'at once, in task 3, eager
spawned
in its turn, in task 2, later
with a megabyte of stack, in task 4, large
on memory of ours, in task 5, lent' eager

check 'mutex is handed on, and tells of an owner that went' says 'ann asks
ann is answered
bob asks
bob is answered
eve takes the line, and never gives it back
joe: whoever had it has ended' mutex

check 'condition is waited for' says 'an omelette of 2, leaving 0
an omelette of 3, leaving 0' condition

check 'semaphore lets three in' says 'at most 3 inside, 4 seconds in all' semaphore

check 'pool has back what cancelled clients had' says 'ann: done
bob: done
eve: cancelled
joe: cancelled
sue, without a connection: cancelled
timed out; 2 connections are back' pool

check 'barrier holds all' says '1 has done step 1
2 has done step 1
3 has done step 1
all have
1 has done step 2
2 has done step 2
3 has done step 2
all have' barrier

check 'rwlock lets many look' says 'ann looks, with 0 others
bob looks, with 1 others
eve changes it
joe looks, with 0 others' rwlock

check 'once is done by the next, if it fails' says 'ann has failed
ann gives up
bob has connected
bob goes on
eve goes on' once

check 'channel leads from loop to loop' says '1
4
9
16
25' channel

check 'offload has a thread think' says '111 steps; by 1 thread, 0 waiting' offload

check 'fair lets the heart beat' says '9592 primes
the heart has beaten' fair

check 'event has all go at once' says '2 wait; ready, steady
ann runs
bob runs' event

check 'priority has the worst off come first' says 'a broken leg
a toothache
a cough
a cold' priority

check 'tasks shows the tree' says '1, in 0: main
2, in 1: left
4, in 2: leaf
5, in 2: (no name of its own)
3, in 1: right
6, in 3: leaf
7, in 3: (no name of its own)
7 tasks' tasks

check 'weather is late, in pieces, cut off and reset' says '1000 ms: hello, 
1000 ms: there
1200 ms: again
2000 ms: Connection reset by peer' weather

check 'first_failure leaves the others alone' says '1: is done
2: has failed
3: is at it still' first_failure

check 'accounts counts turns' says 'main: 2 turns
idle: 1 turns
busy: 100 turns' accounts

check 'dump draws who waits for whom' says 'digraph tasks {
  node [shape=box];
  1 [label="#1 main\nrunning"];
  2 [label="#2 hold\nfor a while"];
  1 -> 2 [style=dotted];
  3 [label="#3 hold\nfor a mutex"];
  1 -> 3 [style=dotted];
  3 -> 2 [label="for a mutex"];
}' dump

check 'shield lets one clean up, but not for ever' says 'talk: cancelled; goodbye: said
talk: cancelled; goodbye: timed out' shield

check 'limit is moved by what comes' says 'piece 1
piece 2
piece 3
timed out, after 9 seconds' limit

check 'queues may be stacks, or have no room' says 'plate 3
plate 2
plate 1
42, from hand to hand
it was taken after 2 seconds' queues

check 'drain waits for all, and closes' says 'washing is done
ironing is done
folding is done
that was all
nobody does eating
cooking is done
baking is done' drain

check 'select_in_order has one thing come first' says 'job 1 is done
job 2 is done
stopped, with 3 to do' select_in_order

check 'cancel_one leaves the others alone' says '1: has counted to 1
2: cancelled
3: has counted to 3
all in all: 0' cancel_one

check 'await_all waits for each' says 'timed out: 2 are there
all are there' await_all

check 'remote is set by a thread' says '5050' remote

check 'abandon leaves what hangs behind' says 'timed out
all is freed' abandon

check 'hold waits for what comes from outside' says 'heard' hold

check 'runs may follow each other on one loop' says 'set
the other side has ended
ring!' runs

check 'histogram has the outlier' says 'answers: 20
  <     1.048 ms         4 #######################
  <     2.097 ms         4 #######################
  <     4.194 ms         7 ########################################
  <     8.388 ms         4 #######################
  <    16.777 ms         0 
  <    33.554 ms         0 
  <    67.108 ms         0 
  <   134.217 ms         1 ######
  max 100.000 ms' histogram

check 'step draws what is in a loop' says '> job switch_off
ready   -
timers  in 1.000 s, to call switch_on
parked  -

> poll, 1.000 s, 0 ready
> timer switch_on
ready   switch_off
timers  -
parked  -

> job switch_off
ready   -
timers  -
parked  -
' step

check 'blocking sleeps, and nobody is told' says 'both have slept' blocking

traces() {
    ends 0 ours "$out/examples/trace" "$tmp/trace.json" &&
        python3 -c 'import json, sys
events = json.load(open(sys.argv[1]))["traceEvents"]
turns = [e for e in events if e["ph"] == "X" and e["name"] == "tick"]
sys.exit(len(turns) != 6)' "$tmp/trace.json"
}
check 'trace has a turn for each time a clock woke' traces
