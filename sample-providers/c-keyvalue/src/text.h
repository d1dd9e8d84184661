/* The sentence that says why a call failed: short, UTF-8 whatever went into it, on the stack. */
#ifndef TEXT_H
#define TEXT_H

#include "capability_provider.h"

#define TEXT_ROOM 512

struct text {
    size_t len;
    char bytes[TEXT_ROOM];
};

void text_begin(struct text *text);

/* Appends words of our own. */
void text_add(struct text *text, const char *words);

void text_add_number(struct text *text, uint64_t number);

/* Appends somebody else's UTF-8 in backticks: a long one is cut, control characters become `?`. */
void text_add_name(struct text *text, const void *ptr, size_t len);

#endif
