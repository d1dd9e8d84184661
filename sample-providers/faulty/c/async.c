/* The provider of small.c with asynchronous calls, the extension cp.async/1: one thread, whatever the
 * number of calls, and one for each actor that is asked. With DEFECT it breaks one rule of them; the numbers are above those of small.c.
 *
 * Its operations take {text: string} and answer it:
 *   Echo    at once, on another thread
 *   Wait    after 100 ms
 *   Relay   when the actor that called has answered `Handle`
 * What is not declared is there for tests of hosts:
 *   Hold    not before it is cancelled, or the provider is stopped
 *   Again   at once, and completes the call once more before each of the next calls
 *   Never   not at all: not even when the provider is stopped
 *   Wild    at once, after having completed what is no call
 *   Strange at once, with a status that nobody knows */
#define _GNU_SOURCE

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define COMPLETES_TWICE 100
#define FORGETS_A_CALL 101
#define COMPLETES_WHAT_IT_REFUSES 102
#define ANSWERS_OTHERWISE 103
#define IGNORES_CANCEL 104
#define CANCEL_LOSES_THE_CALL 105
#define STOP_LEAVES_CALLS 106
#define COMPLETES_AFTER_STOP 107
#define START_WAITS 108
#define TABLE_WITHOUT_CANCEL 109
#define WITHOUT_THE_EXTENSION 110

#define DELAY_MS 100
/* What a call is not done before: never. */
#define NEVER INT64_MAX

#include "capability_provider.h"

struct link {
    struct link *next;
    size_t len;
    char actor[];
};

enum kind { ECHO, WAIT, RELAY, HOLD, AGAIN, NEVER_DONE, WILD, STRANGE };

/* A call in flight. */
struct call {
    struct call *next, *before;
    cp_completion *completion;
    uint64_t number;
    int64_t due;
    enum kind kind;
    size_t actor_len, len;
    uint8_t bytes[]; /* the actor, then the payload */
};

struct list {
    struct call *first, *last;
};

#define MORE                                                                                          \
    struct link *links;                                                                               \
    struct list waiting; /* what is due first comes first */                                          \
    struct list relayed; /* those that wait for the other thread */                                   \
    struct list held;    /* those that nobody ends but the caller */                                  \
    cp_completion *again, *ended;                                                                     \
    pthread_mutex_t lock;                                                                             \
    pthread_cond_t changed;                                                                           \
    pthread_t thread;                                                                                 \
    int thread_runs, relays, ending, calls;

struct small;
static cp_status own_call(cp_provider *self, const cp_request *request, cp_sink *reply, int *own);
static void add_link(struct small *small, cp_bytes msg);
static void remove_link(struct small *small, cp_bytes msg);
static void end_all(struct small *small);
static void forget_links(struct small *small);
static void end_again(struct small *small);
static const void *extension(const char *name, size_t len);

#define AT_CALL                                                                                       \
    do {                                                                                              \
        int own = 0;                                                                                  \
        cp_status status = own_call(self, request, reply, &own);                                      \
        if (own)                                                                                      \
            return status;                                                                            \
    } while (0)
#define AT_BIND add_link(small, request->msg)
#define AT_REMOVE remove_link(small, request->msg)
#define AT_STOP end_all(small)
#define AT_DESTROY end_all(small), forget_links(small)
#define EXTENSION(small, name, len) extension(name, len)
#define FLAGS 0u

static const cp_op own_ops[] = {
    {.name = CP_STR("Echo"), .doc = CP_STR("Answers what it is sent."), .flags = CP_OP_IDEMPOTENT},
    {.name = CP_STR("Wait"), .doc = CP_STR("Answers it 100 ms later."), .flags = CP_OP_IDEMPOTENT},
    {.name = CP_STR("Relay"), .doc = CP_STR("Answers it when the actor has answered.")},
};
#define AT_DESCRIBE                                                                                   \
    descriptor.contract = (cp_str)CP_STR("example:async");                                            \
    descriptor.name = (cp_str)CP_STR("async");                                                        \
    descriptor.ops = own_ops;                                                                         \
    descriptor.op_count = sizeof own_ops / sizeof *own_ops

#include "small.c"

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* Links. */

static int is_module(cp_bytes msg, cp_str *module) {
    size_t fields;
    cp_str name;
    return take_map(&msg, &fields) && take_string(&msg, &name) && take_string(&msg, module);
}

static struct link **find_link(struct small *small, cp_str actor) {
    struct link **link = &small->links;
    while (*link != NULL && ((*link)->len != actor.len || memcmp((*link)->actor, actor.ptr, actor.len) != 0))
        link = &(*link)->next;
    return link;
}

