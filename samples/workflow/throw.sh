#!/bin/sh
# Throws so many points at a square, and writes how many hit the circle in it: "HITS POINTS".
mkdir -p hits
awk -v seed="$DROVER_ARRAY_INDEX" -v points="$1" 'BEGIN {
    srand(seed)
    for (i = 0; i < points; i++) { x = rand(); y = rand(); if (x * x + y * y <= 1) hits++ }
    print hits, points
}' > "hits/$DROVER_ARRAY_INDEX"
