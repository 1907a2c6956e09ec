package main

import (
	"context"
	"runtime"
	"sync"
	"time"
)

func nanosecondsEach(start time.Time, count int) measurement {
	return of(float64(time.Since(start).Nanoseconds())/float64(count), "ns")
}

func measureSwitch() measurement {
	yieldInTurn(100_000)
	const yields = 2_000_000
	start := time.Now()
	yieldInTurn(yields)
	return nanosecondsEach(start, 2*yields)
}

func yieldInTurn(yields int) {
	var group sync.WaitGroup
	group.Add(2)
	for i := 0; i < 2; i++ {
		go func() {
			defer group.Done()
			for y := 0; y < yields; y++ {
				runtime.Gosched()
			}
		}()
	}
	group.Wait()
}

func measureSpawnJoin() measurement {
	spawnAndJoin(100)
	const groups = 2_000
	start := time.Now()
	spawnAndJoin(groups)
	return nanosecondsEach(start, groups*1_000)
}

func spawnAndJoin(groups int) {
	for g := 0; g < groups; g++ {
		var group sync.WaitGroup
		group.Add(1_000)
		for i := 0; i < 1_000; i++ {
			go func() { group.Done() }()
		}
		group.Wait()
	}
}

func measureChannel(capacity int) measurement {
	passItems(capacity, 100_000)
	const items = 3_000_000
	start := time.Now()
	passItems(capacity, items)
	return nanosecondsEach(start, items)
}

func passItems(capacity, items int) {
	channel := make(chan int, capacity)
	go func() {
		for i := 0; i < items; i++ {
			channel <- i
		}
		close(channel)
	}()
	sum := 0
	for item := range channel {
		sum += item
	}
	if sum != items*(items-1)/2 {
		fail("channel lost items")
	}
}

func measureScope() measurement {
	enterAndLeave(100_000)
	const scopes = 1_000_000
	start := time.Now()
	enterAndLeave(scopes)
	return nanosecondsEach(start, scopes)
}

func enterAndLeave(scopes int) {
	for i := 0; i < scopes; i++ {
		_, cancel := context.WithTimeout(context.Background(), 60*time.Second)
		cancel()
	}
}
