/* A library that is no usable provider in a way that DEFECT chooses: what opening one must survive. */
#include "capability_provider.h"

#include <stdlib.h>
#include <unistd.h>

#define CRASH_ON_LOAD 1
#define HANG_ON_LOAD 2
#define EXIT_ON_LOAD 3
#define NULL_DESCRIPTOR 4
#define OTHER_ABI 5
#define NOT_UTF8 6
#define NO_PROVIDER 7
#define FLOOD 8

#if DEFECT == NOT_UTF8
#define NAME "\xff"
#else
#define NAME "broken"
#endif

static const cp_descriptor descriptor = {
    .size = sizeof(cp_descriptor),
    .abi_major = DEFECT == OTHER_ABI ? 2 : CP_ABI_MAJOR,
    .abi_minor = 0,
    .contract = CP_STR("example:broken"),
    .vendor = CP_STR("example"),
    .name = CP_STR(NAME),
    .version = CP_STR("1.0.0"),
    .build = CP_STR("C"),
};

__attribute__((constructor)) static void loaded(void) {
    switch (DEFECT) {
    case CRASH_ON_LOAD:
        abort();
    case HANG_ON_LOAD:
        for (;;)
            pause();
    case EXIT_ON_LOAD:
        _exit(0);
    case FLOOD:
        for (int line = 0; line < 100000; line++) {
            static const char text[] = "a line that nobody wants to read, again and again\n";
            if (write(1 + line % 2, text, sizeof text - 1) < 0)
                break;
        }
    }
}

const cp_descriptor *__capability_provider_describe(void) {
    return DEFECT == NULL_DESCRIPTOR ? NULL : &descriptor;
}

cp_provider *__capability_provider_create(void) {
    return NULL;
}
