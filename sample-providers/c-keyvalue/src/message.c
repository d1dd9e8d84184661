#include "message.h"

#include <string.h>

static cp_status bad(struct text *why, const char *words)
{
    text_add(why, words);
    return CP_BAD_REQUEST;
}

static cp_status bad_field(struct text *why, const struct field *field, const char *words)
{
    text_add(why, "field ");
    text_add_name(why, field->name, strlen(field->name));
    return bad(why, words);
}

static cp_status bad_type(struct text *why, const struct field *field, const char *holds,
                          enum mp_type found, const char *wanted)
{
    (void)bad_field(why, field, holds);
    text_add(why, mp_type_name(found));
    text_add(why, ", ");
    return bad(why, wanted);
}

static const char *wanted_of(enum field_type type)
{
    switch (type) {
    case FIELD_STRING:
        return "a string is wanted";
    case FIELD_INT32:
        return "an integer is wanted";
    case FIELD_BOOLEAN:
        return "a boolean is wanted";
    case FIELD_STRINGS:
        return "an array of strings is wanted";
    case FIELD_STRING_MAP:
        break;
    }
    return "a map of strings is wanted";
}

static cp_status read_strings(struct mp_reader *reader, const struct field *field, size_t count,
                              struct field_value *value, struct text *why)
{
    value->strings = *reader;
    for (size_t i = 0; i < count; i++) {
        struct mp_value element;
        enum mp_error error = mp_next(reader, &element);
        if (error != MP_OK) {
            return bad(why, mp_error_text(error));
        }
        if (element.type != MP_STRING) {
            return bad_type(why, field, " holds ", element.type, wanted_of(field->type));
        }
    }
    return CP_OK;
}

static cp_status read_field(struct mp_reader *reader, const struct field *field,
                            struct field_value *value, struct text *why)
{
    static const enum mp_type types[] = {
        [FIELD_STRING] = MP_STRING,   [FIELD_INT32] = MP_INTEGER, [FIELD_BOOLEAN] = MP_BOOL,
        [FIELD_STRINGS] = MP_ARRAY,   [FIELD_STRING_MAP] = MP_MAP,
    };
    if (value->there) {
        return bad_field(why, field, " is there twice");
    }
    struct mp_value read;
    enum mp_error error = mp_next(reader, &read);
    if (error != MP_OK) {
        return bad(why, mp_error_text(error));
    }
    if (read.type != types[field->type]) {
        return bad_type(why, field, " is ", read.type, wanted_of(field->type));
    }
    value->there = true;
    value->string = read.bytes;
    value->count = read.count;
    switch (field->type) {
    case FIELD_INT32:
        if (read.integer < INT32_MIN || read.integer > INT32_MAX) {
            return bad_field(why, field, " does not fit 32 bits");
        }
        value->number = (int32_t)read.integer;
        return CP_OK;
    case FIELD_STRINGS:
        return read_strings(reader, field, read.count, value, why);
    case FIELD_STRING_MAP:
        return read_strings(reader, field, read.count * 2, value, why);
    case FIELD_STRING:
    case FIELD_BOOLEAN:
        break;
    }
    return CP_OK;
}

static cp_status read_map(struct mp_reader *reader, size_t entries, const struct field *fields,
                          size_t count, struct field_value *values, struct text *why)
{
    for (size_t entry = 0; entry < entries; entry++) {
        struct mp_value name;
        enum mp_error error = mp_next(reader, &name);
        if (error != MP_OK) {
            return bad(why, mp_error_text(error));
        }
        if (name.type != MP_STRING) {
            text_add(why, "the name of a field is ");
            text_add(why, mp_type_name(name.type));
            return bad(why, ", a string is wanted");
        }
        size_t i = 0;
        while (i < count && !(strlen(fields[i].name) == name.bytes.len &&
                              memcmp(fields[i].name, name.bytes.ptr, name.bytes.len) == 0)) {
            i++;
        }
        if (i < count) {
            cp_status status = read_field(reader, &fields[i], &values[i], why);
            if (status != CP_OK) {
                return status;
            }
        } else {
            error = mp_skip(reader, 1);
            if (error != MP_OK) {
                return bad(why, mp_error_text(error));
            }
        }
    }
    return CP_OK;
}

static cp_status read_array(struct mp_reader *reader, size_t elements, const struct field *fields,
                            size_t count, struct field_value *values, struct text *why)
{
    if (elements > count) {
        text_add(why, "the array has ");
        text_add_number(why, elements);
        text_add(why, " elements, the message has ");
        text_add_number(why, count);
        return bad(why, " fields");
    }
    for (size_t i = 0; i < elements; i++) {
        cp_status status = read_field(reader, &fields[i], &values[i], why);
        if (status != CP_OK) {
            return status;
        }
    }
    return CP_OK;
}

cp_status message_read(cp_bytes payload, const struct field *fields, size_t count,
                       struct field_value *values, struct text *why)
{
    for (size_t i = 0; i < count; i++) {
        values[i] = (struct field_value){.there = false};
    }
    if (payload.len == 0) {
        return bad(why, "the payload is empty");
    }
    struct mp_reader reader = {payload.ptr, payload.len};
    struct mp_value message;
    enum mp_error error = mp_next(&reader, &message);
    if (error != MP_OK) {
        return bad(why, mp_error_text(error));
    }
    cp_status status;
    if (message.type == MP_MAP) {
        status = read_map(&reader, message.count, fields, count, values, why);
    } else if (message.type == MP_ARRAY) {
        status = read_array(&reader, message.count, fields, count, values, why);
    } else {
        text_add(why, "the payload is ");
        text_add(why, mp_type_name(message.type));
        status = bad(why, ", a map is wanted");
    }
    if (status != CP_OK) {
        return status;
    }
    for (size_t i = 0; i < count; i++) {
        if (!values[i].there && !fields[i].optional) {
            return bad_field(why, &fields[i], " is missing");
        }
    }
    if (reader.left > 0) {
        text_add(why, "bytes that follow the message: ");
        text_add_number(why, reader.left);
        return CP_BAD_REQUEST;
    }
    return CP_OK;
}

cp_bytes strings_next(struct mp_reader *strings)
{
    struct mp_value value;
    (void)mp_next(strings, &value);
    return value.bytes;
}
