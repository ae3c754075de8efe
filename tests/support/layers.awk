# layers.awk - who includes what he may not.
#
#     awk -v private="HEADER..." -f tests/support/layers.awk FILE...
#
# The files are all of the project, by their paths from its root, and `private`
# those headers of the library that are.  An include counts however it is
# spelled: by <> or "", with blanks, through `..`.  Prints each that is against
# the rules, and fails if one is, or if a floor has no files:
#
# - The library includes nothing but itself; tests, examples, and benchmarks
#   include it and their own kind.
# - A floor, and its tests, include that floor and those below.  A floor may
#   have rooms, which stand in order on top of its own files; its tests include
#   them all.
# - A private header is for its folder, the rooms in that, and their tests; for
#   what is above as well if its head says "and what is above it"; and for
#   bench/*.c, which look inside.  No public header includes it.

BEGIN {
    floors = split("timers loop task task/sync task/show task/run task/sim " \
                   "io io/file io/process " \
                   "io/http io/http/json io/http/server io/http/client " \
                   "io/http/websocket io/http/testing", \
                   names)
    for (i = 1; i <= floors; i++)
        floor[names[i]] = i
    top["task"] = "task/sim"
    top["io"] = "io/process"
    top["io/http"] = "io/http/testing"
    if (split(private, names) == 0)
        complain("private", "no headers are")
    for (i in names)
        is_private[names[i]]
    for (i = 1; i < ARGC; i++) {
        is_ours[ARGV[i]]
        if (kind(ARGV[i]) == "library")
            files[folder(ARGV[i])]++
    }
    for (name in floor)
        if (files[name] == 0)
            complain(name "/", "has no files")

    may["gyre.h"]   = " library "
    may["library"]  = " library "
    may["tests"]    = " library tests "
    may["examples"] = " library gyre.h examples "
    may["bench"]    = " library gyre.h bench "
}

/^ \* Private to .* and what is above it/ { is_for_those_above[FILENAME] }

/^[ \t]*#[ \t]*(include|import)/ {
    quoted = match($0, /"[^"]*"/)
    if (quoted || match($0, /<[^>]*>/)) {
        n++
        from[n] = FILENAME
        line[n] = FNR
        to[n] = found(substr($0, RSTART + 1, RLENGTH - 2), quoted)
    } else
        complain(FILENAME ":" FNR, "an include that cannot be read")
}

END {
    for (i = 1; i <= n; i++)
        if (to[i] != "" && (why = wrong(from[i], to[i])))
            complain(from[i] ":" line[i], to[i] ": " why)
    exit failed
}

# Why `a` may not include `b`; empty if it may.
function wrong(a, b)
{
    if (!index(may[kind(a)], " " kind(b) " "))
        return "not for " kind(a)
    if (folder(a) in floor && folder(b) in floor && rank(b) > reach(a))
        return "of a higher floor"
    if (b in is_private && !knows(a, b))
        return "private"
    return ""
}

# Whether `a` may include `b`, a private header of a floor that is not higher.
function knows(a, b)
{
    if (a ~ /\.h$/ && kind(a) ~ /library|gyre/ && !(a in is_private))
        return 0
    return folder(a) == folder(b) || house(folder(a)) == folder(b) ||
           kind(a) == "tests" && house(folder(a)) == house(folder(b)) ||
           a ~ /^bench\/[^\/]*\.c$/ ||
           (b in is_for_those_above && folder(a) in floor)
}

# How high `file` stands, and how high it may look.
function rank(file)
{
    return floor[folder(file)]
}

function reach(file)
{
    if (kind(file) == "tests" && house(folder(file)) in top)
        return floor[top[house(folder(file))]]
    return rank(file)
}

# The floor that a folder is a room of; or itself.
function house(name)
{
    sub(/^task\/.*/, "task", name)
    sub(/^io\/file$/, "io", name)
    sub(/^io\/process$/, "io", name)
    sub(/^io\/http\/.*/, "io/http", name)
    sub(/^fuzz$/, "io/http", name)
    return name
}

# The file of ours that `name` stands for; empty if it is the system's.
function found(name, quoted,        near)
{
    near = plain(FILENAME "/../" name)
    if (quoted && near in is_ours)
        return near
    if (plain(name) in is_ours)
        return plain(name)
    if (quoted || name ~ /\.\.|^\//)
        complain(FILENAME ":" FNR, name ": there is no such file")
    return ""
}

# `path` without `.` and `..`.
function plain(path)
{
    while (sub(/\/\.\//, "/", path) || sub(/\/\/+/, "/", path) ||
           sub(/[^\/]+\/\.\.\//, "", path) || sub(/^\.\//, "", path))
        continue
    return path
}

# The folder that `file` is in, or is the tests of.
function folder(file)
{
    sub(/^tests\//, "", file)
    return sub(/\/[^\/]*$/, "", file) ? file : ""
}

function kind(file)
{
    sub(/\/.*/, "", file)
    return file in floor ? "library" : file
}

function complain(where, why)
{
    print where ": " why
    failed = 1
}
