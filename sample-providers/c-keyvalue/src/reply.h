/* A reply while it is written, and its way to the caller.
 *
 * It goes one of two ways. A reply that cannot be longer than its request asks for is written into
 * room that the caller reserved beforehand, so that nothing is left that could fail once data was
 * changed. A reply that consists of stored data grows in memory of our own while the data is
 * locked, and is handed over when it is not. */
#ifndef REPLY_H
#define REPLY_H

#include "capability_provider.h"

#include <stdbool.h>

/* What fits is written on the stack; what is at least so long changes its owner instead of being
 * copied. */
#define REPLY_SMALL 256
#define REPLY_GIVEN (64 * 1024)

struct reply {
    cp_status status; /* CP_OK until something did not fit */
    uint8_t *ptr;
    size_t len;
    size_t room;
    bool reserved; /* ptr is the caller's room and cannot grow */
    uint8_t small[REPLY_SMALL];
};

/* A reply that grows. */
void reply_begin(struct reply *reply);

/* A reply of at most `room` bytes in the caller's memory. CP_NO_MEMORY when there is none. */
cp_status reply_begin_reserved(struct reply *reply, cp_sink *sink, size_t room);

void reply_map(struct reply *reply, size_t count);
void reply_array(struct reply *reply, size_t count);
void reply_string(struct reply *reply, cp_bytes string);
void reply_name(struct reply *reply, const char *name);
void reply_integer(struct reply *reply, int32_t number);
void reply_boolean(struct reply *reply, bool truth);

/* Passes the reply on and frees it. */
cp_status reply_send(struct reply *reply, cp_sink *sink);

/* Frees a reply that is not wanted any more. */
void reply_drop(struct reply *reply);

#endif
