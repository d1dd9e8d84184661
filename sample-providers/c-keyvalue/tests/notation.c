#include "notation.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct writer {
    uint8_t *at;
    size_t left;
};

static void put(struct writer *w, uint8_t byte)
{
    if (w->left == 0) {
        fprintf(stderr, "notation: no room\n");
        exit(2);
    }
    *w->at++ = byte;
    w->left--;
}

static void put_marked(struct writer *w, unsigned marker, uint64_t number, unsigned width)
{
    put(w, (uint8_t)marker);
    while (width > 0) {
        put(w, (uint8_t)(number >> (8 * --width)));
    }
}

static void put_count(struct writer *w, unsigned marker, unsigned marker16, size_t count)
{
    if (count <= 15) {
        put(w, (uint8_t)(marker | count));
    } else {
        put_marked(w, marker16, count, 2);
    }
}

static void put_string(struct writer *w, const char *string, size_t len)
{
    if (len <= 31) {
        put(w, (uint8_t)(0xa0 | len));
    } else if (len <= 255) {
        put_marked(w, 0xd9, len, 1);
    } else if (len <= 65535) {
        put_marked(w, 0xda, len, 2);
    } else {
        put_marked(w, 0xdb, len, 4);
    }
    for (size_t i = 0; i < len; i++) {
        put(w, (uint8_t)string[i]);
    }
}

static void put_integer(struct writer *w, int64_t number)
{
    if (number >= -32 && number <= 127) {
        put(w, (uint8_t)number);
    } else if (number >= 0) {
        unsigned p = number <= 255 ? 0 : number <= 65535 ? 1 : number <= UINT32_MAX ? 2 : 3;
        put_marked(w, 0xcc + p, (uint64_t)number, 1u << p);
    } else {
        unsigned p = number >= -128 ? 0 : number >= -32768 ? 1 : number >= INT32_MIN ? 2 : 3;
        put_marked(w, 0xd0 + p, (uint64_t)number, 1u << p);
    }
}

/* How many elements follow up to the closing bracket of this level. */
static size_t elements(const char *at)
{
    size_t count = *at == '}' || *at == ']' ? 0 : 1;
    int level = 0;
    int quoted = 0;
    for (; *at != '\0' && level >= 0; at++) {
        if (*at == '\'') {
            quoted = !quoted;
        } else if (!quoted && (*at == '{' || *at == '[')) {
            level++;
        } else if (!quoted && (*at == '}' || *at == ']')) {
            level--;
        } else if (!quoted && *at == ',' && level == 0) {
            count++;
        }
    }
    return count;
}

static const char *encode(const char *at, struct writer *w)
{
    if (*at == '{' || *at == '[') {
        int map = *at++ == '{';
        size_t count = elements(at);
        put_count(w, map ? 0x80 : 0x90, map ? 0xde : 0xdc, count);
        for (size_t i = 0; i < count; i++) {
            if (map) {
                size_t len = strcspn(at, ":");
                put_string(w, at, len);
                at += len + 1;
            }
            at = encode(at, w);
            at += i + 1 < count; /* the comma */
        }
        return at + 1;
    }
    if (*at == '\'') {
        size_t len = strcspn(at + 1, "'");
        put_string(w, at + 1, len);
        return at + len + 2;
    }
    if (strncmp(at, "true", 4) == 0) {
        put(w, 0xc3);
        return at + 4;
    }
    if (strncmp(at, "false", 5) == 0) {
        put(w, 0xc2);
        return at + 5;
    }
    if (strncmp(at, "nil", 3) == 0) {
        put(w, 0xc0);
        return at + 3;
    }
    char *end;
    put_integer(w, strtoll(at, &end, 10));
    if (end == at) {
        fprintf(stderr, "notation: %s\n", at);
        exit(2);
    }
    return end;
}

size_t notation_encode(const char *notation, uint8_t *bytes, size_t room)
{
    struct writer w = {bytes, room};
    if (*encode(notation, &w) != '\0') {
        fprintf(stderr, "notation: something follows in %s\n", notation);
        exit(2);
    }
    return room - w.left;
}

