#!/bin/sh
# Builds the library: build.sh [OUTPUT]
#
# CC is the compiler, CFLAGS replaces the optimisation and warning flags, LDFLAGS the linker's.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
output=${1:-$here/libc_keyvalue.so}
case $(uname -s) in
Darwin) defs= ;; # undefined symbols are errors already
*) defs=-Wl,-z,defs ;;
esac

# The variables hold several words each.
# shellcheck disable=SC2086
exec ${CC:-cc} -std=c99 -fPIC -shared -fvisibility=hidden -pthread \
    ${CFLAGS--O2 -Wall -Wextra -Wpedantic -Werror} \
    -I "$here/../../provider-core/include" "$here"/src/*.c \
    ${LDFLAGS-$defs} -o "$output"
