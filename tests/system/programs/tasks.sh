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

traces() {
    ends 0 ours "$out/examples/trace" "$tmp/trace.json" &&
        python3 -c 'import json, sys
events = json.load(open(sys.argv[1]))["traceEvents"]
turns = [e for e in events if e["ph"] == "X" and e["name"] == "tick"]
sys.exit(len(turns) != 6)' "$tmp/trace.json"
}
check 'trace has a turn for each time a clock woke' traces
