// hello PORT   HTTP, one route, 13 bytes of text
package main

import (
	"fmt"
	"net/http"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		w.Write([]byte("Hello, world!"))
	})
	panic(http.ListenAndServe(fmt.Sprintf("127.0.0.1:%d", number(1)), nil))
}
