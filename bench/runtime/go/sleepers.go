package main

import (
	"bufio"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

const sleepers = 1_000_000

func measureSleepersBytes() measurement {
	before := residentBytes()
	startSleepers()
	grown := residentBytes() - before
	return of(float64(grown)/sleepers, "bytes").with(extra{"children": sleepers})
}

func measureSleepersPeak() measurement {
	startSleepers()
	return of(float64(statusBytes("VmHWM"))/1e6, "MB").with(extra{"children": sleepers})
}

// Comes back when every child has begun its sleep.
func startSleepers() {
	var asleep int64
	for i := 0; i < sleepers; i++ {
		go func() {
			atomic.AddInt64(&asleep, 1)
			time.Sleep(time.Hour)
		}()
	}
	for atomic.LoadInt64(&asleep) < sleepers {
		time.Sleep(time.Millisecond)
	}
}

func residentBytes() int64 {
	runtime.GC()
	return statusBytes("VmRSS")
}

// statusBytes reads one memory figure of this process, which Linux gives in kB.
func statusBytes(field string) int64 {
	status, err := os.Open("/proc/self/status")
	if err != nil {
		fail(err)
	}
	defer status.Close()
	lines := bufio.NewScanner(status)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		if words[0] == field+":" {
			kilobytes, err := strconv.ParseInt(words[1], 10, 64)
			if err != nil {
				fail(err)
			}
			return kilobytes * 1024
		}
	}
	fail("/proc/self/status has no " + field)
	return 0
}
