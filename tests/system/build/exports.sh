# What the libraries let others see is what the public headers declare.

# The gyre_ functions and variables that the headers $@ declare, not define.
# The preprocessor tells which lines are from system headers (a 3 after the
# name).  Then the braces go, from the innermost out, and what is left is cut at
# the semicolons: one declaration each.
declared() {
    printf '#include "%s"\n' "$@" | $CC -std=c11 -D_GNU_SOURCE -I. -E -x c - |
    awk '
        /^# [0-9]/    { skip = $0 ~ /" .*3/; next }
        /^#/ || skip  { next }
                      { text = text " " $0 }
        END {
            while (gsub(/{[^{}]*}/, "@", text) > 0)
                continue
            gsub(/\)[ ]*@/, "@;", text)                 # functions with a body
            n = split(text, declaration, /;/)
            for (i = 1; i <= n; i++)
                report(declaration[i])
        }
        function report(d)
        {
            if (d ~ /@$|^ *(typedef|static|_Static_assert) /)
                return
            if (match(d, /gyre_[a-z0-9_]+ *\(/))        # a function
                d = substr(d, RSTART, RLENGTH)
            else if (d !~ /^ *extern / || !match(d, /gyre_[a-z0-9_]+ *(\[|$)/))
                return
            else                                        # a variable
                d = substr(d, RSTART, RLENGTH)
            gsub(/[^a-z0-9_]/, "", d)
            print d
        }' | sort -u
}

# shellcheck disable=SC2086
declared $PUBLIC >"$tmp/declared"
nm -D --defined-only "$out/libgyre.so" |
    awk '{ print $3 }' | sort >"$tmp/exported"
nm -g --defined-only "$out/libgyre.a" |
    awk 'NF == 3 { print $3 }' | sort >"$tmp/global"

all_in_gyre_h() {
    for header in $PUBLIC; do
        [ "$header" = gyre.h ] || echo "#include \"$header\""
    done | sort >"$tmp/public"
    grep '^#include "' gyre.h | sort | diff "$tmp/public" -
}

no_other_prefix() {
    ! grep -v '^gyre_' "$tmp/global"
}

has_its_name() {
    readelf -d "$out/libgyre.so" | grep 'SONAME.*\[libgyre\.so\.0\.1\]'
}

names_errors() {
    printf '#include "gyre.h"\nint declined = -ECHILD;\n' |
        $CC -std=c11 -I. -fsyntax-only -x c -
}

check "gyre.h includes every public header"  all_in_gyre_h
check "and names the errors"        names_errors
check "the headers declare something" test -s "$tmp/declared"
check "the shared library exports just what the public headers declare" \
    diff "$tmp/declared" "$tmp/exported"
check "every global symbol of the static library begins with gyre_" \
    no_other_prefix
check "the shared library has its name inside" has_its_name

# And the check itself sees what it should.
cat >"$tmp/sample.h" <<'END'
#include <stdio.h>
struct gyre_s { int (*call)(struct gyre_s *s); };
enum gyre_e { GYRE_A, GYRE_B };
typedef int (*gyre_fn)(int);
static inline int gyre_inline(int a) { if (a) { return 1; } return 0; }
int gyre_plain(struct gyre_s *s);
__attribute__((warn_unused_result)) struct gyre_s
    *gyre_second(int (*f)(struct gyre_s *));
extern const char gyre_words[];
extern int gyre_number;
END
cat >"$tmp/expected" <<'END'
gyre_number
gyre_plain
gyre_second
gyre_words
END
declared "$tmp/sample.h" >"$tmp/seen"
check "declarations are told from the rest" diff "$tmp/expected" "$tmp/seen"
