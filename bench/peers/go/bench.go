// What bench/bench.h is to the C programs: a stopwatch, the arguments and the
// one line a benchmark prints.
package main

import (
	"fmt"
	"os"
	"strconv"
	"syscall"
	"time"
)

type bench struct {
	wall time.Time
	cpu  int64
}

// The process's processor time, all threads together, in nanoseconds.
func cpuTime() int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return u.Utime.Nano() + u.Stime.Nano()
}

func start() bench {
	return bench{time.Now(), cpuTime()}
}

func (b bench) print(ops int) {
	wall := time.Since(b.wall).Nanoseconds()
	fmt.Printf("ops=%d wall_ns=%d cpu_ns=%d\n", ops, wall, cpuTime()-b.cpu)
}

// Argument i as a positive number; the program ends without one.
func number(i int) int {
	if i < len(os.Args) {
		if n, err := strconv.Atoi(os.Args[i]); err == nil && n > 0 {
			return n
		}
	}
	fmt.Fprintln(os.Stderr, "bench: a positive number is missing")
	os.Exit(1)
	return 0
}
