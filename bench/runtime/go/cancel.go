package main

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

const waiters = 100_000

func measureCancelOutcome() measurement {
	return of(milliseconds(cancelWaiters(func() {})), "ms")
}

func measureCancelHeartbeat() measurement {
	beat := startHeartbeat()
	cancelWaiters(beat.countFromNow)
	return of(beat.stop(), "ms").with(extra{"note": "during cancel-100k-outcome-ms: Go cancels with error values"})
}

// cancelWaiters cancels goroutines that wait three calls deep and reports how long until all have ended.
func cancelWaiters(beforeCancel func()) time.Duration {
	ctx, cancel := context.WithCancel(context.Background())
	never := make(chan struct{})
	var waiting int64
	var group sync.WaitGroup
	group.Add(waiters)
	for i := 0; i < waiters; i++ {
		go func() {
			defer group.Done()
			if outer(ctx, never, &waiting) == nil {
				fail("a wait ended without being canceled")
			}
		}()
	}
	for atomic.LoadInt64(&waiting) < waiters {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(100 * time.Millisecond)
	beforeCancel()
	start := time.Now()
	cancel()
	group.Wait()
	return time.Since(start)
}

//go:noinline
func outer(ctx context.Context, never <-chan struct{}, waiting *int64) error {
	if err := middle(ctx, never, waiting); err != nil {
		return err
	}
	return nil
}

//go:noinline
func middle(ctx context.Context, never <-chan struct{}, waiting *int64) error {
	if err := inner(ctx, never, waiting); err != nil {
		return err
	}
	return nil
}

//go:noinline
func inner(ctx context.Context, never <-chan struct{}, waiting *int64) error {
	atomic.AddInt64(waiting, 1)
	select {
	case <-never:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// A heartbeat sleeps 10 ms again and again and keeps its greatest lateness.
type heartbeat struct {
	counting int32
	stopping int32
	greatest chan float64
}

func startHeartbeat() *heartbeat {
	beat := &heartbeat{greatest: make(chan float64)}
	go beat.run()
	return beat
}

func (beat *heartbeat) countFromNow() { atomic.StoreInt32(&beat.counting, 1) }

// stop waits for the beat that is pending, so that a late one counts.
func (beat *heartbeat) stop() float64 {
	atomic.StoreInt32(&beat.stopping, 1)
	return <-beat.greatest
}

func (beat *heartbeat) run() {
	greatest := 0.0
	for last := false; !last; {
		due := time.Now().Add(10 * time.Millisecond)
		time.Sleep(10 * time.Millisecond)
		late := milliseconds(time.Since(due))
		if atomic.LoadInt32(&beat.counting) == 1 && late > greatest {
			greatest = late
		}
		last = atomic.LoadInt32(&beat.stopping) == 1
	}
	beat.greatest <- greatest
}

func measureExecutorHeartbeat() measurement {
	workers := runtime.NumCPU()
	runtime.GOMAXPROCS(workers)
	beat := startHeartbeat()
	beat.countFromNow()
	var group sync.WaitGroup
	group.Add(workers)
	until := time.Now().Add(2 * time.Second)
	for i := 0; i < workers; i++ {
		go func() {
			defer group.Done()
			for time.Now().Before(until) {
				churn(10_000_000)
			}
		}()
	}
	group.Wait()
	return of(beat.stop(), "ms").with(extra{"workers": workers})
}

//go:noinline
func churn(rounds int) uint64 {
	x := uint64(88172645463325252)
	for i := 0; i < rounds; i++ {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	return x
}
