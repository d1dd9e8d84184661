/* The smallest provider that keeps every rule, and breaks one of them when DEFECT says so: those that
 * a provider made with the SDK cannot break. */
#include "capability_provider.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NONE 0
#define REPLY_USED_AGAIN 1
#define REPLY_DIES_WITH_PROVIDER 2
#define RESERVED_NAME 3
#define DESCRIBES_ITSELF_ANEW 4
#define CRASH_WHEN_UNLOADED 5
#define EXPORTS_MAIN 6
#define FUNCTION_IS_DATA 7
#define LEAVES_A_PROCESS 8
#define CALLS_TOO_EARLY 9
#define CALLS_A_STRANGER 10
#define PRINTS 11
#define BAD_VERSION 12
#define OPENS_A_FILE 13
#define SAYS_IT_PANICKED 14
#define FAILS_WITHOUT_SAYING 15

/* Another source defines what else is done at these moments, and includes this one. */
#ifndef AT_LOAD
#define AT_LOAD
#endif
#ifndef AT_CREATE
#define AT_CREATE
#endif
#ifndef AT_BIND
#define AT_BIND
#endif
#ifndef AT_REMOVE
#define AT_REMOVE
#endif
#ifndef AT_CALL
#define AT_CALL
#endif
#ifndef AT_STOP
#define AT_STOP
#endif
#ifndef AT_DESTROY
#define AT_DESTROY
#endif
#ifndef FLAGS
#define FLAGS CP_UNLOADABLE
#endif
#ifndef AT_DESCRIBE
#define AT_DESCRIBE
#endif
/* What else belongs to a provider, what it says to an operation of its own, and its extensions. */
#ifndef MORE
#define MORE
#endif
#ifndef EXTENSION
#define EXTENSION(small, name, len) NULL
#endif

#if DEFECT == BAD_VERSION
#define VERSION "one"
#else
#define VERSION "1.0.0"
#endif

struct small {
    cp_provider base;
    const cp_host *host;
    uint8_t *reply;
    int stopped;
    MORE
};

static int is(cp_str text, const char *name) {
    return text.len == strlen(name) && memcmp(text.ptr, name, text.len) == 0;
}

static cp_status say(cp_sink *sink, cp_status status, const char *text) {
    if (DEFECT == FAILS_WITHOUT_SAYING)
        return status;
    return sink->table->fail(sink, status, text, strlen(text));
}

/* Takes a string, or a map's marker and its count of entries, from the front of `msg`. */
static int take_string(cp_bytes *msg, cp_str *text) {
    size_t head = 1;
    if (msg->len < 1)
        return 0;
    if ((msg->ptr[0] & 0xe0) == 0xa0)
        text->len = msg->ptr[0] & 0x1f;
    else if (msg->ptr[0] == 0xd9 && msg->len > 1)
        head = 2, text->len = msg->ptr[1];
    else if (msg->ptr[0] == 0xda && msg->len > 2)
        head = 3, text->len = (size_t)msg->ptr[1] << 8 | msg->ptr[2];
    else if (msg->ptr[0] == 0xdb && msg->len > 4)
        head = 5, text->len = (size_t)msg->ptr[1] << 24 | msg->ptr[2] << 16 | msg->ptr[3] << 8 | msg->ptr[4];
    else
        return 0;
    if (text->len > msg->len - head)
        return 0;
    text->ptr = (const char *)msg->ptr + head;
    msg->ptr += head + text->len;
    msg->len -= head + text->len;
    /* Enough of a check for UTF-8: no text begins with this byte. */
    return text->len == 0 || (uint8_t)text->ptr[0] != 0xff;
}

static int take_map(cp_bytes *msg, size_t *count) {
    if (msg->len < 1 || (msg->ptr[0] & 0xf0) != 0x80)
        return 0;
    *count = msg->ptr[0] & 0x0f;
    msg->ptr++, msg->len--;
    return 1;
}

/* Whether it is {module: string, values: {string: string}} and nothing else. */
static int is_configuration(cp_bytes msg) {
    size_t fields, values;
    cp_str text;
    if (!take_map(&msg, &fields) || fields != 2)
        return 0;
    if (!take_string(&msg, &text) || !is(text, "module") || !take_string(&msg, &text))
        return 0;
    if (!take_string(&msg, &text) || !is(text, "values") || !take_map(&msg, &values))
        return 0;
    for (values *= 2; values > 0; values--)
        if (!take_string(&msg, &text))
            return 0;
    return msg.len == 0;
}

static void dispatch(const cp_host *host, const char *actor) {
    cp_request request = {
        .size = sizeof request,
        .op_id = CP_NO_OP_ID,
        .actor = {actor, strlen(actor)},
        .op = CP_STR("Handle"),
        .msg = {(const uint8_t *)"\x80", 1},
    };
    extern cp_sink nowhere;
    host->dispatch(host, &request, &nowhere);
}

static cp_status take(cp_sink *self, const uint8_t *ptr, size_t len) {
    (void)self, (void)ptr, (void)len;
    return CP_OK;
}
static uint8_t *no_room(cp_sink *self, size_t len) {
    (void)self, (void)len;
    return NULL;
}
static cp_status no_commit(cp_sink *self, size_t len) {
    (void)self, (void)len;
    return CP_ABI_MISMATCH;
}
static cp_status no_give(cp_sink *self, const cp_buffer *buffer) {
    (void)self, (void)buffer;
    return CP_ABI_MISMATCH;
}
static cp_status ignore(cp_sink *self, cp_status status, const char *text, size_t len) {
    (void)self, (void)text, (void)len;
    return status;
}
static const cp_sink_table nowhere_table = {sizeof nowhere_table, take, no_room, no_commit, no_give, ignore};
cp_sink nowhere __attribute__((visibility("hidden"))) = {&nowhere_table};