static void add_link(struct small *small, cp_bytes msg) {
    cp_str module;
    struct link *link;
    if (!is_module(msg, &module) || (link = malloc(sizeof *link + module.len)) == NULL)
        return;
    link->next = NULL;
    link->len = module.len;
    memcpy(link->actor, module.ptr, module.len);
    pthread_mutex_lock(&small->lock);
    struct link **place = find_link(small, module);
    if (*place == NULL)
        *place = link;
    else
        free(link);
    pthread_mutex_unlock(&small->lock);
}

static void remove_link(struct small *small, cp_bytes msg) {
    cp_str module;
    if (!is_module(msg, &module))
        return;
    pthread_mutex_lock(&small->lock);
    struct link **place = find_link(small, module), *link = *place;
    if (link != NULL)
        *place = link->next;
    pthread_mutex_unlock(&small->lock);
    free(link);
}

static void forget_links(struct small *small) {
    for (struct link *link = small->links, *next; link != NULL; link = next) {
        next = link->next;
        free(link);
    }
}

/* Lists of calls; the lock is held. */

static void put(struct list *list, struct call *call) {
    struct call *before = list->last;
    while (before != NULL && before->due > call->due)
        before = before->before;
    call->before = before;
    call->next = before == NULL ? list->first : before->next;
    *(call->before == NULL ? &list->first : &call->before->next) = call;
    *(call->next == NULL ? &list->last : &call->next->before) = call;
}

static void cut(struct list *list, struct call *call) {
    *(call->before == NULL ? &list->first : &call->before->next) = call->next;
    *(call->next == NULL ? &list->last : &call->next->before) = call->before;
}

static struct call *find(struct list *list, uint64_t number) {
    struct call *call = list->first;
    while (call != NULL && call->number != number)
        call = call->next;
    return call;
}

static struct call *find_and_cut(struct list *list, uint64_t number) {
    struct call *call = find(list, number);
    if (call != NULL)
        cut(list, call);
    return call;
}

/* Ends. Nobody holds the lock while the host is called. */

static void waiter_complete(cp_completion *self, cp_status status);

/* Whether it is the caller's, and not that of a call that waits here. */
static int is_started(const cp_completion *completion) {
    return completion->table->complete != waiter_complete;
}

static void complete(cp_completion *completion, cp_status status) {
    const cp_completion_table *table = completion->table;
    int twice = DEFECT == COMPLETES_TWICE && is_started(completion);
    table->complete(completion, status);
    if (twice)
        table->complete(completion, status);
}

static void refuse(cp_completion *completion, cp_status status, const char *text) {
    say(completion->table->reply(completion), status, text);
    complete(completion, status);
}

static void answer(struct small *small, struct call *call) {
    cp_completion *completion = call->completion;
    const cp_completion_table *table = completion->table;
    cp_sink *reply = table->reply(completion);
    const uint8_t *payload = call->bytes + call->actor_len;
    if (call->kind == WILD) {
        static cp_completion nobody;
        table->complete(NULL, CP_OK);
        table->complete(&nobody, CP_OK);
        table->complete((cp_completion *)((char *)completion + 1), CP_OK);
        table->complete((cp_completion *)reply, CP_OK);
    }
    cp_status status = reply->table->write(reply, payload, call->len);
    if (call->kind == STRANGE)
        status = 4711;
    complete(completion, status);
    if (call->kind == AGAIN) {
        pthread_mutex_lock(&small->lock);
        small->again = completion;
        pthread_mutex_unlock(&small->lock);
    }
    free(call);
}

static void end_list(struct list *list, cp_status status, const char *text) {
    for (struct call *call = list->first, *next; call != NULL; call = next) {
        next = call->next;
        if (DEFECT != STOP_LEAVES_CALLS || call->kind != RELAY || !is_started(call->completion))
            refuse(call->completion, status, text);
        free(call);
    }
}

/* Answers what is due. */
static void *timer(void *self) {
    struct small *small = self;
    pthread_mutex_lock(&small->lock);
    while (!small->ending) {
        struct call *call = small->waiting.first;
        if (call == NULL) {
            pthread_cond_wait(&small->changed, &small->lock);
            continue;
        }
        if (call->due > now()) {
            struct timespec until = {.tv_sec = call->due / 1000, .tv_nsec = call->due % 1000 * 1000000};
            pthread_cond_timedwait(&small->changed, &small->lock, &until);
            continue;
        }
        cut(&small->waiting, call);
        pthread_mutex_unlock(&small->lock);
        answer(small, call);
        pthread_mutex_lock(&small->lock);
    }
    pthread_mutex_unlock(&small->lock);
    return NULL;
}

