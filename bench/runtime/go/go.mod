module drover/bench

go 1.19
