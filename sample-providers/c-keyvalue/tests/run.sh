#!/bin/sh
# Builds the library plain, with the sanitizers and with memory that runs out, and drives each.
#
# CC is the compiler. What is built stays in ../build. Ends with the sum of all, 1 on any failure.
set -u

tests=$(cd "$(dirname "$0")" && pwd)
build=$tests/../build
include=$tests/../../../provider-core/include
warnings="-Wall -Wextra -Wpedantic -Werror"
passed=0
failed=0
mkdir -p "$build"

miss() {
    echo "FAIL $1"
    failed=$((failed + 1))
}

# variant NAME SANITIZERS LIBRARY_FLAGS DRIVER_ARGUMENTS
variant() {
    echo "== $1"
    library=$build/libc_keyvalue-$1.so
    driver=$build/driver-$1
    # Sanitizers leave symbols open for the program to define, and so does memory that runs out.
    defs=-Wl,-z,defs
    [ -n "$2$3" ] && defs=
    # The variables hold several words each.
    # shellcheck disable=SC2086
    if ! CFLAGS="-O2 -g $warnings $2 $3" LDFLAGS="$defs" "$tests/../build.sh" "$library" ||
        ! ${CC:-cc} -std=c99 -O1 -g $warnings -Wno-format-truncation $2 -pthread -rdynamic \
            -I "$include" "$tests"/*.c -ldl -o "$driver"; then
        miss "$1: it does not build"
        return
    fi
    # shellcheck disable=SC2086
    "$driver" "$library" $4 >"$build/$1.log" 2>&1
    code=$?
    cat "$build/$1.log"
    summary=$(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$build/$1.log")
    summary=${summary:-0 0}
    passed=$((passed + ${summary% *}))
    failed=$((failed + ${summary#* }))
    # A crash has no summary, a leak is found behind it.
    if [ $code -ne 0 ] && [ "${summary#* }" = 0 ]; then
        miss "$1: the driver ended with $code"
    fi
}

# Nothing but the two functions goes out, and nothing that prints or ends the process comes in.
symbols() {
    echo "== symbols"
    library=$build/libc_keyvalue-plain.so
    command -v nm >/dev/null || { echo "no nm, not checked"; return; }
    exports=$(nm -D --defined-only "$library" | awk '{ print $3 }' | sort | tr '\n' ' ')
    if [ "$exports" = "__capability_provider_create __capability_provider_describe " ]; then
        passed=$((passed + 1))
    else
        miss "exports: $exports"
    fi
    output='.*printf.*|f?put.*|fwrite|write|perror'
    ending='exit|_exit|abort|__assert_fail'
    process='signal|sigaction|setlocale|setenv|chdir|umask'
    if nm -D --undefined-only "$library" | grep -E " ($output|$ending|$process)(@|$)"; then
        miss "the library imports what a provider has no use for"
    else
        passed=$((passed + 1))
    fi
}

export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1
export UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1

variant plain "" "" ""
variant address "-fsanitize=address,undefined -fno-sanitize-recover=all" "" ""
variant thread "-fsanitize=thread" "" ""
variant memory "-fsanitize=address,undefined -fno-sanitize-recover=all" \
    "-Dmalloc=driver_malloc -Dcalloc=driver_calloc -Drealloc=driver_realloc" memory
symbols

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
