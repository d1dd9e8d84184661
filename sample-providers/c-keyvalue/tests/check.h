/* Tests are functions with a sentence; a check that fails is printed and the test goes on. */
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>

struct test {
    const char *sentence;
    void (*run)(void);
};

/* A group ends with an entry that has no sentence. */
extern const struct test wire_tests[];
extern const struct test rule_tests[];
extern const struct test payload_tests[];
extern const struct test lifecycle_tests[];
extern const struct test thread_tests[];
extern const struct test memory_tests[];

/* Defined by the driver; to be called on the thread that runs the tests. */
void check_failed(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define CHECK(condition)                                          \
    do {                                                          \
        if (!(condition)) {                                       \
            check_failed(__FILE__, __LINE__, "%s", #condition);   \
        }                                                         \
    } while (0)

#endif
