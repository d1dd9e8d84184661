#include "list.h"

#include "table.h"

#include <stdlib.h>
#include <string.h>

#define FEWEST_ITEMS 4

size_t size_with(size_t head, size_t string)
{
    return string > SIZE_MAX - head ? 0 : head + string;
}

struct kept *kept_new(cp_bytes string)
{
    size_t size = size_with(sizeof(struct kept), string.len);
    struct kept *kept = size == 0 ? NULL : malloc(size);
    if (kept != NULL) {
        kept->len = string.len;
        if (string.len > 0) {
            memcpy(kept->bytes, string.ptr, string.len);
        }
    }
    return kept;
}

cp_bytes kept_bytes(const struct kept *kept)
{
    cp_bytes bytes = {kept->bytes, kept->len};
    return bytes;
}

static bool set_room(struct list *list, size_t room)
{
    if (room > SIZE_MAX / sizeof *list->items) {
        return false;
    }
    struct kept **items = realloc(list->items, room * sizeof *items);
    if (items == NULL) {
        return false;
    }
    list->items = items;
    list->room = room;
    return true;
}

bool list_push(struct list *list, cp_bytes string)
{
    if (list->count == list->room) {
        size_t room = list->room == 0 ? FEWEST_ITEMS : list->room * 2;
        if (room < list->room || !set_room(list, room)) {
            return false;
        }
    }
    struct kept *item = kept_new(string);
    if (item == NULL) {
        return false;
    }
    list->items[list->count++] = item;
    return true;
}

cp_bytes list_item(const struct list *list, size_t index)
{
    return kept_bytes(list->items[list->count - 1 - index]);
}

size_t list_remove(struct list *list, cp_bytes string)
{
    size_t stays = 0;
    for (size_t i = 0; i < list->count; i++) {
        struct kept *item = list->items[i];
        if (bytes_equal(kept_bytes(item), string)) {
            free(item);
        } else {
            list->items[stays++] = item;
        }
    }
    size_t removed = list->count - stays;
    list->count = stays;
    if (stays > FEWEST_ITEMS && stays < list->room / 4) {
        (void)set_room(list, list->room / 2);
    }
    return removed;
}

void list_free(struct list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i]);
    }
    free(list->items);
    list->items = NULL;
    list->count = 0;
    list->room = 0;
}
