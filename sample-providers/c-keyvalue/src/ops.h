/* The fourteen operations of wasmcloud:keyvalue: names, requests, replies, what they do. */
#ifndef OPS_H
#define OPS_H

#include "message.h"
#include "reply.h"
#include "store.h"

#define OP_COUNT 14

/* A call with its arguments read and its namespace locked. */
struct op_call {
    const struct field_value *args;
    struct store *store;
    uint64_t now;
    struct reply *reply;
    struct text *why; /* of a failure */
};

/* How long a reply gets, so that one that follows a change has its room before the change. */
enum op_reply {
    REPLY_GROWS,  /* what is stored; nothing is changed */
    REPLY_NUMBER, /* a number or nothing */
    REPLY_FIRST,  /* the first argument, which is a string */
    REPLY_SECOND  /* the second */
};

/* The descriptor points at the first members: its stride is the size of this structure, so there is
 * one table of operations and no second list beside it. */
struct op {
    cp_op said;
    const struct field *fields;
    size_t field_count;
    enum op_reply reply;
    cp_status (*run)(struct op_call *call);
};

extern const struct op ops[OP_COUNT];

/* The operation of that name, NULL when there is none. `hint` is its position or anything. */
const struct op *op_find(cp_str name, uint32_t hint);

/* How much room the reply needs at most, when it is not one that grows. */
size_t op_reply_room(const struct op *op, const struct field_value *args);

#endif
