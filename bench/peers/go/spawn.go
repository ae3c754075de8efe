// spawn warm OPS   start a goroutine that ends at once and wait for it
// spawn cold N     start N that each yield once, then wait for them all
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

func cold(n int) {
	var group sync.WaitGroup
	b := start()
	group.Add(n)
	for i := 0; i < n; i++ {
		go func() {
			runtime.Gosched()
			group.Done()
		}()
	}
	group.Wait()
	b.print(n)
}

func main() {
	n := number(2)
	switch os.Args[1] {
	case "warm":
		warm(n)
	case "cold":
		cold(n)
	default:
		os.Exit(1)
	}
}
