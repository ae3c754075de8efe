// switch OPS TASKS   that many goroutines give way to each other in turn
package main

import (
	"runtime"
	"sync"
)

func main() {
	var group sync.WaitGroup
	ops, tasks := number(1), number(2)
	yield := func() {
		for i := 0; i < ops/tasks; i++ {
			runtime.Gosched()
		}
		group.Done()
	}
	group.Add(tasks)
	b := start()
	for i := 0; i < tasks; i++ {
		go yield()
	}
	group.Wait()
	b.print(ops / tasks * tasks)
}
