/* Loads the library and drives it through the header: driver LIBRARY [memory]
 *
 * `memory`: the library was built to take its memory from here, and only the tests that let it run
 * out are run. Prints "N passed, M failed" and answers 1 when there was a failure. */
#define _POSIX_C_SOURCE 200809L

#include "check.h"
#include "host.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

long memory_until_failure = -1;
long memory_requests = 0;
size_t memory_largest = 0;

/* One thread only asks for memory in these tests. */
static bool memory_left(size_t size)
{
    memory_requests++;
    memory_largest = size > memory_largest ? size : memory_largest;
    if (memory_until_failure < 0) {
        return true;
    }
    return memory_until_failure-- > 0;
}

void *driver_malloc(size_t size);
void *driver_calloc(size_t count, size_t size);
void *driver_realloc(void *ptr, size_t size);

void *driver_malloc(size_t size)
{
    return memory_left(size) ? malloc(size) : NULL;
}

void *driver_calloc(size_t count, size_t size)
{
    return memory_left(count * size) ? calloc(count, size) : NULL;
}

void *driver_realloc(void *ptr, size_t size)
{
    return memory_left(size) ? realloc(ptr, size) : NULL;
}

static const char *running;
static bool running_failed;

void check_failed(const char *file, int line, const char *format, ...)
{
    if (!running_failed) {
        printf("FAIL %s\n", running);
    }
    running_failed = true;
    printf("  %s:%d: ", file, line);
    va_list list;
    va_start(list, format);
    vprintf(format, list);
    va_end(list);
    printf("\n");
    fflush(stdout);
}

static unsigned passed;
static unsigned failed;

static void run(const struct test *group)
{
    for (const struct test *test = group; test->sentence != NULL; test++) {
        running = test->sentence;
        running_failed = false;
        test->run();
        if (running_failed) {
            failed++;
        } else {
            passed++;
        }
    }
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: driver LIBRARY [memory]\n");
        return 2;
    }
    alarm(120); /* a deadlock is a failure as well */
    host_open(argv[1]);
    if (argc > 2 && strcmp(argv[2], "memory") == 0) {
        run(memory_tests);
    } else {
        run(wire_tests);
        run(rule_tests);
        run(payload_tests);
        run(lifecycle_tests);
        run(thread_tests);
    }
    printf("%u passed, %u failed\n", passed, failed);
    return failed == 0 ? 0 : 1;
}
