/* The binary interface between a host and a capability provider, major version 1.
 *
 * A provider is a shared library with two exported functions (at the end of this file). Everything
 * here is C99; C++, Zig, Go (cgo), Swift, Nim and Rust can stand on either side of it.
 *
 * RULES THAT HOLD EVERYWHERE
 *
 * Strings     are UTF-8, an address and a length, not terminated. The side that passes a string
 *             guarantees UTF-8: a provider may rely on what the host passes; the host checks what
 *             comes from a provider.
 * Addresses   the host never passes NULL, also not with a length of 0. A provider may pass NULL
 *             with a length of 0.
 * Ownership   arguments are borrowed until the function returns. Nobody frees what the other side
 *             allocated; an owned buffer carries its own free function.
 * Unwinding   nothing unwinds across, in either direction. The implementing side catches and
 *             returns CP_PANIC; the provider stays usable.
 * Threads     handle_call, dispatch, get_extension: from any thread, many at a time.
 *             configure_dispatch, stop, destroy: once, and destroy only after every call returned.
 * Re-entry    dispatch inside handle_call may lead to another handle_call on the same thread: hold
 *             no lock across it.
 * Growth      a structure that begins with `size` may get members at its end in a later minor
 *             version. Who fills it sets `size`; who reads a later member looks at `size` first.
 *             Nothing is removed, moved or given another meaning within a major version.
 * Process     a provider changes no signal handler, locale, umask, directory, environment or
 *             floating-point mode, and does not need standard output to exist.
 * Unloading   a library is not unloaded while the process lives, unless its descriptor says that it
 *             can be, every provider made by it was destroyed and every buffer it gave was freed.
 * Order       a call before configure_dispatch is the host's mistake and may be answered all the
 *             same; a call after stop answers CP_STOPPING. Neither may do harm.
 *
 * The names of the two exported functions begin with underscores because the specification says so.
 */
#ifndef CAPABILITY_PROVIDER_H
#define CAPABILITY_PROVIDER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this interface. Equal major versions or no deal. */
#define CP_ABI_MAJOR 1u
#define CP_ABI_MINOR 1u

/* How a function ended. A number that is not listed counts as CP_FAILED; 1000 to 1999 belong to the
 * contract. */
typedef int32_t cp_status;
#define CP_OK                 0 /* done */
#define CP_FAILED             1 /* the operation failed */
#define CP_UNKNOWN_OPERATION  2 /* the provider has no operation of that name */
#define CP_BAD_REQUEST        3 /* the payload cannot be understood */
#define CP_NOT_LINKED         4 /* the actor is not linked to this provider */
#define CP_PANIC              5 /* the implementing side panicked; it is still usable */
#define CP_UNAVAILABLE        6 /* what stands behind it cannot be reached at present */
#define CP_TIMEOUT            7 /* it took too long */
#define CP_CANCELLED          8 /* the caller gave up */
#define CP_STOPPING           9 /* stopped, or about to be */
#define CP_TOO_LARGE         10 /* a message is larger than the limit */
#define CP_NO_MEMORY         11 /* no memory */
#define CP_ABI_MISMATCH      12 /* a structure is not what this interface describes */
#define CP_WOULD_BLOCK       13 /* it cannot be done now without waiting */
#define CP_DENIED            14 /* the caller may not do this */
#define CP_ALREADY           15 /* it was done before and can be done only once */
#define CP_CONTRACT_FIRST  1000 /* a contract's own numbers, first ... */
#define CP_CONTRACT_LAST   1999 /* ... and last */

/* The size that a structure has at least when it has this member: what to compare its own `size` with
 * before reading a member. Do not use sizeof for that: a later header makes structures larger. */
#define CP_SIZE_UP_TO(type, member) (offsetof(type, member) + sizeof(((type *)0)->member))

/* A string: UTF-8, not terminated. */
typedef struct cp_str {
    const char *ptr;
    size_t len;
} cp_str;

