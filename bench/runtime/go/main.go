// The Go peer of the runtime benchmarks, and the load generator for every peer's echo server.
//
//	go-peer CASE                  measures one case and prints one line of JSON
//	go-peer echo-server           echoes on a free port until standard input closes
//	go-peer load rps PORT ...     drives an echo server, see load.go
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
)

type extra map[string]any

// measurement is what one run of a case found. A nil Value says that the case has no meaning in Go.
type measurement struct {
	Case  string   `json:"case"`
	Value *float64 `json:"value"`
	Unit  string   `json:"unit,omitempty"`
	Extra extra    `json:"extra,omitempty"`
}

func of(value float64, unit string) measurement {
	return measurement{Value: &value, Unit: unit}
}

func (m measurement) with(extra extra) measurement {
	m.Extra = extra
	return m
}

// Cases that speak of one loop run on one scheduler thread; the others have what Go gives a program.
var cases = map[string]func() measurement{
	"switch":                     onOneThread(measureSwitch),
	"spawn-join":                 onOneThread(measureSpawnJoin),
	"channel-1":                  onOneThread(func() measurement { return measureChannel(1) }),
	"channel-64":                 onOneThread(func() measurement { return measureChannel(64) }),
	"scope":                      onOneThread(measureScope),
	"sleepers-bytes":             measureSleepersBytes,
	"sleepers-peak-mb":           measureSleepersPeak,
	"timer-add-cancel":           onOneThread(measureTimerAddCancel),
	"cancel-100k-outcome-ms":     measureCancelOutcome,
	"cancel-heartbeat-late-ms":   measureCancelHeartbeat,
	"executor-heartbeat-late-ms": measureExecutorHeartbeat,
	"timer-late-p50-ms":          func() measurement { return measureTimerLate(0.50) },
	"timer-late-p99-ms":          func() measurement { return measureTimerLate(0.99) },
}

func onOneThread(body func() measurement) func() measurement {
	return func() measurement {
		runtime.GOMAXPROCS(1)
		return body()
	}
}

func main() {
	if len(os.Args) < 2 {
		fail("usage: go-peer CASE | echo-server | load ...")
	}
	switch os.Args[1] {
	case "echo-server":
		runEchoServer()
	case "load":
		runLoad(os.Args[2:])
	default:
		var found measurement
		if body, known := cases[os.Args[1]]; known {
			found = body()
		}
		found.Case = os.Args[1]
		printJSON(found)
	}
}

func printJSON(value any) {
	if err := json.NewEncoder(os.Stdout).Encode(value); err != nil {
		fail(err)
	}
}

func fail(reason any) {
	fmt.Fprintln(os.Stderr, reason)
	os.Exit(1)
}
