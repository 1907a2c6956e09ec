# Throws darts at a square and counts those in the circle: awk -v darts=100000 -v seed=1 -f pi.awk
# Tells how far it is, and leaves what it found in pi.txt and a picture of the first thousand darts in pi.svg.
BEGIN {
    progress = ENVIRON["DROVER_PROGRESS"]
    srand(seed)
    print "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1' width='400' height='400'>" > "pi.svg"
    for (i = 1; i <= darts; i++) {
        x = rand(); y = rand(); hit = x * x + y * y < 1
        hits += hit
        if (i <= 1000)
            printf "<circle cx='%.3f' cy='%.3f' r='.004' fill='%s'/>\n", x, y, hit ? "seagreen" : "orange" > "pi.svg"
        if (i % (darts / 20) == 0) {
            printf "{\"fraction\":%.2f,\"message\":\"pi is about %.4f\"}\n", i / darts, 4 * hits / i > progress
            fflush(progress)
        }
    }
    print "</svg>" > "pi.svg"
    printf "%.4f\n", 4 * hits / darts > "pi.txt"
}
