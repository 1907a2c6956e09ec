#!/bin/sh
# Adds up the numbers of a file, one a line. Tells how far it is, and leaves the sum in sum.txt.
exec awk -v progress="$DROVER_PROGRESS" '
    { sum += $1; lines[NR] = sum }
    END {
        for (i = 1; i <= NR; i++) {
            if (i % 250 == 0) {
                print "after " i " numbers: " lines[i]
                printf "{\"fraction\":%.2f,\"message\":\"%d of %d\"}\n", i / NR, i, NR > progress
                fflush()
                system("sleep 0.3") # As if it were hard.
            }
        }
        print sum > "sum.txt"
    }' "$1"
