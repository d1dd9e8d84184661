#include "text.h"

#include <string.h>

/* How much of a name is shown. */
#define NAME_ROOM 96

void text_begin(struct text *text)
{
    text->len = 0;
}

/* All or nothing: half a word may be half a character. */
static void append(struct text *text, const char *bytes, size_t len)
{
    if (len > 0 && len <= TEXT_ROOM - text->len) {
        memcpy(text->bytes + text->len, bytes, len);
        text->len += len;
    }
}

void text_add(struct text *text, const char *words)
{
    append(text, words, strlen(words));
}

void text_add_number(struct text *text, uint64_t number)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    append(text, digits + at, sizeof digits - at);
}

void text_add_name(struct text *text, const void *ptr, size_t len)
{
    const uint8_t *from = ptr;
    size_t shown = len;
    if (shown > NAME_ROOM) {
        shown = NAME_ROOM;
        while (shown > 0 && (from[shown] & 0xc0) == 0x80) {
            shown--; /* never inside a character */
        }
    }
    char name[NAME_ROOM + 5];
    size_t at = 0;
    name[at++] = '`';
    for (size_t i = 0; i < shown; i++) {
        name[at++] = from[i] < 0x20 || from[i] == 0x7f ? '?' : (char)from[i];
    }
    if (shown < len) {
        memcpy(name + at, "...", 3);
        at += 3;
    }
    name[at++] = '`';
    append(text, name, at);
}