/* Initialises a cp_str from a string literal. */
#define CP_STR(literal) { (literal), sizeof(literal) - 1 }

/* Bytes. */
typedef struct cp_bytes {
    const uint8_t *ptr;
    size_t len;
} cp_bytes;

/* Bytes that change their owner. Whoever holds it last calls free(ctx, ptr, len) once, on any
 * thread, perhaps after the provider was destroyed. A NULL free means there is nothing to free. */
typedef struct cp_buffer {
    uint8_t *ptr;
    size_t len;
    void *ctx;
    void (*free)(void *ctx, uint8_t *ptr, size_t len);
} cp_buffer;

/* Where a reply goes. Implemented by the caller, for one call, on the calling thread. To answer with
 * no bytes, call nothing. What was written is thrown away when the call does not return CP_OK; a piece
 * that write or give did not take fails the call, whatever it returns. */
struct cp_sink;
typedef struct cp_sink_table {
    uint32_t size;
    /* Appends bytes. CP_TOO_LARGE and CP_NO_MEMORY leave the reply as it was. */
    cp_status (*write)(struct cp_sink *self, const uint8_t *ptr, size_t len);
    /* Room for len more bytes behind the reply, NULL when they cannot be had (CP_TOO_LARGE or
     * CP_NO_MEMORY: write with the same length tells which). Valid until the next call on this sink;
     * room that is not committed is given back by it. */
    uint8_t *(*reserve)(struct cp_sink *self, size_t len);
    /* Appends the first len bytes of the reserved room, also none. CP_ABI_MISMATCH when that is more
     * than was reserved. */
    cp_status (*commit)(struct cp_sink *self, size_t len);
    /* Hands an owned buffer over, worth it from about 64 KiB. It belongs to the caller from now on,
     * whatever is returned. */
    cp_status (*give)(struct cp_sink *self, const cp_buffer *buffer);
    /* Says why the call fails. Returns status, so that a provider can write `return fail(...)`. The
     * status that the call returns is what counts. */
    cp_status (*fail)(struct cp_sink *self, cp_status status, const char *text, size_t len);
} cp_sink_table;
typedef struct cp_sink {
    const cp_sink_table *table;
} cp_sink;

/* cp_request.op_id: the position is not known, look at `op`. Always so for standard operations. */
#define CP_NO_OP_ID UINT32_MAX

/* A call, in either direction. */
typedef struct cp_request {
    uint32_t size;
    uint32_t op_id; /* position of `op` in the descriptor's table or CP_NO_OP_ID: saves looking it up */
    uint32_t flags; /* none yet: 0 */
    cp_str actor;   /* public key of the actor; "system" when the host itself calls */
    cp_str op;      /* name of the operation, always there */
    cp_bytes msg;   /* MessagePack */
} cp_request;

/* The host, as a provider sees it. Valid for as long as the process lives: after stop, dispatch
 * answers CP_STOPPING. */
typedef struct cp_host {
    uint32_t size;
    uint32_t abi_major;
    uint32_t abi_minor;
    cp_str name;    /* of the host, for example "provider-host" */
    cp_str version; /* of the host, semver */
    /* Calls an actor. */
    cp_status (*dispatch)(const struct cp_host *self, const cp_request *request, cp_sink *reply);
    /* A further table, NULL when it is not supported. Names: cp.NAME/REVISION, or
     * reverse.domain.NAME/REVISION. */
    const void *(*get_extension)(const struct cp_host *self, const char *name, size_t len);
} cp_host;

