#include "store.h"

#include <stdlib.h>
#include <string.h>

/* How many buckets each change looks at for what has expired, so that keys which nobody asks for
 * again go as well. */
#define SWEPT_AT_ONCE 4

struct entry {
    struct table_node node;
    enum store_kind kind;
    uint64_t deadline;
    union {
        struct kept *string;
        struct list list;
        struct set set;
    } holds;
    uint8_t key[];
};

void store_init(struct store *store, const struct hash_seed *seed)
{
    table_init(&store->entries, seed);
    store->swept = 0;
}

static void free_contents(struct entry *entry)
{
    switch (entry->kind) {
    case STORE_STRING:
        free(entry->holds.string);
        break;
    case STORE_LIST:
        list_free(&entry->holds.list);
        break;
    case STORE_SET:
        set_free(&entry->holds.set);
        break;
    case STORE_NOTHING:
        break;
    }
}

static void free_entry(struct entry *entry)
{
    free_contents(entry);
    free(entry);
}

void store_free(struct store *store)
{
    struct table_cursor cursor = {0, NULL};
    struct table_node *node;
    while ((node = table_next(&store->entries, &cursor)) != NULL) {
        free_entry((struct entry *)node);
    }
    table_free(&store->entries);
}

static void remove_entry(struct store *store, struct entry *entry)
{
    table_remove(&store->entries, &entry->node);
    table_settle(&store->entries);
    free_entry(entry);
}

static struct entry *find(struct store *store, cp_bytes key, uint64_t now)
{
    struct entry *entry = (struct entry *)table_find(&store->entries, key);
    if (entry != NULL && entry->deadline <= now) {
        remove_entry(store, entry);
        return NULL;
    }
    return entry;
}

/* The key's entry, which has to be of this kind. `*entry` is NULL when the key is missing. */
static enum store_result find_kind(struct store *store, cp_bytes key, enum store_kind kind,
                                   uint64_t now, struct entry **entry)
{
    *entry = find(store, key, now);
    return *entry == NULL || (*entry)->kind == kind ? STORE_OK : STORE_OTHER_KIND;
}

static void sweep(struct store *store, uint64_t now)
{
    struct table *entries = &store->entries;
    for (int i = 0; i < SWEPT_AT_ONCE && entries->bucket_count > 0; i++) {
        store->swept = store->swept < entries->bucket_count ? store->swept : 0;
        struct table_node *node = entries->buckets[store->swept++];
        while (node != NULL) {
            struct entry *entry = (struct entry *)node;
            node = node->next;
            if (entry->deadline <= now) {
                table_remove(entries, &entry->node);
                free_entry(entry);
            }
        }
    }
    table_settle(entries);
}

/* An entry that holds nothing yet, and room for it in the table: insert() cannot fail. */
static struct entry *new_entry(struct store *store, cp_bytes key, uint64_t now)
{
    sweep(store, now);
    size_t size = size_with(sizeof(struct entry), key.len);
    struct entry *entry = size == 0 ? NULL : malloc(size);
    if (entry == NULL || !table_make_room(&store->entries)) {
        free(entry);
        return NULL;
    }
    entry->kind = STORE_NOTHING;
    entry->deadline = STORE_FOREVER;
    if (key.len > 0) {
        memcpy(entry->key, key.ptr, key.len);
    }
    entry->node.key.ptr = entry->key;
    entry->node.key.len = key.len;
    return entry;
}

static void insert(struct store *store, struct entry *entry)
{
    table_insert(&store->entries, &entry->node);
}

enum store_kind store_kind(struct store *store, cp_bytes key, uint64_t now)
{
    const struct entry *entry = find(store, key, now);
    return entry == NULL ? STORE_NOTHING : entry->kind;
}

enum store_result store_string(struct store *store, cp_bytes key, uint64_t now,
                               const struct kept **string)
{
    struct entry *entry;
    enum store_result result = find_kind(store, key, STORE_STRING, now, &entry);
    *string = result == STORE_OK && entry != NULL ? entry->holds.string : NULL;
    return result;
}

/* An optional sign and decimal digits, nothing else, as 32 bits. */
static bool parse_number(cp_bytes string, int32_t *number)
{
    size_t at = 0;
    bool negative = string.len > 0 && string.ptr[0] == '-';
    if (string.len > 0 && (string.ptr[0] == '-' || string.ptr[0] == '+')) {
        at = 1;
    }
    if (at == string.len) {
        return false;
    }
    int64_t magnitude = 0;
    for (; at < string.len; at++) {
        if (string.ptr[at] < '0' || string.ptr[at] > '9') {
            return false;
        }
        magnitude = magnitude * 10 + (string.ptr[at] - '0');
        if (magnitude > (int64_t)INT32_MAX + 1) {
            return false;
        }
    }
    int64_t value = negative ? -magnitude : magnitude;
    *number = (int32_t)(value > INT32_MAX ? 0 : value);
    return value <= INT32_MAX;
}

