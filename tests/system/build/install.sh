# What `make install` puts down is enough to build against and to run.

stage=$tmp/stage
prefix=/opt/gyre
"$MAKE" CC="$CC" BUILD="$BUILD" install DESTDIR="$stage" PREFIX="$prefix" \
    >"$tmp/log"
root=$stage$prefix

cat >"$tmp/program.c" <<'END'
#include <gyre.h>

static intptr_t square(void *arg)
{
    intptr_t x = (intptr_t)arg;

    return x * x;
}

int main(void)
{
    return gyre_run(square, (void *)7) == 49 ? 0 : 1;
}
END

flags() {           # as pkg-config gives them for what lies in the stage
    PKG_CONFIG_PATH=$root/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$stage \
        pkg-config "$@" gyre
}

# The stage is no place that is searched, and so is named wherever a program is
# started.  Where it is one, ldconfig tells of it.
found() {
    PATH=$PATH:/sbin:/usr/sbin
    echo "$root/lib" >"$tmp/places"
    ldconfig -X -f "$tmp/places" -C "$tmp/cache" &&
        soname=$(readelf -d "$root/lib/libgyre.so" |
            sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p') &&
        ldconfig -p -C "$tmp/cache" | grep -F "$soname " |
        grep -F "$root/lib/$soname"
}

shared() {
    # shellcheck disable=SC2046
    $CC "$tmp/program.c" -o "$tmp/shared" $(flags --cflags --libs) &&
    LD_LIBRARY_PATH=$root/lib "$tmp/shared"
}

static() {
    # shellcheck disable=SC2046
    $CC -static "$tmp/program.c" -o "$tmp/static" \
        $(flags --static --cflags --libs) &&
    "$tmp/static"
}

cplusplus() {
    cat >"$tmp/program.cc" <<'END'
#include <gyre.h>
#include <cstdint>

static intptr_t square(void *arg)
{
    auto x = reinterpret_cast<intptr_t>(arg);

    return x * x;
}

int main()
{
    return gyre_run(square, reinterpret_cast<void *>(7)) == 49 ? 0 : 1;
}
END
    # shellcheck disable=SC2046
    $CXX -std=c++17 -Wall -Wextra -Werror "$tmp/program.cc" \
        -o "$tmp/cplusplus" $(flags --cflags --libs) &&
    LD_LIBRARY_PATH=$root/lib "$tmp/cplusplus"
}

cmake_builds() {
    mkdir -p "$tmp/cmake"
    cat >"$tmp/cmake/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.13)
project(program C)
find_package(gyre 0.1 REQUIRED)
add_executable(shared ../program.c)
target_link_libraries(shared gyre::gyre)
add_executable(static ../program.c)
target_link_libraries(static gyre::static)
END
    cmake -S "$tmp/cmake" -B "$tmp/cmake/build" -DCMAKE_PREFIX_PATH="$root" &&
    cmake --build "$tmp/cmake/build" &&
    "$tmp/cmake/build/shared" && "$tmp/cmake/build/static" &&
    ! ldd "$tmp/cmake/build/static" | grep libgyre
}

readme_builds() {
    # shellcheck disable=SC2016
    sed -n '/^```c$/,/^```$/{ /^```/d; p; }' README.md >"$tmp/readme.c"
    # shellcheck disable=SC2046
    $CC -Wall -Wextra -Werror "$tmp/readme.c" -o "$tmp/readme" \
        $(flags --cflags --libs)
}

no_private_headers() {
    for header in $PRIVATE; do
        ! test -e "$root/include/gyre/$header" || return 1
    done
}

check 'ldconfig finds it, by the name inside'   found
check 'pkg-config and a shared library'         shared
check 'pkg-config and a static library'         static
if command -v "$CXX" >/dev/null; then
    check 'pkg-config and C++'                  cplusplus
else
    echo 'install.sh: no C++ compiler here'
fi
check 'CMake and both'                          cmake_builds
check "the README's program"                    readme_builds
check 'no private header is installed'          no_private_headers
check 'gyre-lines, which says what it is for'   ends 2 "$root/bin/gyre-lines"
check 'the script for gdb'  cmp task/show/gdb.py "$root/share/gyre/gdb.py"
