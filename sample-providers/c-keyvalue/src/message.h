/* Requests: structures of named fields, read by a description of the fields. */
#ifndef MESSAGE_H
#define MESSAGE_H

#include "msgpack.h"
#include "text.h"

#define MESSAGE_FIELDS 3 /* no request of this contract has more */

enum field_type {
    FIELD_STRING,
    FIELD_INT32,
    FIELD_BOOLEAN,
    FIELD_STRINGS,    /* [str] */
    FIELD_STRING_MAP  /* {str: str} */
};

struct field {
    const char *name;
    enum field_type type;
    bool optional; /* only the last fields may be */
};

/* What a field held. Strings stay where they are, in the payload. */
struct field_value {
    bool there;
    int32_t number;
    cp_bytes string;
    struct mp_reader strings; /* checked already: `count` strings, or twice as many of a map */
    size_t count;
};

/* Reads the whole payload into values[0 .. count - 1]. CP_BAD_REQUEST, and `why` says it: what is
 * there is not what the fields describe. */
cp_status message_read(cp_bytes payload, const struct field *fields, size_t count,
                       struct field_value *values, struct text *why);

/* The next of a field's strings. To be called as often as there are strings. */
cp_bytes strings_next(struct mp_reader *strings);

#endif
