# What takes more instructions than it did is red (bench/count).

mkdir -p "$tmp/bin" "$tmp/bench/gyre"
echo some compiler >"$tmp/bench/compiler"

# Stands in for Valgrind: says that an operation took as many instructions as
# there are in $tmp/cost, and starting 12,345.
cat >"$tmp/bin/valgrind" <<END
#!/bin/sh
while case \$1 in --*) ;; *) false ;; esac; do shift; done
said=\$("\$@") || exit
echo "\$said"
echo "==1== I refs: \$((12345 + \${said#ops=} * \$(cat "$tmp/cost")))" >&2
END
cat >"$tmp/bench/gyre/buffer" <<'END'
#!/bin/sh
echo ops="$1"
END
chmod +x "$tmp/bin/valgrind" "$tmp/bench/gyre/buffer"

count() {           # count [OPTION...]: the part `buffer`, as planted
    # shellcheck disable=SC2086
    $bounded bench/count --dir "$tmp/bench" --baseline "$tmp/baseline" "$@" \
        buffer
}

pretend() {         # pretend [OPTION...]: the same without Valgrind
    PATH=$tmp/bin:$PATH count "$@"
}

costs() {           # costs N CODE WORDS: then it ends so, and says them
    echo "$1" >"$tmp/cost"
    ends "$2" pretend && grep "$3" "$tmp/said"
}

updated() {         # updated N: it was N when the baseline was written
    echo "$1" >"$tmp/cost"
    pretend --update && grep "^buffer  *$1\\.00$" "$tmp/baseline"
}

unlike() {          # unlike WHAT: another one is skipped, whatever it costs
    sed -i "s/^$1: .*/$1: another/" "$tmp/baseline"
    costs 9999 0 "$1 is .*; the baseline's is another" &&
        grep '^skipped' "$tmp/said"
}

unknown() {         # a part of which the baseline says nothing
    sed -i /^buffer/d "$tmp/baseline"
    costs 100 1 'not in the baseline'
}

check 'the baseline can be written anew'         updated 100
check 'what costs the same is green'             costs 100 0 'buffer  *100  *100'
check '4 % more is, too'                         costs 104 0 'buffer  *104  *100'
check '6 % more is red, and it says what is'     costs 106 1 'buffer .*WORSE: 1.06'
check 'less is green, and is to be written down' costs 90 0 'better: update'
check 'the baseline is written over'             updated 106
check 'and then it is green'                     costs 106 0 'buffer  *106  *106'
check 'a part that is not in it is red'          unknown
check 'written again, it is'                     updated 100
for thing in compiler libc processor; do
    check "another $thing is skipped, and it says so" unlike $thing
    check 'until it is written anew'                  updated 100
done

# The same by Valgrind itself: a program that is made to do a tenth more.
cat >"$tmp/buffer.c" <<'END'
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    long n = argc > 1 ? atol(argv[1]) : 0;

    for (volatile long i = 0; i < n * TIMES; i++)
        continue;
    printf("ops=%ld\n", n);
    return 0;
}
END

planted() {         # planted TIMES: it does so much
    rm -f "$tmp/bench/gyre/buffer"
    $CC -O0 -DTIMES="$1" "$tmp/buffer.c" -o "$tmp/bench/gyre/buffer"
}

regressed() {
    planted 10 && count --update && ends 0 count &&
        planted 11 && ends 1 count && grep 'WORSE: 1\.1' "$tmp/said"
}

if command -v valgrind >/dev/null; then
    check 'Valgrind finds a tenth more work' regressed
else
    echo 'counts.sh: no valgrind here'
fi
