// echo PORT   TCP echo, a goroutine a connection
package main

import (
	"fmt"
	"net"
)

func echo(peer net.Conn) {
	defer peer.Close()
	buf := make([]byte, 4096) // BENCH_BUFFER
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
