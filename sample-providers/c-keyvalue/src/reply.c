#include "reply.h"

#include <stdlib.h>
#include <string.h>

void reply_begin(struct reply *reply)
{
    reply->status = CP_OK;
    reply->ptr = reply->small;
    reply->len = 0;
    reply->room = sizeof reply->small;
    reply->reserved = false;
}

cp_status reply_begin_reserved(struct reply *reply, cp_sink *sink, size_t room)
{
    reply_begin(reply);
    uint8_t *ptr = sink->table->reserve(sink, room);
    if (ptr == NULL) {
        return CP_NO_MEMORY;
    }
    reply->ptr = ptr;
    reply->room = room;
    reply->reserved = true;
    return CP_OK;
}

static bool grow(struct reply *reply, size_t more)
{
    if (reply->reserved || more > SIZE_MAX / 2 - reply->len) {
        reply->status = CP_TOO_LARGE;
        return false;
    }
    size_t room = reply->room;
    while (room - reply->len < more) {
        room *= 2;
    }
    bool on_stack = reply->ptr == reply->small;
    uint8_t *ptr = realloc(on_stack ? NULL : reply->ptr, room);
    if (ptr == NULL) {
        reply->status = CP_NO_MEMORY;
        return false;
    }
    if (on_stack) {
        memcpy(ptr, reply->small, reply->len);
    }
    reply->ptr = ptr;
    reply->room = room;
    return true;
}

static void append(struct reply *reply, const uint8_t *bytes, size_t len)
{
    if (reply->status != CP_OK || len == 0) {
        return;
    }
    if (reply->room - reply->len < len && !grow(reply, len)) {
        return;
    }
    memcpy(reply->ptr + reply->len, bytes, len);
    reply->len += len;
}

/* A marker, and a number of `width` bytes behind it, the highest first. */
static void append_marked(struct reply *reply, uint8_t marker, uint32_t number, unsigned width)
{
    uint8_t bytes[5] = {marker};
    for (unsigned i = 0; i < width; i++) {
        bytes[1 + i] = (uint8_t)(number >> (8 * (width - 1 - i)));
    }
    append(reply, bytes, 1 + width);
}

/* The head of an array or map, for which there is no 8-bit form. */
static void append_count(struct reply *reply, uint8_t shortest, uint8_t marker16, size_t count)
{
    if (count > UINT32_MAX) {
        reply->status = CP_TOO_LARGE;
    } else if (count <= 15) {
        append_marked(reply, (uint8_t)(shortest | count), 0, 0);
    } else if (count <= UINT16_MAX) {
        append_marked(reply, marker16, (uint32_t)count, 2);
    } else {
        append_marked(reply, (uint8_t)(marker16 + 1), (uint32_t)count, 4);
    }
}

void reply_map(struct reply *reply, size_t count)
{
    append_count(reply, 0x80, 0xde, count);
}

void reply_array(struct reply *reply, size_t count)
{
    append_count(reply, 0x90, 0xdc, count);
}

void reply_string(struct reply *reply, cp_bytes string)
{
    if (string.len > UINT32_MAX) {
        reply->status = CP_TOO_LARGE;
        return;
    }
    uint32_t len = (uint32_t)string.len;
    if (len <= 31) {
        append_marked(reply, (uint8_t)(0xa0 | len), 0, 0);
    } else if (len <= UINT8_MAX) {
        append_marked(reply, 0xd9, len, 1);
    } else if (len <= UINT16_MAX) {
        append_marked(reply, 0xda, len, 2);
    } else {
        append_marked(reply, 0xdb, len, 4);
    }
    append(reply, string.ptr, len);
}

void reply_name(struct reply *reply, const char *name)
{
    cp_bytes string = {(const uint8_t *)name, strlen(name)};
    reply_string(reply, string);
}

void reply_integer(struct reply *reply, int32_t number)
{
    uint32_t bits = (uint32_t)number;
    if (number >= -32 && number <= 127) {
        append_marked(reply, (uint8_t)bits, 0, 0);
    } else if (number >= 0) {
        unsigned power = number <= UINT8_MAX ? 0 : number <= UINT16_MAX ? 1 : 2;
        append_marked(reply, (uint8_t)(0xcc + power), bits, 1u << power);
    } else {
        unsigned power = number >= INT8_MIN ? 0 : number >= INT16_MIN ? 1 : 2;
        append_marked(reply, (uint8_t)(0xd0 + power), bits, 1u << power);
    }
}

void reply_boolean(struct reply *reply, bool truth)
{
    append_marked(reply, truth ? 0xc3 : 0xc2, 0, 0);
}

/* cp_buffer.free of the replies that are given away. */
static void free_given(void *ctx, uint8_t *ptr, size_t len)
{
    (void)ctx;
    (void)len;
    free(ptr);
}

cp_status reply_send(struct reply *reply, cp_sink *sink)
{
    cp_status status = reply->status;
    if (status == CP_OK && reply->reserved) {
        status = sink->table->commit(sink, reply->len);
    } else if (status == CP_OK && reply->len >= REPLY_GIVEN) {
        cp_buffer buffer = {reply->ptr, reply->len, NULL, free_given};
        reply->ptr = reply->small; /* the caller's from here on, whatever it answers */
        status = sink->table->give(sink, &buffer);
    } else if (status == CP_OK && reply->len > 0) {
        status = sink->table->write(sink, reply->ptr, reply->len);
    }
    reply_drop(reply);
    return status;
}

void reply_drop(struct reply *reply)
{
    if (!reply->reserved && reply->ptr != reply->small) {
        free(reply->ptr);
    }
    reply_begin(reply);
}