static cp_status configure_dispatch(cp_provider *self, const cp_host *host, cp_sink *reason) {
    struct small *small = (struct small *)self;
    if (small->host != NULL)
        return say(reason, CP_ALREADY, "it was configured before");
    small->host = host;
    if (DEFECT == CALLS_TOO_EARLY)
        dispatch(host, "MEARLY");
    if (DEFECT == PRINTS) {
        printf("hello\n");
        fflush(stdout);
    }
    return CP_OK;
}

static void keep(void *ctx, uint8_t *ptr, size_t len) {
    (void)ctx, (void)ptr, (void)len;
}

static cp_status health(struct small *small, cp_sink *reply) {
    static const char text[] = "\x82\xa7healthy\xc3\xa7message\xa1" "a";
    static const size_t length = sizeof text - 1;
    static uint8_t last = 'a';
    memcpy(small->reply, text, length);
    if (DEFECT == REPLY_USED_AGAIN)
        small->reply[length - 1] = last ^= 3;
    if (DEFECT != REPLY_USED_AGAIN && DEFECT != REPLY_DIES_WITH_PROVIDER)
        return reply->table->write(reply, small->reply, length);
    cp_buffer buffer = {small->reply, length, NULL, keep};
    return reply->table->give(reply, &buffer);
}

static cp_status handle_call(cp_provider *self, const cp_request *request, cp_sink *reply) {
    struct small *small = (struct small *)self;
    int bind = is(request->op, CP_OP_BIND_ACTOR), remove = is(request->op, CP_OP_REMOVE_ACTOR);
    AT_CALL;
    if (__atomic_load_n(&small->stopped, __ATOMIC_ACQUIRE))
        return say(reply, CP_STOPPING, "it was stopped");
    if (!bind && !remove && !is(request->op, CP_OP_HEALTH_REQUEST))
        return say(reply, CP_UNKNOWN_OPERATION, "no such operation");
    if (!is(request->actor, CP_SYSTEM_ACTOR))
        return say(reply, CP_DENIED, "not an actor's to call");
    if (is(request->op, CP_OP_HEALTH_REQUEST)) {
        if (request->msg.len > 0 && request->msg.ptr[0] == 0xc1)
            return say(reply, CP_BAD_REQUEST, "no message");
        return health(small, reply);
    }
    if (!is_configuration(request->msg))
        return say(reply, CP_BAD_REQUEST, "no configuration");
    if (bind) {
        AT_BIND;
    } else {
        AT_REMOVE;
    }
    if (bind && DEFECT == SAYS_IT_PANICKED)
        return say(reply, CP_PANIC, "something went very wrong");
    if (bind && DEFECT == CALLS_A_STRANGER)
        dispatch(small->host, "MSTRANGER");
    if (bind && DEFECT == LEAVES_A_PROCESS && fork() == 0) {
        for (;;)
            pause();
    }
    return CP_OK;
}

static cp_status stop(cp_provider *self, cp_sink *reason) {
    struct small *small = (struct small *)self;
    if (__atomic_exchange_n(&small->stopped, 1, __ATOMIC_ACQ_REL))
        return say(reason, CP_ALREADY, "it was stopped before");
    AT_STOP;
    return CP_OK;
}

static cp_status destroy(cp_provider *self) {
    struct small *small = (struct small *)self;
    memset(small->reply, 'x', 64);
    AT_DESTROY;
    free(small);
    return CP_OK;
}

static const void *get_extension(cp_provider *self, const char *name, size_t len) {
    (void)self, (void)name, (void)len;
    return EXTENSION((struct small *)self, name, len);
}

static const cp_op op = {.name = CP_STR("RemoveActor"), .doc = CP_STR("")};

const cp_descriptor *__capability_provider_describe(void) {
    static cp_descriptor descriptor = {
        .size = sizeof descriptor,
        .abi_major = CP_ABI_MAJOR,
        .abi_minor = CP_ABI_MINOR,
        .op_count = DEFECT == RESERVED_NAME,
        .ops = &op,
        .op_stride = sizeof op,
        .contract = CP_STR("example:small"),
        .flags = FLAGS,
        .vendor = CP_STR("example"),
        .name = CP_STR("small"),
        .version = CP_STR(VERSION),
        .build = CP_STR("C"),
    };
    if (DEFECT == DESCRIBES_ITSELF_ANEW)
        descriptor.revision++;
    AT_DESCRIBE;
    return &descriptor;
}

cp_provider *__capability_provider_create(void) {
    static cp_provider_table table = {
        .size = sizeof table,
        .abi_major = CP_ABI_MAJOR,
        .abi_minor = CP_ABI_MINOR,
        .configure_dispatch = configure_dispatch,
        .handle_call = handle_call,
        .stop = stop,
        .destroy = destroy,
        .get_extension = get_extension,
    };
    AT_CREATE;
    static int data;
    static uint8_t reply[64];
    if (DEFECT == FUNCTION_IS_DATA)
        memcpy(&table.stop, &(void *){&data}, sizeof table.stop);
    if (DEFECT == OPENS_A_FILE && dup(0) < 0)
        return NULL;
    struct small *small = calloc(1, sizeof *small);
    if (small == NULL)
        return NULL;
    small->base.table = &table;
    small->reply = reply;
    return &small->base;
}

#if DEFECT == EXPORTS_MAIN
int main(void) {
    return 0;
}
#endif

__attribute__((constructor)) static void loaded(void) {
    AT_LOAD;
}

__attribute__((destructor)) static void unloaded(void) {
    if (DEFECT == CRASH_WHEN_UNLOADED)
        abort();
}
