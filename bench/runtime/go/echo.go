package main

import (
	"io"
	"net"
	"os"
)

// Prints {"port":N} once it listens. One goroutine and one buffer of a message's size per connection.
func runEchoServer() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fail(err)
	}
	printJSON(map[string]int{"port": listener.Addr().(*net.TCPAddr).Port})
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				fail(err)
			}
			go echo(connection)
		}
	}()
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// A broken connection ends its echo only: the load generator notices what is missing.
func echo(connection net.Conn) {
	defer connection.Close()
	buffer := make([]byte, messageBytes)
	for {
		n, err := connection.Read(buffer)
		if err != nil {
			return
		}
		if _, err = connection.Write(buffer[:n]); err != nil {
			return
		}
	}
}
