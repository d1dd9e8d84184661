/* What this library says of itself. */
#include "ops.h"

#define QUOTE(number) #number
#define VERSION(major, minor, patch) QUOTE(major) "." QUOTE(minor) "." QUOTE(patch)

#if defined(__clang__)
#define COMPILER "clang " VERSION(__clang_major__, __clang_minor__, __clang_patchlevel__)
#elif defined(__GNUC__)
#define COMPILER "gcc " VERSION(__GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__)
#else
#define COMPILER "unknown compiler"
#endif

#if defined(__x86_64__)
#define ARCHITECTURE "x86_64"
#elif defined(__aarch64__)
#define ARCHITECTURE "aarch64"
#elif defined(__i386__)
#define ARCHITECTURE "i686"
#elif defined(__arm__)
#define ARCHITECTURE "arm"
#elif defined(__riscv)
#define ARCHITECTURE "riscv"
#elif defined(__powerpc64__)
#define ARCHITECTURE "powerpc64"
#elif defined(__s390x__)
#define ARCHITECTURE "s390x"
#else
#define ARCHITECTURE "unknown"
#endif

#if defined(__linux__)
#define SYSTEM "linux"
#elif defined(__APPLE__)
#define SYSTEM "macos"
#elif defined(__FreeBSD__)
#define SYSTEM "freebsd"
#elif defined(__OpenBSD__)
#define SYSTEM "openbsd"
#elif defined(__NetBSD__)
#define SYSTEM "netbsd"
#else
#define SYSTEM "unknown"
#endif

/* Not CP_UNLOADABLE: a host may still hold a reply that was given to it, and the function that
 * frees it is here, when the last provider is gone. */
static const cp_descriptor descriptor = {
    .size = sizeof(cp_descriptor),
    .abi_major = CP_ABI_MAJOR,
    .abi_minor = CP_ABI_MINOR,
    .flags = 0,
    .revision = 0,
    .op_count = OP_COUNT,
    .ops = &ops[0].said,
    .op_stride = sizeof(struct op),
    .contract = CP_STR("wasmcloud:keyvalue"),
    .vendor = CP_STR("Capability Provider SDK"),
    .name = CP_STR("c-keyvalue"),
    .version = CP_STR("0.1.0"),
    .build = CP_STR("C99, " COMPILER ", " ARCHITECTURE "-" SYSTEM),
};

const cp_descriptor *__capability_provider_describe(void)
{
    return &descriptor;
}
