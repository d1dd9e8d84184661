#include "msgpack.h"

static bool is_utf8(const uint8_t *at, size_t len)
{
    size_t i = 0;
    while (i < len) {
        uint8_t first = at[i++];
        if (first < 0x80) {
            continue;
        }
        /* Each length's first continuation byte has a narrower range at its ends: no overlong
         * forms, no surrogates, nothing above U+10FFFF. */
        size_t more;
        uint8_t low = 0x80;
        uint8_t high = 0xbf;
        if (first >= 0xc2 && first <= 0xdf) {
            more = 1;
        } else if (first >= 0xe0 && first <= 0xef) {
            more = 2;
            low = first == 0xe0 ? 0xa0 : 0x80;
            high = first == 0xed ? 0x9f : 0xbf;
        } else if (first >= 0xf0 && first <= 0xf4) {
            more = 3;
            low = first == 0xf0 ? 0x90 : 0x80;
            high = first == 0xf4 ? 0x8f : 0xbf;
        } else {
            return false;
        }
        if (len - i < more || at[i] < low || at[i] > high) {
            return false;
        }
        for (size_t k = 1; k < more; k++) {
            if ((at[i + k] & 0xc0) != 0x80) {
                return false;
            }
        }
        i += more;
    }
    return true;
}

static const uint8_t *take(struct mp_reader *reader, uint64_t len)
{
    if (len > reader->left) {
        return NULL;
    }
    const uint8_t *taken = reader->at;
    reader->at += (size_t)len;
    reader->left -= (size_t)len;
    return taken;
}

static bool take_number(struct mp_reader *reader, unsigned width, uint64_t *number)
{
    const uint8_t *bytes = take(reader, width);
    if (bytes == NULL) {
        return false;
    }
    *number = 0;
    for (unsigned i = 0; i < width; i++) {
        *number = *number << 8 | bytes[i];
    }
    return true;
}

static enum mp_error take_bytes(struct mp_reader *reader, enum mp_type type, uint64_t len,
                                struct mp_value *value)
{
    value->type = type;
    value->bytes.ptr = take(reader, len);
    if (value->bytes.ptr == NULL) {
        return MP_TRUNCATED;
    }
    value->bytes.len = (size_t)len;
    return type == MP_STRING && !is_utf8(value->bytes.ptr, value->bytes.len) ? MP_NOT_UTF8 : MP_OK;
}

static enum mp_error take_count(struct mp_reader *reader, enum mp_type type, uint64_t count,
                                struct mp_value *value)
{
    value->type = type;
    /* An element takes a byte at least: a count that cannot be true is refused before its use. */
    if (count > reader->left / (type == MP_MAP ? 2 : 1)) {
        return MP_TRUNCATED;
    }
    value->count = (size_t)count;
    return MP_OK;
}

/* The value of a two's complement number of `width` bytes. */
static int64_t sign_extended(uint64_t number, unsigned width)
{
    uint64_t sign = UINT64_C(1) << (8 * width - 1);
    if ((number & sign) == 0) {
        return (int64_t)number;
    }
    return -(int64_t)(sign - 1 - (number & (sign - 1))) - 1;
}

