// echo PORT [large]   TCP echo, a goroutine a connection
package main

import (
	"fmt"
	"net"
	"os"
)

var room = 4096 // BENCH_OWN_BUFFER

func echo(peer net.Conn) {
	defer peer.Close()
	buf := make([]byte, room)
	for {
		n, err := peer.Read(buf)
		if err != nil {
			return
		}
		if _, err = peer.Write(buf[:n]); err != nil {
			return
		}
	}
}

func main() {
	if len(os.Args) > 2 {
		room = 131072 // BENCH_BUFFER
	}
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", number(1)))
	if err != nil {
		panic(err)
	}
	for {
		peer, err := listener.Accept()
		if err != nil {
			panic(err)
		}
		go echo(peer)
	}
}