static struct kept *kept_number(int32_t number)
{
    uint8_t digits[11];
    size_t at = sizeof digits;
    uint32_t left = number < 0 ? 0u - (uint32_t)number : (uint32_t)number;
    do {
        digits[--at] = (uint8_t)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (number < 0) {
        digits[--at] = '-';
    }
    cp_bytes string = {digits + at, sizeof digits - at};
    return kept_new(string);
}

enum store_result store_add(struct store *store, cp_bytes key, int32_t more, uint64_t now,
                            int32_t *total)
{
    struct entry *entry;
    enum store_result result = find_kind(store, key, STORE_STRING, now, &entry);
    if (result != STORE_OK) {
        return result;
    }
    int32_t before = 0;
    if (entry != NULL && !parse_number(kept_bytes(entry->holds.string), &before)) {
        return STORE_NOT_A_NUMBER;
    }
    int64_t sum = (int64_t)before + more;
    if (sum < INT32_MIN || sum > INT32_MAX) {
        return STORE_OVERFLOW;
    }
    struct kept *string = kept_number((int32_t)sum);
    if (string == NULL) {
        return STORE_NO_MEMORY;
    }
    if (entry != NULL) {
        free(entry->holds.string);
        entry->holds.string = string;
    } else {
        entry = new_entry(store, key, now);
        if (entry == NULL) {
            free(string);
            return STORE_NO_MEMORY;
        }
        entry->kind = STORE_STRING;
        entry->holds.string = string;
        insert(store, entry);
    }
    *total = (int32_t)sum;
    return STORE_OK;
}

enum store_result store_set(struct store *store, cp_bytes key, cp_bytes bytes, uint64_t deadline,
                            uint64_t now)
{
    struct kept *string = kept_new(bytes);
    if (string == NULL) {
        return STORE_NO_MEMORY;
    }
    struct entry *entry = find(store, key, now);
    if (entry != NULL) {
        free_contents(entry);
    } else {
        entry = new_entry(store, key, now);
        if (entry == NULL) {
            free(string);
            return STORE_NO_MEMORY;
        }
        insert(store, entry);
    }
    entry->kind = STORE_STRING;
    entry->deadline = deadline;
    entry->holds.string = string;
    return STORE_OK;
}

void store_delete(struct store *store, cp_bytes key, uint64_t now)
{
    struct entry *entry = find(store, key, now);
    if (entry != NULL) {
        remove_entry(store, entry);
    }
}

enum store_result store_list(struct store *store, cp_bytes key, uint64_t now,
                             const struct list **list)
{
    struct entry *entry;
    enum store_result result = find_kind(store, key, STORE_LIST, now, &entry);
    *list = result == STORE_OK && entry != NULL ? &entry->holds.list : NULL;
    return result;
}

enum store_result store_list_push(struct store *store, cp_bytes key, cp_bytes string, uint64_t now,
                                  int32_t *count)
{
    struct entry *entry;
    enum store_result result = find_kind(store, key, STORE_LIST, now, &entry);
    if (result != STORE_OK) {
        return result;
    }
    if (entry != NULL) {
        if (entry->holds.list.count >= INT32_MAX) {
            return STORE_FULL;
        }
        if (!list_push(&entry->holds.list, string)) {
            return STORE_NO_MEMORY;
        }
    } else {
        entry = new_entry(store, key, now);
        if (entry == NULL) {
            return STORE_NO_MEMORY;
        }
        entry->kind = STORE_LIST;
        entry->holds.list = (struct list){NULL, 0, 0};
        if (!list_push(&entry->holds.list, string)) {
            free_entry(entry);
            return STORE_NO_MEMORY;
        }
        insert(store, entry);
    }
    *count = (int32_t)entry->holds.list.count;
    return STORE_OK;
}

enum store_result store_list_remove(struct store *store, cp_bytes key, cp_bytes string,
                                    uint64_t now, int32_t *removed)
{
    struct entry *entry;
    *removed = 0;
    enum store_result result = find_kind(store, key, STORE_LIST, now, &entry);
    if (result == STORE_OK && entry != NULL) {
        *removed = (int32_t)list_remove(&entry->holds.list, string);
        if (entry->holds.list.count == 0) {
            remove_entry(store, entry);
        }
    }
    return result;
}

enum store_result store_list_clear(struct store *store, cp_bytes key, uint64_t now)
{
    struct entry *entry;
    enum store_result result = find_kind(store, key, STORE_LIST, now, &entry);
    if (result == STORE_OK && entry != NULL) {
        remove_entry(store, entry);
    }
    return result;
}

enum store_result store_members(struct store *store, cp_bytes key, uint64_t now,
                                const struct set **set)
{
    struct entry *entry;
    enum store_result result = find_kind(store, key, STORE_SET, now, &entry);
    *set = result == STORE_OK && entry != NULL ? &entry->holds.set : NULL;
    return result;
}

enum store_result store_member_add(struct store *store, cp_bytes key, cp_bytes member, uint64_t now,
                                   int32_t *changed)
{
    struct entry *entry;
    *changed = 0;
    enum store_result result = find_kind(store, key, STORE_SET, now, &entry);
    if (result != STORE_OK) {
        return result;
    }
    if (entry != NULL) {
        if (set_has(&entry->holds.set, member)) {
            return STORE_OK;
        }
        if (!set_add(&entry->holds.set, member)) {
            return STORE_NO_MEMORY;
        }
    } else {
        entry = new_entry(store, key, now);
        if (entry == NULL) {
            return STORE_NO_MEMORY;
        }
        entry->kind = STORE_SET;
        set_init(&entry->holds.set, &store->entries.seed);
        if (!set_add(&entry->holds.set, member)) {
            free_entry(entry);
            return STORE_NO_MEMORY;
        }
        insert(store, entry);
    }
    *changed = 1;
    return STORE_OK;
}

enum store_result store_member_remove(struct store *store, cp_bytes key, cp_bytes member,
                                      uint64_t now, int32_t *changed)
{
    struct entry *entry;
    *changed = 0;
    enum store_result result = find_kind(store, key, STORE_SET, now, &entry);
    if (result == STORE_OK && entry != NULL && set_remove(&entry->holds.set, member)) {
        *changed = 1;
        if (entry->holds.set.members.count == 0) {
            remove_entry(store, entry);
        }
    }
    return result;
}
