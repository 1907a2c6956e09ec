#!/bin/sh
# The planets for a century: integrates planets.txt, and compares where they end with published.txt. See README.md.
#
#   orbits.sh [--years YEARS] [--step DAYS]
#
# Results go to the folder named by DROVER_RUN_DIR, else to the current one; progress goes, a line of JSON each time,
# to the file named by DROVER_PROGRESS, if any. Exit code 0: all planets are where they were published to be, or nothing
# is published for that day; 1: they are not; 2: the input is wrong, and nothing was written.
LC_ALL=C
export LC_ALL

refuse() {
  printf 'orbits: %s.\n' "$1" >&2
  exit 2
}

is_number() {
  case $1 in
    '' | . | *[!0-9.]* | *.*.*) return 1 ;;
  esac
}

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || refuse "cannot enter the folder of $0"
years=${ORBITS_YEARS:-100}
step=${ORBITS_STEP:-0.125}
while [ $# -gt 0 ]; do
  case $1 in
    --years) years=${2-} ;;
    --step) step=${2-} ;;
    *) refuse "'$1' is not an option; there are --years YEARS and --step DAYS" ;;
  esac
  shift
  [ $# -eq 0 ] || shift
done

# Debian's busybox has an awk without mathematics; AWK names another.
awk=${AWK:-awk}
$awk 'BEGIN { exit sqrt(4) != 2 || cos(0) != 1 }' 2> /dev/null ||
  refuse "'$awk' is no awk with sqrt, sin and cos; name one in AWK"
within() {
  is_number "$1" && $awk -v "number=$1" -v "limit=$2" 'BEGIN { exit !(number + 0 > 0 && number + 0 <= limit) }'
}
within "$years" 1000 || refuse "'$years' is not a number of years between 0 and 1000"
within "$step" 10 || refuse "'$step' is not a step between 0 and 10 days"

for input in planets.txt published.txt; do
  [ -f "$here/$input" ] && [ -r "$here/$input" ] || refuse "cannot read $here/$input"
done
results=${DROVER_RUN_DIR:-.}
[ -d "$results" ] && [ -w "$results" ] || refuse "cannot write to the results folder $results"
if [ -n "${DROVER_PROGRESS:-}" ]; then
  (: >> "$DROVER_PROGRESS") 2> /dev/null || refuse "cannot write to the progress file $DROVER_PROGRESS"
fi

# By the environment, because awk would take a backslash in -v for an escape.
export ORBITS_YEARS="$years" ORBITS_STEP="$step" ORBITS_RESULTS="$results" ORBITS_PUBLISHED="$here/published.txt"
# Whoever stops this process stops the integrator itself.
exec $awk -f "$here/orbits.awk" -f "$here/report.awk" "$here/planets.txt"
