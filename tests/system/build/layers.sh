# `make layers` is red for an include that is against the rules, however it is
# spelled.  Each is planted in a copy of the sources.

copy=$tmp/copy
mkdir "$copy"
cp -r Makefile gyre.h timers loop task io tests examples bench "$copy"

layers() {
    "$MAKE" -s -C "$copy" layers
}

red() {             # red FILE LINE: it is, if FILE has that LINE as well
    cp "$copy/$1" "$tmp/before" && printf '%s\n' "$2" >>"$copy/$1"
    ! layers >"$tmp/printed" && grep "^$1:" "$tmp/printed"
    set -- $? "$1"
    cp "$tmp/before" "$copy/$2"
    return "$1"
}

without() {         # without FOLDER: it is, if that has no files
    mv "$copy/$1" "$tmp/moved" && mkdir "$copy/$1"
    ! layers >"$tmp/printed" && grep -Fx "$1/: has no files" "$tmp/printed"
    set -- $? "$1"
    rmdir "$copy/$2" && mv "$tmp/moved" "$copy/$2"
    return "$1"
}

check 'the sources are green' layers

check 'a higher floor'              red loop/job.c  '#include "task/task.h"'
check 'in <>'                       red loop/job.c  '#include <task/task.h>'
check 'by ..'                       red loop/job.c  '#include "../task/task.h"'
check 'by .'     red loop/job.c '#include "./../task/task.h"'
check 'with a blank inside'         red loop/job.c  '#  include "task/task.h"'
check 'with two before the name'    red loop/job.c  '#include  "task/task.h"'
check 'with none'                   red loop/job.c  '#include"task/task.h"'
check 'indented'                    red loop/job.c  '  #include "task/task.h"'
check 'by a macro'                  red loop/job.c  '#include TASK'
check 'in a header'                 red timers/time.h   '#include "loop/job.h"'
check 'in assembly' \
    red task/switch_x86_64.S '#include "io/fd.h"'
check 'in what is not compiled here' \
    red loop/poller_kqueue.c '#include "task/task.h"'
check 'the floor just above' \
    red io/fd.c '#include "io/http/url.h"'
check 'all floors at once' \
    red task/task.c '#include <gyre.h>'
check 'what is not there' \
    red io/fd.c '#include "loop/lop.h"'

check "another floor's private header" \
    red loop/loop.c '#include "timers/internal.h"'
check 'of the floor below HTTP' \
    red io/http/url.c '#include "io/sys.h"'
check 'in a public header' \
    red task/task.h '#include "task/internal.h"'
check 'in gyre.h' \
    red gyre.h '#include "task/fiber.h"'
check 'in an example' \
    red examples/race.c '#include "io/sys.h"'
check 'in the demo' \
    red examples/demo/main.c '#include "task/internal.h"'
check "in the demo's header" \
    red examples/demo/demo.h '#include <io/internal.h>'
check "in a benchmark's header" \
    red bench/bench.h '#include "task/stack.h"'
check 'in a benchmark' \
    red bench/gyre/echo.c '#include "io/internal.h"'
check "in another floor's tests" \
    red tests/io/test_fd.c '#include "loop/internal.h"'

check "a test of a higher floor" \
    red tests/loop/test_job.c '#include "task/task.h"'
check "a higher floor's test" \
    red tests/loop/test_job.c '#include "tests/task/world.h"'
check 'tests in the library' \
    red task/task.c '#include "tests/task/world.h"'
check 'tests in an example' \
    red examples/race.c '#include "tests/task/world.h"'

check 'a floor that has gone'       without timers
check 'and another'                 without io/http
