#define _POSIX_C_SOURCE 200809L

#include "host.h"

#include "check.h"
#include "notation.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const cp_descriptor *(*describe)(void);
static cp_provider *(*create)(void);

static cp_status host_dispatch(const cp_host *self, const cp_request *request, cp_sink *reply)
{
    (void)self;
    (void)request;
    (void)reply;
    return CP_UNAVAILABLE;
}

static const void *host_extension(const cp_host *self, const char *name, size_t len)
{
    (void)self;
    (void)name;
    (void)len;
    return NULL;
}

static const cp_host host = {
    sizeof(cp_host), CP_ABI_MAJOR, CP_ABI_MINOR,  CP_STR("driver"),
    CP_STR("0.1.0"), host_dispatch, host_extension,
};

const cp_host *host_itself(void)
{
    return &host;
}

/* ISO C knows no way from an object's address to a function's, POSIX does. */
static void symbol(void *library, const char *name, void *function)
{
    void *address = dlsym(library, name);
    if (address == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        exit(2);
    }
    memcpy(function, &address, sizeof address);
}

void host_open(const char *path)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        exit(2);
    }
    symbol(library, "__capability_provider_describe", &describe);
    symbol(library, "__capability_provider_create", &create);
}

const cp_descriptor *host_descriptor(void)
{
    return describe();
}

cp_provider *provider_unconfigured(void)
{
    return create();
}

cp_provider *provider_new(void)
{
    cp_provider *provider = create();
    struct answer reason;
    answer_begin(&reason);
    if (provider == NULL ||
        provider->table->configure_dispatch(provider, &host, &reason.head) != CP_OK) {
        fprintf(stderr, "no provider: %s\n", reason.text);
        exit(2);
    }
    answer_end(&reason);
    return provider;
}

void provider_end(cp_provider *provider)
{
    CHECK(provider->table->destroy(provider) == CP_OK);
}

static void touched(struct answer *answer)
{
    if (answer->during != NULL) {
        answer->during(answer->during_with);
    }
}

static uint8_t *sink_reserve(cp_sink *self, size_t len)
{
    struct answer *answer = (struct answer *)self;
    touched(answer);
    if (answer->refuse) {
        return NULL;
    }
    if (answer->room - answer->len < len) {
        /* No more than was asked for, so that a byte too many is seen. */
        uint8_t *bytes = realloc(answer->bytes, answer->len + len);
        if (bytes == NULL) {
            return NULL;
        }
        answer->bytes = bytes;
        answer->room = answer->len + len;
    }
    answer->reserved = len;
    return answer->bytes + answer->len;
}

static cp_status sink_commit(cp_sink *self, size_t len)
{
    struct answer *answer = (struct answer *)self;
    touched(answer);
    if (len > answer->reserved) {
        return CP_ABI_MISMATCH;
    }
    answer->len += len;
    answer->reserved = 0;
    return CP_OK;
}

static cp_status sink_write(cp_sink *self, const uint8_t *ptr, size_t len)
{
    struct answer *answer = (struct answer *)self;
    uint8_t *room = len == 0 ? NULL : sink_reserve(self, len);
    if (room == NULL) {
        return answer->refuse ? CP_TOO_LARGE : CP_NO_MEMORY;
    }
    memcpy(room, ptr, len);
    return sink_commit(self, len);
}

static cp_status sink_give(cp_sink *self, const cp_buffer *buffer)
{
    struct answer *answer = (struct answer *)self;
    cp_status status = sink_write(self, buffer->ptr, buffer->len);
    answer->given++;
    if (answer->keep) {
        answer->kept = *buffer;
    } else if (buffer->free != NULL) {
        buffer->free(buffer->ctx, buffer->ptr, buffer->len);
    }
    return status;
}

