/* The provider: its life, and the way of a call to what answers it. */
#define _POSIX_C_SOURCE 200809L

#include "links.h"
#include "ops.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The host has the address of the first member and gives it back with every call. */
struct provider {
    cp_provider head;
    pthread_mutex_t lock; /* of configured */
    bool configured;
    struct links links;
};

static const struct field configuration[] = {
    {"module", FIELD_STRING, false},
    {"values", FIELD_STRING_MAP, false},
};
static const struct field health_request[] = {{"placeholder", FIELD_BOOLEAN, true}};

static bool is(cp_str string, const char *word)
{
    return string.len == strlen(word) && memcmp(string.ptr, word, string.len) == 0;
}

static cp_bytes bytes_of(cp_str string)
{
    cp_bytes bytes = {(const uint8_t *)string.ptr, string.len};
    return bytes;
}

/* Milliseconds on a clock that nobody sets. */
static uint64_t now(void)
{
    struct timespec time = {0, 0};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

static cp_status because(struct text *why, cp_status status, const char *words)
{
    text_add(why, words);
    return status;
}

/* The words for a status that links answered. */
static cp_status link_status(cp_status status, cp_str actor, struct text *why)
{
    switch (status) {
    case CP_NOT_LINKED:
        text_add(why, "actor ");
        text_add_name(why, actor.ptr, actor.len);
        return because(why, status, " is not linked");
    case CP_NO_MEMORY:
        return because(why, status, "no memory");
    case CP_STOPPING:
        return because(why, status, "the provider was stopped");
    default:
        return status;
    }
}

/* The link value NAMESPACE, empty when there is none. Of several, the last counts. */
static cp_bytes namespace_of(const struct field_value *values)
{
    static const cp_bytes wanted = {(const uint8_t *)"NAMESPACE", 9};
    cp_bytes found = {(const uint8_t *)"", 0};
    struct mp_reader strings = values->strings;
    for (size_t i = 0; i < values->count; i++) {
        cp_bytes name = strings_next(&strings);
        cp_bytes value = strings_next(&strings);
        found = bytes_equal(name, wanted) ? value : found;
    }
    return found;
}

static cp_status health(const cp_request *request, cp_sink *sink, struct text *why)
{
    struct field_value value;
    if (request->msg.len > 0) {
        cp_status status = message_read(request->msg, health_request, 1, &value, why);
        if (status != CP_OK) {
            return status;
        }
    }
    struct reply reply;
    reply_begin(&reply);
    reply_map(&reply, 2);
    reply_name(&reply, "healthy");
    reply_boolean(&reply, true);
    reply_name(&reply, "message");
    reply_name(&reply, "");
    return reply_send(&reply, sink);
}

/* BindActor or RemoveActor. */
static cp_status change_link(struct provider *self, const cp_request *request, bool bind,
                             struct text *why)
{
    struct field_value values[MESSAGE_FIELDS];
    cp_status status = message_read(request->msg, configuration, 2, values, why);
    if (status != CP_OK) {
        return status;
    }
    cp_bytes actor = values[0].string;
    status = bind ? links_bind(&self->links, actor, namespace_of(&values[1]))
                  : links_remove(&self->links, actor);
    return link_status(status, request->actor, why);
}

/* Runs an operation in a namespace. The host is called before the namespace is locked and after. */
static cp_status run_in(struct space *space, const struct op *op, const cp_request *request,
                        cp_sink *sink, struct text *why)
{
    struct field_value args[MESSAGE_FIELDS];
    cp_status status = message_read(request->msg, op->fields, op->field_count, args, why);
    if (status != CP_OK) {
        return status;
    }
    struct reply reply;
    reply_begin(&reply);
    if (op->reply != REPLY_GROWS) {
        status = reply_begin_reserved(&reply, sink, op_reply_room(op, args));
        if (status != CP_OK) {
            return because(why, status, "no room for the reply");
        }
    }
    struct op_call call = {args, &space->store, now(), &reply, why};
    pthread_mutex_lock(&space->lock);
    status = op->run(&call);
    pthread_mutex_unlock(&space->lock);
    if (status != CP_OK) {
        reply_drop(&reply);
        return status;
    }
    status = reply_send(&reply, sink);
    return status == CP_OK ? CP_OK : because(why, status, "the reply could not be passed on");
}

static cp_status run(struct provider *self, const struct op *op, const cp_request *request,
                     cp_sink *sink, struct text *why)
{
    struct space *space;
    cp_status status = links_hold(&self->links, bytes_of(request->actor), &space);
    if (status != CP_OK) {
        return link_status(status, request->actor, why);
    }
    status = run_in(space, op, request, sink, why);
    links_let_go(&self->links, space);
    return status;
}

static cp_status answer(struct provider *self, const cp_request *request, cp_sink *sink,
                        struct text *why)
{
    const struct op *op = op_find(request->op, request->op_id);
    if (op != NULL) {
        return run(self, op, request, sink, why);
    }
    if (links_are_closed(&self->links)) {
        return link_status(CP_STOPPING, request->actor, why);
    }
    bool bind = is(request->op, CP_OP_BIND_ACTOR);
    bool remove = is(request->op, CP_OP_REMOVE_ACTOR);
    bool ask_health = is(request->op, CP_OP_HEALTH_REQUEST);
    if (!bind && !remove && !ask_health) {
        return because(why, CP_UNKNOWN_OPERATION, "wasmcloud:keyvalue has no such operation");
    }
    if (!is(request->actor, CP_SYSTEM_ACTOR)) {
        text_add(why, "only the host may do this, not actor ");
        text_add_name(why, request->actor.ptr, request->actor.len);
        return CP_DENIED;
    }
    return ask_health ? health(request, sink, why) : change_link(self, request, bind, why);
}

static cp_status handle_call(cp_provider *head, const cp_request *request, cp_sink *sink)
{
    struct provider *self = (struct provider *)head;
    struct text why;
    text_begin(&why);
    cp_status status;
    if (request->size < CP_SIZE_UP_TO(cp_request, msg)) {
        status = because(&why, CP_ABI_MISMATCH, "the request is smaller than in version 1.0");
    } else {
        text_add_name(&why, request->op.ptr, request->op.len);
        text_add(&why, ": ");
        status = answer(self, request, sink, &why);
    }
    return status == CP_OK ? CP_OK : sink->table->fail(sink, status, why.bytes, why.len);
}

static cp_status fail(cp_sink *sink, cp_status status, const char *words)
{
    return sink->table->fail(sink, status, words, strlen(words));
}

/* The host is not kept: no operation of this contract calls an actor. */
static cp_status configure_dispatch(cp_provider *head, const cp_host *host, cp_sink *reason)
{
    struct provider *self = (struct provider *)head;
    if (host->size < CP_SIZE_UP_TO(cp_host, get_extension) || host->abi_major != CP_ABI_MAJOR) {
        return fail(reason, CP_ABI_MISMATCH, "the host is not one of version 1");
    }
    if (links_are_closed(&self->links)) {
        return fail(reason, CP_STOPPING, "the provider was stopped");
    }
    pthread_mutex_lock(&self->lock);
    bool before = self->configured;
    self->configured = true;
    pthread_mutex_unlock(&self->lock);
    return before ? fail(reason, CP_ALREADY, "the provider was configured before") : CP_OK;
}

static cp_status stop(cp_provider *head, cp_sink *reason)
{
    struct provider *self = (struct provider *)head;
    return links_close(&self->links) ? CP_OK
                                     : fail(reason, CP_STOPPING, "the provider was stopped before");
}

static cp_status destroy(cp_provider *head)
{
    struct provider *self = (struct provider *)head;
    links_free(&self->links);
    pthread_mutex_destroy(&self->lock);
    free(self);
    return CP_OK;
}

static const void *get_extension(cp_provider *head, const char *name, size_t len)
{
    (void)head;
    (void)name;
    (void)len;
    return NULL;
}

static const cp_provider_table table = {
    .size = sizeof(cp_provider_table),
    .abi_major = CP_ABI_MAJOR,
    .abi_minor = CP_ABI_MINOR,
    .configure_dispatch = configure_dispatch,
    .handle_call = handle_call,
    .stop = stop,
    .destroy = destroy,
    .get_extension = get_extension,
};

cp_provider *__capability_provider_create(void)
{
    struct provider *self = malloc(sizeof *self);
    if (self == NULL) {
        return NULL;
    }
    self->head.table = &table;
    self->configured = false;
    if (pthread_mutex_init(&self->lock, NULL) != 0) {
        free(self);
        return NULL;
    }
    if (!links_init(&self->links)) {
        pthread_mutex_destroy(&self->lock);
        free(self);
        return NULL;
    }
    return &self->head;
}