struct cp_provider;
typedef struct cp_provider_table {
    uint32_t size;
    uint32_t abi_major;
    uint32_t abi_minor;
    /* Once, before the first call. The sink takes the reason of a failure. A second time: CP_ALREADY. */
    cp_status (*configure_dispatch)(struct cp_provider *self, const cp_host *host, cp_sink *reason);
    /* An actor's call, or a standard operation from actor "system". */
    cp_status (*handle_call)(struct cp_provider *self, const cp_request *request, cp_sink *reply);
    /* Once, as the last thing but destroy. Ends threads, closes what is open. The sink takes the
     * reason of a failure. Calls that come afterwards answer CP_STOPPING; a second stop does nothing
     * and answers CP_ALREADY or CP_STOPPING. */
    cp_status (*stop)(struct cp_provider *self, cp_sink *reason);
    /* Frees the provider, with or without stop before it. No other call is in progress. */
    cp_status (*destroy)(struct cp_provider *self);
    /* A further table, NULL when it is not supported. */
    const void *(*get_extension)(struct cp_provider *self, const char *name, size_t len);
} cp_provider_table;

/* A provider: an address of this and whatever the provider keeps behind it. */
typedef struct cp_provider {
    const cp_provider_table *table;
} cp_provider;

/* THE EXTENSION cp.async/1 of a provider: calls that keep no thread of the caller's.
 * get_extension(provider, CP_ASYNC) answers a const cp_async *, valid for as long as the provider is, or
 * NULL. handle_call works on such a provider as on any other: it waits. Standard operations may be
 * started too. stop completes every call in flight, with CP_STOPPING unless it ends by itself at that
 * moment, before it returns. destroy comes when nothing is in flight. */
#define CP_ASYNC "cp.async/1"

/* The caller's end of one call that was started. */
struct cp_completion;
typedef struct cp_completion_table {
    uint32_t size;
    /* Where the reply, or the reason of a failure, goes: the same sink each time, never NULL, used by one
     * thread at a time and not after complete. */
    cp_sink *(*reply)(struct cp_completion *self);
    /* The call ended with status: once, on any thread, perhaps before start returns. self is gone after
     * it. */
    void (*complete)(struct cp_completion *self, cp_status status);
} cp_completion_table;
typedef struct cp_completion {
    const cp_completion_table *table;
} cp_completion;

/* Called like handle_call: from any thread, many at a time. */
typedef struct cp_async {
    uint32_t size;
    /* Begins a call and does not wait for its end. CP_OK: it was taken and is completed exactly once.
     * Anything else: it was not taken, complete is never called, and the reason is in the completion's
     * sink. request is borrowed until this returns. call is the caller's number for it, unique among the
     * calls in flight. */
    cp_status (*start)(struct cp_provider *self, const cp_request *request, cp_completion *completion,
                       uint64_t call);
    /* A wish: the call completes all the same, as a rule soon and with CP_CANCELLED. A number that is not
     * in flight: nothing. */
    void (*cancel)(struct cp_provider *self, uint64_t call);
} cp_async;

/* cp_op.direction */
#define CP_ACTOR_TO_PROVIDER 0u
#define CP_PROVIDER_TO_ACTOR 1u
/* cp_op.flags */
#define CP_OP_IDEMPOTENT 1u /* may be sent again when it is not known whether it was done */
#define CP_OP_DEPRECATED 2u /* still answered; new actors should not use it */

/* One operation. The standard operations are not listed: every provider answers them. */
typedef struct cp_op {
    cp_str name;
    cp_str doc;
    uint32_t flags;
    uint32_t direction;
} cp_op;

/* cp_descriptor.flags */
#define CP_UNLOADABLE      1u /* the library may be unloaded once every provider was destroyed */
#define CP_SINGLE_INSTANCE 2u /* at most one provider at a time */
#define CP_PANIC_ABORTS    4u /* a panic ends the process */

/* What a library says of itself. Static, free of effects, the same at each call. */
typedef struct cp_descriptor {
    uint32_t size;
    uint32_t abi_major;
    uint32_t abi_minor;
    uint32_t flags;
    uint32_t revision;  /* counts releases of this provider, 0 when they are not counted */
    uint32_t op_count;
    const cp_op *ops;   /* op_count entries, op_stride bytes apart */
    size_t op_stride;
    cp_str contract;    /* "vendor:name" */
    cp_str vendor;      /* of this provider */
    cp_str name;        /* of this provider */
    cp_str version;     /* of this provider, semver */
    cp_str build;       /* compiler, SDK, target: for people */
    /* Since 1.1, may be NULL. Writes more of what the library says of itself: a JSON document as
     * docs/src/reference/description.schema.json has it. Callable before create, on any thread, as
     * often as one likes; free of effects, and the document is the same at each call. */
    cp_status (*describe_json)(cp_sink *reply);
} cp_descriptor;

