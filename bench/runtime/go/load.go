package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

const messageBytes = 1024

// The same load for every peer, made with bare epoll on one thread so that it costs the machine little.
//
//	load rps PORT CONNECTIONS WARMUP_SECONDS SECONDS
//	    closed loop: each connection sends a message when the echo of its last one is complete
//	load idle PORT CONNECTIONS
//	    prints {"open":0} after a warm-up, opens the connections when it reads a line, prints
//	    {"open":CONNECTIONS} when each has echoed one message, ends when standard input closes
func runLoad(arguments []string) {
	runtime.GOMAXPROCS(1)
	if len(arguments) < 3 {
		fail("usage: load rps PORT CONNECTIONS WARMUP_SECONDS SECONDS | load idle PORT CONNECTIONS")
	}
	port, connections := number(arguments[1]), number(arguments[2])
	switch {
	case arguments[0] == "rps" && len(arguments) == 5:
		loadRequests(port, connections, number(arguments[3]), number(arguments[4]))
	case arguments[0] == "idle":
		holdIdle(port, connections)
	default:
		fail(fmt.Sprintf("unknown load %q", arguments))
	}
}

func number(text string) int {
	value, err := strconv.Atoi(text)
	if err != nil {
		fail(err)
	}
	return value
}

var message = bytes.Repeat([]byte("0123456789abcdef"), messageBytes/16)

type loadConnection struct {
	socket   int
	received int
	buffer   [messageBytes]byte
}

func connect(port int) *loadConnection {
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	must(err)
	must(syscall.SetsockoptInt(socket, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1))
	must(syscall.Connect(socket, &syscall.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}))
	return &loadConnection{socket: socket}
}

func must(err error) {
	if err != nil {
		fail(err)
	}
}

// The socket's send buffer is empty whenever a message is due, so a message always fits.
func (c *loadConnection) send() {
	n, err := syscall.Write(c.socket, message)
	must(err)
	if n != messageBytes {
		fail("a message was written in part")
	}
}

// receive reads once and tells whether the echo is complete.
func (c *loadConnection) receive() bool {
	n, err := syscall.Read(c.socket, c.buffer[c.received:])
	must(err)
	if n == 0 {
		fail("the server closed a connection")
	}
	c.received += n
	if c.received < messageBytes {
		return false
	}
	if !bytes.Equal(c.buffer[:], message) {
		fail("the echo differs from the message")
	}
	c.received = 0
	return true
}

func (c *loadConnection) roundTrip() {
	c.send()
	for !c.receive() {
	}
}

func loadRequests(port, count, warmupSeconds, seconds int) {
	poll, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	must(err)
	connections := make([]*loadConnection, count)
	for i := range connections {
		connections[i] = connect(port)
		must(syscall.EpollCtl(poll, syscall.EPOLL_CTL_ADD, connections[i].socket,
			&syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(i)}))
	}
	for _, connection := range connections {
		connection.send()
	}
	driveFor(poll, connections, time.Duration(warmupSeconds)*time.Second)
	start, cpuBefore := time.Now(), processorTime()
	requests := driveFor(poll, connections, time.Duration(seconds)*time.Second)
	elapsed := time.Since(start)
	busy := float64(processorTime()-cpuBefore) / float64(elapsed)
	about := extra{"loadGeneratorCpu": busy}
	if busy > 0.97 {
		about["note"] = "the load generator was the limit"
	}
	printJSON(of(float64(requests)/elapsed.Seconds(), "requests/s").with(about))
}

func driveFor(poll int, connections []*loadConnection, duration time.Duration) int {
	events := make([]syscall.EpollEvent, len(connections))
	requests := 0
	for until := time.Now().Add(duration); time.Now().Before(until); {
		ready, err := syscall.EpollWait(poll, events, 1000)
		if err == syscall.EINTR {
			continue
		}
		must(err)
		for _, event := range events[:ready] {
			if connection := connections[event.Fd]; connection.receive() {
				requests++
				connection.send()
			}
		}
	}
	return requests
}

func processorTime() time.Duration {
	var usage syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// The warm-up makes the server load its code before its memory is first read.
func holdIdle(port, count int) {
	raiseFileLimit()
	const warmup = 100
	for i := 0; i < warmup; i++ {
		connection := connect(port)
		connection.roundTrip()
		must(syscall.Close(connection.socket))
	}
	printJSON(map[string]int{"open": 0})
	if _, err := os.Stdin.Read(make([]byte, 1)); err != nil {
		fail(err)
	}
	for i := 0; i < count; i++ {
		connect(port).roundTrip()
	}
	printJSON(map[string]int{"open": count})
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// Ten thousand connections do not fit in the usual soft limit of 1024 descriptors.
func raiseFileLimit() {
	var limit syscall.Rlimit
	must(syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit))
	limit.Cur = limit.Max
	must(syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit))
}
