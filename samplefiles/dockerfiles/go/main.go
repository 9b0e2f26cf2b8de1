// A ledger over HTTP: GET / lists its entries, POST / adds one.
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
)

func main() {
	listen := flag.String("listen", ":8080", "where to listen")
	flag.Parse()
	entries := &store{}
	http.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		for _, entry := range entries.all() {
			fmt.Fprintln(w, entry)
		}
	})
	http.HandleFunc("POST /{$}", func(w http.ResponseWriter, r *http.Request) {
		entry, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1024))
		if err != nil {
			http.Error(w, "an entry has 1024 bytes at most", http.StatusRequestEntityTooLarge)
			return
		}
		entries.add(string(entry))
		w.WriteHeader(http.StatusCreated)
	})
	log.Fatal(http.ListenAndServe(*listen, nil))
}
