# reports.sh - where the sanitizers write, so that nobody overlooks it.
#
# Read by run.sh and script.sh.  What a sanitizer prints is lost among a
# program's output, and the code it ends with may be one that was expected: so
# it writes to files, and any file left is a failure.

# Have them write into the folder $1, and go no further than the first finding.
reports_to() {
    reports=$1
    common=log_path=$reports/report:halt_on_error=1
    export ASAN_OPTIONS="$ASAN_OPTIONS:$common"
    export UBSAN_OPTIONS="$UBSAN_OPTIONS:$common:print_stacktrace=1"
    # What a run in a forked child starts is a thread.
    export TSAN_OPTIONS="$TSAN_OPTIONS:$common:die_after_fork=0:atexit_sleep_ms=0"
}

# Holds if they have written something; prints it.
reported() {
    cat "$reports"/report.* 2>/dev/null
}

# Make no more of what they have written.
forget_reports() {
    rm -f "$reports"/report.*
}
