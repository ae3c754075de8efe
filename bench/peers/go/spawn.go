// spawn warm OPS   start a goroutine that ends at once and wait for it
// spawn cold N     start N that each yield once, then wait for them all
// spawn again N    the same, a second time in the same process
package main

import (
	"os"
	"runtime"
	"sync"
)

func warm(ops int) {
	var group sync.WaitGroup
	one := func() {
		group.Add(1)
		go group.Done()
		group.Wait()
	}
	for i := 0; i < 1000; i++ {
		one()
	}
	b := start()
	for i := 0; i < ops; i++ {
		one()
	}
	b.print(ops)
}

func allAtOnce(n int) {
	var group sync.WaitGroup
	group.Add(n)
	for i := 0; i < n; i++ {
		go func() {
			runtime.Gosched()
			group.Done()
		}()
	}
	group.Wait()
}

func main() {
	n := number(2)
	switch os.Args[1] {
	case "warm":
		warm(n)
	case "again":
		allAtOnce(n)
		fallthrough
	case "cold":
		b := start()
		allAtOnce(n)
		b.print(n)
	default:
		os.Exit(1)
	}
}
