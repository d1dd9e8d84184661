/* Strings that are kept, and lists of them. */
#ifndef LIST_H
#define LIST_H

#include "capability_provider.h"

#include <stdbool.h>

/* A string of our own; free() frees it. */
struct kept {
    size_t len;
    uint8_t bytes[];
};

/* A copy, NULL when there is no memory. */
struct kept *kept_new(cp_bytes string);

cp_bytes kept_bytes(const struct kept *kept);

/* The size of a structure of `head` bytes with a string at its end, 0 when that is no size. */
size_t size_with(size_t head, size_t string);

/* A list grows at its head, so the head is the end of the array. */
struct list {
    struct kept **items;
    size_t count;
    size_t room;
};

/* Adds a copy at the head. false: no memory, and nothing changed. */
bool list_push(struct list *list, cp_bytes string);

/* Item `index`, counted from the head, which is 0. */
cp_bytes list_item(const struct list *list, size_t index);

/* Removes every item that is equal to `string` and returns how many. */
size_t list_remove(struct list *list, cp_bytes string);

void list_free(struct list *list);

#endif