/* The markers 0xc0 to 0xdf, which have no value inside them. */
static enum mp_error next_marked(struct mp_reader *reader, uint8_t marker, struct mp_value *value)
{
    uint64_t number = 0;
    unsigned width;
    switch (marker) {
    case 0xc0:
        value->type = MP_NIL;
        return MP_OK;
    case 0xc1:
        return MP_RESERVED;
    case 0xc2:
    case 0xc3:
        value->type = MP_BOOL;
        value->boolean = marker == 0xc3;
        return MP_OK;
    case 0xc4:
    case 0xc5:
    case 0xc6:
        return take_number(reader, 1u << (marker - 0xc4), &number)
                   ? take_bytes(reader, MP_BYTES, number, value)
                   : MP_TRUNCATED;
    case 0xc7:
    case 0xc8:
    case 0xc9: /* the extension's own type is one byte more */
        return take_number(reader, 1u << (marker - 0xc7), &number)
                   ? take_bytes(reader, MP_EXTENSION, number + 1, value)
                   : MP_TRUNCATED;
    case 0xca:
    case 0xcb:
        value->type = MP_FLOAT;
        return take(reader, marker == 0xca ? 4 : 8) == NULL ? MP_TRUNCATED : MP_OK;
    case 0xcc:
    case 0xcd:
    case 0xce:
    case 0xcf:
        value->type = MP_INTEGER;
        if (!take_number(reader, 1u << (marker - 0xcc), &number)) {
            return MP_TRUNCATED;
        }
        value->integer = number > INT64_MAX ? INT64_MAX : (int64_t)number;
        return MP_OK;
    case 0xd0:
    case 0xd1:
    case 0xd2:
    case 0xd3:
        value->type = MP_INTEGER;
        width = 1u << (marker - 0xd0);
        if (!take_number(reader, width, &number)) {
            return MP_TRUNCATED;
        }
        value->integer = sign_extended(number, width);
        return MP_OK;
    case 0xd4:
    case 0xd5:
    case 0xd6:
    case 0xd7:
    case 0xd8:
        return take_bytes(reader, MP_EXTENSION, (1u << (marker - 0xd4)) + 1, value);
    case 0xd9:
    case 0xda:
    case 0xdb:
        return take_number(reader, 1u << (marker - 0xd9), &number)
                   ? take_bytes(reader, MP_STRING, number, value)
                   : MP_TRUNCATED;
    case 0xdc:
    case 0xdd:
        return take_number(reader, marker == 0xdc ? 2 : 4, &number)
                   ? take_count(reader, MP_ARRAY, number, value)
                   : MP_TRUNCATED;
    default: /* 0xde, 0xdf */
        return take_number(reader, marker == 0xde ? 2 : 4, &number)
                   ? take_count(reader, MP_MAP, number, value)
                   : MP_TRUNCATED;
    }
}

enum mp_error mp_next(struct mp_reader *reader, struct mp_value *value)
{
    *value = (struct mp_value){.type = MP_NIL};
    const uint8_t *head = take(reader, 1);
    if (head == NULL) {
        return MP_TRUNCATED;
    }
    uint8_t marker = *head;
    if (marker <= 0x7f || marker >= 0xe0) {
        value->type = MP_INTEGER;
        value->integer = marker <= 0x7f ? marker : marker - 0x100;
        return MP_OK;
    }
    if (marker <= 0x8f) {
        return take_count(reader, MP_MAP, marker & 0x0f, value);
    }
    if (marker <= 0x9f) {
        return take_count(reader, MP_ARRAY, marker & 0x0f, value);
    }
    if (marker <= 0xbf) {
        return take_bytes(reader, MP_STRING, marker & 0x1f, value);
    }
    return next_marked(reader, marker, value);
}

enum mp_error mp_skip(struct mp_reader *reader, unsigned depth)
{
    /* pending[n]: how many values are to come at depth n. */
    uint64_t pending[MP_DEPTH_LIMIT + 1] = {0};
    unsigned level = depth;
    pending[level] = 1;
    for (;;) {
        while (pending[level] == 0) {
            if (level == depth) {
                return MP_OK;
            }
            level--;
        }
        pending[level]--;
        struct mp_value value;
        enum mp_error error = mp_next(reader, &value);
        if (error != MP_OK) {
            return error;
        }
        if (value.type == MP_ARRAY || value.type == MP_MAP) {
            if (level == MP_DEPTH_LIMIT) {
                return MP_TOO_DEEP;
            }
            level++;
            pending[level] = value.type == MP_MAP ? (uint64_t)value.count * 2 : value.count;
        }
    }
}

const char *mp_type_name(enum mp_type type)
{
    switch (type) {
    case MP_NIL:
        return "nil";
    case MP_BOOL:
        return "a boolean";
    case MP_INTEGER:
        return "an integer";
    case MP_FLOAT:
        return "a float";
    case MP_STRING:
        return "a string";
    case MP_BYTES:
        return "bytes";
    case MP_ARRAY:
        return "an array";
    case MP_MAP:
        return "a map";
    case MP_EXTENSION:
        break;
    }
    return "an extension";
}

const char *mp_error_text(enum mp_error error)
{
    switch (error) {
    case MP_OK:
        break;
    case MP_TRUNCATED:
        return "the payload ends inside a value";
    case MP_RESERVED:
        return "the payload holds the reserved byte 0xc1";
    case MP_NOT_UTF8:
        return "a string is not UTF-8";
    case MP_TOO_DEEP:
        return "the payload is nested deeper than 64";
    }
    return "the payload is in order";
}
