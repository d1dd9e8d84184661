/* Reading MessagePack from a slice: bounded in depth and length, nothing allocated or copied. */
#ifndef MSGPACK_H
#define MSGPACK_H

#include "capability_provider.h"

#include <stdbool.h>

/* Arrays and maps inside one another; the outermost counts as 1. */
#define MP_DEPTH_LIMIT 64u

enum mp_error {
    MP_OK,
    MP_TRUNCATED, /* the bytes end before what they announce */
    MP_RESERVED,  /* 0xc1, which means nothing */
    MP_NOT_UTF8,
    MP_TOO_DEEP
};

enum mp_type {
    MP_NIL,
    MP_BOOL,
    MP_INTEGER,
    MP_FLOAT,
    MP_STRING,
    MP_BYTES,
    MP_ARRAY,
    MP_MAP,
    MP_EXTENSION
};

/* A value without its elements: those of an array or map follow in the reader. */
struct mp_value {
    enum mp_type type;
    bool boolean;
    int64_t integer; /* INT64_MAX stands for everything above */
    cp_bytes bytes;  /* of a string, bytes, an extension: inside the slice that is read */
    size_t count;    /* elements of an array, entries of a map; never more than can be there */
};

struct mp_reader {
    const uint8_t *at;
    size_t left;
};

enum mp_error mp_next(struct mp_reader *reader, struct mp_value *value);

/* Reads over a whole value, checking all of it. `depth`: how many arrays and maps it is inside. */
enum mp_error mp_skip(struct mp_reader *reader, unsigned depth);

/* "a string", "an integer", ... */
const char *mp_type_name(enum mp_type type);

/* What the error says of the payload: "it ends inside a value", ... */
const char *mp_error_text(enum mp_error error);

#endif
