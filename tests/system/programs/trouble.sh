# Programs that are in trouble on purpose say so, and where.

# What one said, but for addresses, offsets and spans, and what the shell says of
# how it ended.
masked() {
    sed -E -e '/^(Segmentation fault|Bus error)/d' \
        -e 's/descriptor [0-9]+/descriptor N/' -e 's/0x[0-9a-f]+/A/g' -e 's/\+A/+N/g' -e 's/[0-9]+\.[0-9]+ s/N s/g' \
        "$tmp/said"
}

# The portable switch tells no frames of who is parked, so none are looked at.
case $out in *ucontext*) frames='/^ *in /d' ;; *) frames= ;; esac

prints() {          # prints TEXT: it is what was said
    masked | sed -e "$frames" | uniq >"$tmp/masked"
    printf '%s\n' "$1" | sed -e "$frames" | diff - "$tmp/masked"
}

tells() {           # tells TEXT CODE PROGRAM
    ends "$2" ours "$out/examples/$3" && prints "$1"
}

# Sanitizers have handlers of their own, and larger frames.
case $out in
*thread*|*address*) ;;
*)
    check 'an overflow is named, and where' tells \
'gyre: task a digger (dig_deep), spawned at spawn_diggers+N, has overflowed its stack of 65280 bytes in
gyre:     dig+N' 139 overflow ;;
esac

check 'what is left over is named' tells \
"watch A of descriptor N for reading in the background, calls somebody_writes
    started in forget+N
    in run_main+N
timer A is due in N s in the background, calls too_late
    started in forget+N
    in run_main+N" 0 leak

check 'a heartbeat does not hide a deadlock' tells \
'#1 main waits for an event (A); N s so far
    in gyre_event_wait+N
    in wait_for_nothing+N
    in run_main+N
    spawned at main+N
  #2 beat waits for a while; N s so far, N s more at most; in the background
      in gyre_sleep+N
      in beat+N
      spawned at wait_for_nothing+N
gyre: the run is cancelled: deadlock: nothing that is awaited can happen' 0 background

check 'where a transfer loses money is found' tells \
'gyre: Invalid argument, cancelled at point 1, before it attempted anything: task #1 main (transfer)
    in gyre_sleep+N
    in transfer+N
    in run_main+N
gyre: GYRE_POINT=1 runs it again
careless: Invalid argument, at point 1
careful: nothing is lost at any, of 6 points' 0 inject

check 'what fails in another order is found' tells \
'in order: fine
gyre: with seed 2: Invalid argument
gyre: GYRE_SEED=2 runs it again
in any order: Invalid argument' 0 explore

check 'those that wait for each other are told of while the rest lives' tells \
'gyre: deadlock among 2 tasks:
  #2 from_the_left waits for a mutex (A), held up by #3; N s so far
  #3 from_the_right waits for a mutex (A), held up by #2; N s so far' 0 cycles

# How deep they are differs by compiler; which is deepest does not.
measures() {
    ends 0 ours "$out/examples/stacks" &&
        sed -n '3s/ [ 0-9]*  */ /p' "$tmp/said" | grep ' deep$' &&
        sed -n '3,$s/^ *[0-9]* *[0-9]* *[0-9]* *[0-9]* *[0-9]*  //p' \
            "$tmp/said" | sort >"$tmp/functions" &&
        printf '%s\n' deep 'program (main)' shallow | diff - "$tmp/functions"
}
check 'stacks are measured by function' measures
