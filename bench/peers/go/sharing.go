// sharing free OPS            one goroutine locks and unlocks, alone
// sharing handed OPS TASKS    that many do, and give way while they hold it
// sharing queue OPS ROOM      items from one to another, by a channel with room
//                             for so many, the one that is being taken too
// sharing select OPS          items of two, taken from whichever has one
package main

import (
	"fmt"
	"os"
	"runtime"
	"sync"
)

func free(ops int) {
	var mutex sync.Mutex
	b := start()
	for i := 0; i < ops; i++ {
		mutex.Lock()
		mutex.Unlock()
	}
	b.print(ops)
}

func handed(ops, tasks int) {
	var mutex sync.Mutex
	var group sync.WaitGroup
	hold := func() {
		for i := 0; i < ops/tasks; i++ {
			mutex.Lock()
			runtime.Gosched()
			mutex.Unlock()
		}
		group.Done()
	}
	group.Add(tasks)
	b := start()
	for i := 0; i < tasks; i++ {
		go hold()
	}
	group.Wait()
	b.print(ops / tasks * tasks)
}

func send(items chan<- int, n int) {
	for i := 0; i < n; i++ {
		items <- i
	}
}

func queue(ops, capacity int) {
	items := make(chan int, capacity)
	b := start()
	go send(items, ops)
	for i := 0; i < ops; i++ {
		<-items
	}
	b.print(ops)
}

func choose(ops int) {
	one, two := make(chan int), make(chan int)
	b := start()
	go send(one, ops/2)
	go send(two, ops/2)
	for i := 0; i < ops/2*2; i++ {
		select {
		case <-one:
		case <-two:
		}
	}
	b.print(ops / 2 * 2)
}

func main() {
	switch os.Args[1] {
	case "free":
		free(number(2))
	case "handed":
		handed(number(2), number(3))
	case "queue":
		queue(number(2), number(3)-1)
	case "select":
		choose(number(2))
	default:
		fmt.Fprintln(os.Stderr, "sharing: free, handed, queue or select")
		os.Exit(1)
	}
}