/* EXTENSION cp.log/1: a provider's records reach the host. Optional on both sides.
 *
 * The host's get_extension answers a cp_host_log, the provider's a cp_provider_log. A provider asks for
 * the level when it is configured and whenever level_changed is called, or before each record. It
 * writes no record above the level; one that is on its way when the level changes does no harm. The
 * host does not call the provider within write, and write does not wait for anything slow. */
#define CP_LOG "cp.log/1"

/* Levels. A host wants to hear the levels up to a number. */
#define CP_LOG_OFF   0u /* nothing; no record has it */
#define CP_LOG_ERROR 1u /* something failed */
#define CP_LOG_WARN  2u /* something may fail soon, or was mended */
#define CP_LOG_INFO  3u /* worth knowing in operation */
#define CP_LOG_DEBUG 4u /* for whoever looks for a mistake */
#define CP_LOG_TRACE 5u /* everything */

/* How large the parts of a record may be. A host refuses a record with a larger one. */
#define CP_LOG_MAX_MESSAGE 65536u /* bytes of message */
#define CP_LOG_MAX_NAME     4096u /* bytes of target, file, module, actor, op and of a field's key */
#define CP_LOG_MAX_VALUE   16384u /* bytes of a field's value */
#define CP_LOG_MAX_FIELDS     64u /* fields */

/* A key and its value, as text. */
typedef struct cp_log_field {
    cp_str key;
    cp_str value;
} cp_log_field;

/* Something that a provider has to say, borrowed until write returns. A string without length stands
 * for "not known". */
typedef struct cp_log_record {
    uint32_t size;
    uint32_t level;       /* CP_LOG_ERROR to CP_LOG_TRACE */
    uint32_t line;        /* in file, 0 when it is not known */
    uint32_t field_count;
    const cp_log_field *fields; /* field_count of them, field_stride bytes apart */
    size_t field_stride;
    cp_str target;  /* what it is about, for filters: as a rule the module */
    cp_str message;
    cp_str file;
    cp_str module;
    cp_str actor;   /* on whose behalf the provider works, if it is on anybody's */
    cp_str op;      /* the operation that is served, if one is */
} cp_log_record;

/* The host's side. */
typedef struct cp_host_log {
    uint32_t size;
    /* How far the host wants to hear. From any thread. */
    uint32_t (*max_level)(const cp_host *self);
    /* Takes a record. From any thread, many at a time, in a call or not. */
    void (*write)(const cp_host *self, const cp_log_record *record);
} cp_host_log;

/* The provider's side. */
typedef struct cp_provider_log {
    uint32_t size;
    /* What the host's max_level answers is another number now. From any thread, between the return of
     * configure_dispatch and destroy. */
    void (*level_changed)(cp_provider *self);
} cp_provider_log;

#if defined(_WIN32)
#define CP_EXPORT __declspec(dllexport)
#elif defined(__GNUC__)
#define CP_EXPORT __attribute__((visibility("default")))
#else
#define CP_EXPORT
#endif

/* What a library exports. create answers NULL when no provider can be made. */
CP_EXPORT const cp_descriptor *__capability_provider_describe(void);
CP_EXPORT cp_provider *__capability_provider_create(void);

/* Standard operations, from actor "system". */
#define CP_SYSTEM_ACTOR      "system"
#define CP_OP_BIND_ACTOR     "BindActor"
#define CP_OP_REMOVE_ACTOR   "RemoveActor"
#define CP_OP_HEALTH_REQUEST "HealthRequest"

#ifdef __cplusplus
}
#endif

#endif
