// yields OPS TASKS   one yield among so many goroutines
//
// Spawning them, and their ends, are not in it; as they take turns less
// strictly than tasks, who has the clock counts the yields of all.
package main

import "runtime"

func main() {
	ops, tasks := number(1), number(2)
	yielded, over, started := 0, false, 0
	for i := 1; i < tasks; i++ {
		go func() {
			started++
			for !over {
				yielded++
				runtime.Gosched()
			}
		}()
	}
	for started < tasks-1 {
		runtime.Gosched()
	}
	yielded = 0
	b := start()
	for yielded < ops {
		yielded++
		runtime.Gosched()
	}
	b.print(yielded)
	over = true
}