static cp_status sink_fail(cp_sink *self, cp_status status, const char *text, size_t len)
{
    struct answer *answer = (struct answer *)self;
    touched(answer);
    if (len >= sizeof answer->text) {
        len = sizeof answer->text - 1;
    }
    memcpy(answer->text, text, len);
    answer->text[len] = '\0';
    return status;
}

static const cp_sink_table sink_table = {
    sizeof(cp_sink_table), sink_write, sink_reserve, sink_commit, sink_give, sink_fail,
};

void answer_begin(struct answer *answer)
{
    memset(answer, 0, sizeof *answer);
    answer->head.table = &sink_table;
}

void answer_end(struct answer *answer)
{
    free(answer->bytes);
    answer->bytes = NULL;
}

cp_status call_request(cp_provider *provider, const cp_request *request, struct answer *answer)
{
    answer->len = 0;
    answer->text[0] = '\0';
    answer->status = provider->table->handle_call(provider, request, &answer->head);
    if (answer->status != CP_OK) {
        answer->len = 0; /* thrown away, as the header says */
    }
    return answer->status;
}

static uint32_t op_id_of(const char *op)
{
    const cp_descriptor *descriptor = describe();
    for (uint32_t i = 0; i < descriptor->op_count; i++) {
        const void *address = (const char *)descriptor->ops + i * descriptor->op_stride;
        const cp_op *at = address;
        if (at->name.len == strlen(op) && memcmp(at->name.ptr, op, at->name.len) == 0) {
            return i;
        }
    }
    return CP_NO_OP_ID;
}

cp_status call_bytes(cp_provider *provider, const char *actor, const char *op,
                     const uint8_t *payload, size_t len, struct answer *answer)
{
    uint8_t *copy = malloc(len == 0 ? 1 : len);
    if (copy == NULL) {
        return CP_NO_MEMORY;
    }
    memcpy(copy, payload, len);
    cp_request request = {
        sizeof request, op_id_of(op),       0, {actor, strlen(actor)},
        {op, strlen(op)}, {copy, len},
    };
    cp_status status = call_request(provider, &request, answer);
    free(copy);
    return status;
}

const char *say(cp_provider *provider, const char *actor, const char *op, const char *message)
{
    static __thread char said[4096];
    uint8_t payload[4096];
    struct answer answer;
    answer_begin(&answer);
    size_t len = notation_encode(message, payload, sizeof payload);
    if (call_bytes(provider, actor, op, payload, len, &answer) == CP_OK) {
        notation_decode(answer.bytes, answer.len, said, sizeof said);
    } else {
        snprintf(said, sizeof said, "!%d %s", (int)answer.status, answer.text);
    }
    answer_end(&answer);
    return said;
}

const char *link_actor(cp_provider *provider, const char *actor, const char *name)
{
    char message[1024];
    snprintf(message, sizeof message, "{module:'%s',values:{%s%s%s}}", actor,
             name == NULL ? "" : "NAMESPACE:'", name == NULL ? "" : name, name == NULL ? "" : "'");
    return say(provider, "system", "BindActor", message);
}

const char *unlink_actor(cp_provider *provider, const char *actor)
{
    char message[1024];
    snprintf(message, sizeof message, "{module:'%s',values:{}}", actor);
    return say(provider, "system", "RemoveActor", message);
}

void check_says(const char *file, int line, cp_provider *provider, const char *actor,
                const char *op, const char *message, const char *expected)
{
    const char *said = say(provider, actor, op, message);
    bool same;
    if (expected[0] == '!') {
        size_t status = strcspn(expected, " ");
        const char *part = expected[status] == ' ' ? expected + status + 1 : "";
        same = strncmp(said, expected, status) == 0 && said[status] == ' ' &&
               strlen(said) > status + 1 && strstr(said, part) != NULL;
    } else {
        same = strcmp(said, expected) == 0;
    }
    if (!same) {
        check_failed(file, line, "%s %s\n      expected %s\n      got      %s", op, message,
                     expected, said);
    }
}