struct printer {
    const uint8_t *at;
    size_t left;
    char *text;
    size_t room;
};

static void print(struct printer *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void print(struct printer *p, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int len = vsnprintf(p->text, p->room, format, list);
    va_end(list);
    size_t used = (size_t)len < p->room ? (size_t)len : p->room - 1;
    p->text += used;
    p->room -= used;
}

static uint64_t number(struct printer *p, unsigned width)
{
    uint64_t number = 0;
    for (; width > 0 && p->left > 0; width--, p->left--) {
        number = number << 8 | *p->at++;
    }
    return number;
}

static void decode(struct printer *p);

static void decode_elements(struct printer *p, size_t count, int map)
{
    print(p, map ? "{" : "[");
    for (size_t i = 0; i < count && p->left > 0; i++) {
        print(p, i > 0 ? "," : "");
        if (map) {
            size_t len = number(p, 1) & 0x1f; /* names are short */
            print(p, "%.*s:", (int)len, (const char *)p->at);
            p->at += len;
            p->left -= len;
        }
        decode(p);
    }
    print(p, map ? "}" : "]");
}

static void decode_string(struct printer *p, size_t len, size_t least)
{
    if (len > p->left || len < least) {
        print(p, "(string of %zu bytes)", len);
        len = len > p->left ? p->left : len;
    } else {
        print(p, "'%.*s'", (int)len, (const char *)p->at);
    }
    p->at += len;
    p->left -= len;
}

static void decode(struct printer *p)
{
    unsigned marker = (unsigned)number(p, 1);
    if (marker <= 0x7f || marker >= 0xe0) {
        print(p, "%d", marker <= 0x7f ? (int)marker : (int)marker - 0x100);
    } else if (marker <= 0x8f) {
        decode_elements(p, marker & 0x0f, 1);
    } else if (marker <= 0x9f) {
        decode_elements(p, marker & 0x0f, 0);
    } else if (marker <= 0xbf) {
        decode_string(p, marker & 0x1f, 0);
    } else if (marker == 0xc2 || marker == 0xc3) {
        print(p, marker == 0xc3 ? "true" : "false");
    } else if (marker >= 0xcc && marker <= 0xce) {
        static const uint64_t least[] = {128, 256, 65536};
        uint64_t n = number(p, 1u << (marker - 0xcc));
        print(p, n < least[marker - 0xcc] ? "(long)%" PRIu64 : "%" PRIu64, n);
    } else if (marker >= 0xd0 && marker <= 0xd2) {
        static const int64_t most[] = {-33, -129, -32769};
        unsigned width = 1u << (marker - 0xd0);
        int64_t n = (int64_t)number(p, width) - (INT64_C(1) << (8 * width));
        print(p, n > most[marker - 0xd0] ? "(long)%" PRId64 : "%" PRId64, n);
    } else if (marker == 0xd9) {
        decode_string(p, (size_t)number(p, 1), 32);
    } else if (marker == 0xda) {
        decode_string(p, (size_t)number(p, 2), 256);
    } else if (marker == 0xdb) {
        decode_string(p, (size_t)number(p, 4), 65536);
    } else if (marker == 0xdc) {
        decode_elements(p, (size_t)number(p, 2), 0);
    } else {
        print(p, "(marker %02x)", marker);
    }
}

void notation_decode(const uint8_t *bytes, size_t len, char *notation, size_t room)
{
    struct printer p = {bytes, len, notation, room};
    notation[0] = '\0';
    if (len == 0) {
        print(&p, "(none)");
        return;
    }
    decode(&p);
    if (p.left > 0) {
        print(&p, "(%zu bytes more)", p.left);
    }
}

size_t hex_decode(const char *hex, uint8_t *bytes, size_t room)
{
    size_t len = strlen(hex) / 2;
    for (size_t i = 0; i < len && i < room; i++) {
        unsigned byte;
        if (sscanf(hex + 2 * i, "%2x", &byte) != 1) {
            exit(2);
        }
        bytes[i] = (uint8_t)byte;
    }
    return len;
}
