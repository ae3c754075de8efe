// hello PORT FOLDER   HTTP: 13 bytes of text, and the files of FOLDER
package main

import (
	"fmt"
	"net/http"
	"os"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		w.Write([]byte("Hello, world!"))
	})
	http.Handle("/files/", http.StripPrefix("/files/",
		http.FileServer(http.Dir(os.Args[2]))))
	panic(http.ListenAndServe(fmt.Sprintf("127.0.0.1:%d", number(1)), nil))
}
