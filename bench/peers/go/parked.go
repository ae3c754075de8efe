// parked N   N goroutines parked at once: rss_bytes, what they add, and the
// time to start them and park them
package main

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"
)

func resident() int {
	var size, pages int
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		panic(err)
	}
	fmt.Fscan(bytes.NewReader(text), &size, &pages)
	return pages * os.Getpagesize()
}

func main() {
	n := number(1)
	gate := make(chan struct{})
	var parked, done sync.WaitGroup
	parked.Add(n)
	done.Add(n)
	runtime.GC()
	before := resident()
	wall, cpu := time.Now(), cpuTime()
	for i := 0; i < n; i++ {
		go func() {
			parked.Done()
			<-gate
			done.Done()
		}()
	}
	parked.Wait()
	fmt.Printf("ops=%d wall_ns=%d cpu_ns=%d rss_bytes=%d\n", n,
		time.Since(wall).Nanoseconds(), cpuTime()-cpu, resident()-before)
	close(gate)
	done.Wait()
}
