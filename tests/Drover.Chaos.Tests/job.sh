# A job of the chaos test: job.sh DIARY KIND NAME [ARGUMENT…]. It tells its diary when it begins and when it ends, with
# the number of its attempt: what the diary says is the truth that Drover is judged by.
diary=$1 kind=$2 name=$3 argument=${4-0} code=${5-0}
exec 3>&2 2>/dev/null # What the shell has to say of killed children is no output of the job.

tell() { echo "$1 $2 $DROVER_ATTEMPT" >>"$diary/$name"; }
finish() {
    tell end "$1"
    exit "$1"
}

if [ "$kind" = array ]; then name=$name-$DROVER_ARRAY_INDEX; fi
case $kind in
    stubborn) trap '' TERM ;;
    polite) trap 'tell term 0; exit 143' TERM ;;
esac
tell begin $$
case $kind in
    chatty)
        i=0
        while [ $i -lt "$argument" ]; do
            seq -f "$name $DROVER_ATTEMPT out %.0f" $((i * 1000)) $((i * 1000 + 999)) || finish 9
            seq -f "$name $DROVER_ATTEMPT err %.0f" $((i * 1000)) $((i * 1000 + 999)) >&3 || finish 9
            sleep 0.3
            i=$((i + 1))
        done
        ;;
    forking)
        setsid sleep 1000 &
        sleep 1000 &
        (sleep 1000 & setsid sh -c 'trap "" TERM; sleep 1000' &)
        sleep "$argument"
        ;;
    stubborn) while :; do sleep 0.5; done ;;
    polite) while :; do sleep 1000 & wait; done ;;
    endless) while :; do sleep 1000; done ;;
    crash) tell crash 0; kill -SEGV $$ ;;
    retry)
        sleep "$argument"
        [ "${DROVER_ATTEMPT##*.}" -ge 3 ] || finish 75
        ;;
    *) sleep "$argument" ;;
esac
finish "$code"
