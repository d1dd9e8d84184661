/* What the examples of the asynchronous checks leave out: a provider with a table of calls. */
#include <capability_provider.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct call {
    uint64_t number;
};

struct calls {
    struct call *first;
};

struct provider {
    cp_provider base;
    struct calls calls;
    pthread_t thread;
};

struct waiter {
    cp_completion completion;
};

struct provider *of(cp_provider *self);
void lock(struct provider *self);
void unlock(struct provider *self);
void wake(struct provider *self);
void tell_to_end(struct provider *self);
void mark_as_cancelled(struct provider *self, uint64_t number);
bool is_linked(struct provider *self, cp_str actor);
uint64_t own_number(struct provider *self);
cp_status say(cp_sink *sink, cp_status status, const char *reason);
cp_status begin(struct provider *self, const cp_request *request, cp_completion *to, uint64_t call);
cp_status begin_and_wait(struct provider *self, const cp_request *request, cp_sink *reply);
cp_status handle_call(cp_provider *self, const cp_request *request, cp_sink *reply);
struct waiter waiter_for(cp_sink *reply);
cp_status wait_for(struct waiter *waiter);
struct call *copy_of(const cp_request *request, cp_completion *to, uint64_t call);
void put(struct calls *calls, struct call *call);
struct call *take(struct calls *calls, uint64_t number);
struct call *take_any(struct calls *calls);
void complete(struct call *call, cp_status status);