/* A call that is to be relayed. It can be ended by others: then it is not there afterwards. */
struct relay {
    struct small *small;
    uint64_t number;
    char actor[];
};

/* Calls an actor. */
static void *relay(void *self) {
    struct relay *relay = self;
    struct small *small = relay->small;
    dispatch(small->host, relay->actor);
    pthread_mutex_lock(&small->lock);
    struct call *call = find_and_cut(&small->relayed, relay->number);
    pthread_mutex_unlock(&small->lock);
    free(relay);
    if (call != NULL)
        answer(small, call);
    pthread_mutex_lock(&small->lock);
    small->relays--;
    pthread_cond_broadcast(&small->changed);
    pthread_mutex_unlock(&small->lock);
    return NULL;
}

static void start_thread(void *(*run)(void *), void *of) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, run, of) != 0)
        abort();
    pthread_detach(thread);
}

/* The lock is held. */
static void relay_call(struct small *small, const struct call *call) {
    struct relay *own = malloc(sizeof *own + call->actor_len + 1);
    if (own == NULL)
        abort();
    own->small = small;
    own->number = call->number;
    memcpy(own->actor, call->bytes, call->actor_len);
    own->actor[call->actor_len] = 0;
    small->relays++;
    start_thread(relay, own);
}

/* The lock is held. */
static void begin_thread(struct small *small) {
    pthread_condattr_t monotonic;
    if (small->thread_runs)
        return;
    small->thread_runs = 1;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&small->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (pthread_create(&small->thread, NULL, timer, small) != 0)
        abort();
}

static void end_all(struct small *small) {
    static const struct list none;
    pthread_mutex_lock(&small->lock);
    int began = small->thread_runs && !small->ending;
    small->ending = 1;
    struct list lists[] = {small->waiting, small->relayed, small->held};
    small->waiting = small->relayed = small->held = none;
    if (DEFECT == COMPLETES_AFTER_STOP && lists[1].first != NULL && is_started(lists[1].first->completion))
        small->ended = lists[1].first->completion;
    if (began)
        pthread_cond_broadcast(&small->changed);
    pthread_mutex_unlock(&small->lock);
    for (size_t list = 0; list < sizeof lists / sizeof *lists; list++)
        end_list(&lists[list], CP_STOPPING, "it is being stopped");
    if (!began)
        return;
    pthread_join(small->thread, NULL);
    pthread_mutex_lock(&small->lock);
    while (small->relays > 0)
        pthread_cond_wait(&small->changed, &small->lock);
    pthread_mutex_unlock(&small->lock);
    pthread_cond_destroy(&small->changed);
}

static void end_again(struct small *small) {
    cp_completion *ended = __atomic_exchange_n(&small->ended, NULL, __ATOMIC_ACQ_REL);
    if (ended != NULL)
        complete(ended, CP_OK);
}

/* Starts. */

static const struct {
    const char *name;
    enum kind kind;
} kinds[] = {
    {"Echo", ECHO},   {"Wait", WAIT},        {"Relay", RELAY}, {"Hold", HOLD},
    {"Again", AGAIN}, {"Never", NEVER_DONE}, {"Wild", WILD},   {"Strange", STRANGE},
};

static int is_own(cp_str op, enum kind *kind) {
    for (size_t each = 0; each < sizeof kinds / sizeof *kinds; each++)
        if (is(op, kinds[each].name)) {
            *kind = kinds[each].kind;
            return 1;
        }
    return 0;
}

/* Whether it is {text: string} and nothing else. */
static int is_text(cp_bytes msg) {
    size_t fields;
    cp_str text;
    return take_map(&msg, &fields) && fields == 1 && take_string(&msg, &text) && is(text, "text") &&
           take_string(&msg, &text) && msg.len == 0;
}

