package main

import (
	"math/rand"
	"sort"
	"sync"
	"time"
)

func measureTimerAddCancel() measurement {
	const outstanding, pairs = 1_000_000, 1_000_000
	random := rand.New(rand.NewSource(1))
	due := func() time.Duration { return time.Hour + time.Duration(random.Int63n(int64(time.Hour))) }
	for i := 0; i < outstanding; i++ {
		time.AfterFunc(due(), func() {})
	}
	delays := make([]time.Duration, pairs)
	for i := range delays {
		delays[i] = due()
	}
	addAndCancel(delays[:pairs/10])
	start := time.Now()
	addAndCancel(delays)
	return nanosecondsEach(start, pairs)
}

func addAndCancel(delays []time.Duration) {
	for _, delay := range delays {
		time.AfterFunc(delay, func() {}).Stop()
	}
}

// The deadlines begin half a second from now, so that every goroutine is asleep before the first.
func measureTimerLate(quantile float64) measurement {
	const count = 10_000
	random := rand.New(rand.NewSource(1))
	first := time.Now().Add(500 * time.Millisecond)
	late := make([]float64, count)
	var group sync.WaitGroup
	group.Add(count)
	for i := 0; i < count; i++ {
		i, due := i, first.Add(time.Duration(random.Int63n(int64(time.Second))))
		go func() {
			defer group.Done()
			time.Sleep(time.Until(due))
			late[i] = milliseconds(time.Since(due))
		}()
	}
	group.Wait()
	sort.Float64s(late)
	return of(late[int(quantile*count)], "ms").with(extra{"max": late[count-1]})
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