static cp_status take_call(struct small *small, const cp_request *request, cp_completion *completion,
                           uint64_t number, enum kind kind) {
    cp_sink *reply = completion->table->reply(completion);
    if (!is_text(request->msg))
        return say(reply, CP_BAD_REQUEST, "no text");
    struct call *call = malloc(sizeof *call + request->actor.len + request->msg.len);
    if (call == NULL)
        return say(reply, CP_NO_MEMORY, "no memory");
    call->completion = completion;
    call->number = number;
    call->kind = kind;
    call->actor_len = request->actor.len;
    call->len = request->msg.len;
    memcpy(call->bytes, request->actor.ptr, call->actor_len);
    memcpy(call->bytes + call->actor_len, request->msg.ptr, call->len);
    call->due = kind == WAIT ? now() + DELAY_MS : kind == HOLD || kind == NEVER_DONE ? NEVER : 1;
    pthread_mutex_lock(&small->lock);
    int linked = *find_link(small, request->actor) != NULL;
    cp_completion *again = small->again;
    small->again = NULL;
    if (!linked || small->ending) {
        pthread_mutex_unlock(&small->lock);
        free(call);
        return linked ? say(reply, CP_STOPPING, "it was stopped") : say(reply, CP_NOT_LINKED, "not linked");
    }
    begin_thread(small);
    if (kind == NEVER_DONE)
        free(call);
    else if (DEFECT == FORGETS_A_CALL && is_started(completion) && ++small->calls % 20 == 0)
        ; /* Nobody has it any more. */
    else
        put(kind == RELAY ? &small->relayed : kind == HOLD ? &small->held : &small->waiting, call);
    if (kind == RELAY)
        relay_call(small, call);
    pthread_cond_broadcast(&small->changed);
    pthread_mutex_unlock(&small->lock);
    if (again != NULL)
        again->table->complete(again, CP_OK);
    return CP_OK;
}

/* Where a call is completed that somebody waits for. */
struct waiter {
    cp_completion base;
    cp_sink *reply;
    cp_status status;
    int done;
    pthread_mutex_t lock;
    pthread_cond_t changed;
};

static cp_sink *waiter_reply(cp_completion *self) {
    return ((struct waiter *)self)->reply;
}

static void waiter_complete(cp_completion *self, cp_status status) {
    struct waiter *waiter = (struct waiter *)self;
    pthread_mutex_lock(&waiter->lock);
    waiter->status = status;
    waiter->done = 1;
    pthread_cond_signal(&waiter->changed);
    pthread_mutex_unlock(&waiter->lock);
}

static cp_status own_call(cp_provider *self, const cp_request *request, cp_sink *reply, int *own) {
    static const cp_completion_table table = {sizeof table, waiter_reply, waiter_complete};
    static uint64_t numbers = UINT64_C(1) << 63;
    enum kind kind;
    struct waiter waiter = {
        .base = {&table},
        .reply = reply,
        .lock = PTHREAD_MUTEX_INITIALIZER,
        .changed = PTHREAD_COND_INITIALIZER,
    };
    if (!is_own(request->op, &kind))
        return CP_OK;
    end_again((struct small *)self);
    *own = 1;
    uint64_t number = __atomic_add_fetch(&numbers, 1, __ATOMIC_RELAXED);
    cp_status status = take_call((struct small *)self, request, &waiter.base, number, kind);
    if (status != CP_OK)
        return status;
    pthread_mutex_lock(&waiter.lock);
    while (!waiter.done)
        pthread_cond_wait(&waiter.changed, &waiter.lock);
    pthread_mutex_unlock(&waiter.lock);
    pthread_mutex_destroy(&waiter.lock);
    pthread_cond_destroy(&waiter.changed);
    return waiter.status;
}

static cp_status start(cp_provider *self, const cp_request *request, cp_completion *completion, uint64_t number) {
    struct small *small = (struct small *)self;
    cp_sink *reply = completion->table->reply(completion);
    enum kind kind;
    cp_status status;
    if (is_own(request->op, &kind) && DEFECT != START_WAITS) {
        status = take_call(small, request, completion, number, kind);
    } else {
        /* The standard operations are done at once. */
        status = handle_call(self, request, reply);
        if (status == CP_OK) {
            complete(completion, status);
            return CP_OK;
        }
    }
    if (DEFECT == ANSWERS_OTHERWISE && status == CP_NOT_LINKED)
        status = CP_FAILED;
    if (DEFECT == COMPLETES_WHAT_IT_REFUSES && status != CP_OK)
        complete(completion, status);
    return status;
}

static void cancel(cp_provider *self, uint64_t number) {
    struct small *small = (struct small *)self;
    if (DEFECT == IGNORES_CANCEL)
        return;
    pthread_mutex_lock(&small->lock);
    struct call *call = find_and_cut(&small->waiting, number);
    if (call == NULL)
        call = find_and_cut(&small->relayed, number);
    if (call == NULL)
        call = find_and_cut(&small->held, number);
    pthread_mutex_unlock(&small->lock);
    if (call == NULL)
        return;
    if (DEFECT != CANCEL_LOSES_THE_CALL)
        refuse(call->completion, CP_CANCELLED, "it was cancelled");
    free(call);
}

static const void *extension(const char *name, size_t len) {
    static const cp_async table = {
        .size = sizeof table,
        .start = start,
        .cancel = DEFECT == TABLE_WITHOUT_CANCEL ? NULL : cancel,
    };
    return DEFECT != WITHOUT_THE_EXTENSION && is((cp_str){name, len}, CP_ASYNC) ? &table : NULL;
}
