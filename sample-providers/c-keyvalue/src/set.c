#include "set.h"

#include "list.h"

#include <stdlib.h>
#include <string.h>

struct member {
    struct table_node node;
    uint8_t bytes[];
};

void set_init(struct set *set, const struct hash_seed *seed)
{
    table_init(&set->members, seed);
}

void set_free(struct set *set)
{
    struct table_cursor cursor = {0, NULL};
    struct table_node *node;
    while ((node = table_next(&set->members, &cursor)) != NULL) {
        free(node);
    }
    table_free(&set->members);
}

bool set_has(const struct set *set, cp_bytes member)
{
    return table_find(&set->members, member) != NULL;
}

static struct member *member_new(cp_bytes bytes)
{
    size_t size = size_with(sizeof(struct member), bytes.len);
    struct member *member = size == 0 ? NULL : malloc(size);
    if (member != NULL) {
        if (bytes.len > 0) {
            memcpy(member->bytes, bytes.ptr, bytes.len);
        }
        member->node.key.ptr = member->bytes;
        member->node.key.len = bytes.len;
    }
    return member;
}

bool set_add(struct set *set, cp_bytes bytes)
{
    if (!table_make_room(&set->members)) {
        return false;
    }
    struct member *member = member_new(bytes);
    if (member == NULL) {
        return false;
    }
    table_insert(&set->members, &member->node);
    return true;
}

bool set_remove(struct set *set, cp_bytes member)
{
    struct table_node *node = table_find(&set->members, member);
    if (node == NULL) {
        return false;
    }
    table_remove(&set->members, node);
    table_settle(&set->members);
    free(node);
    return true;
}

static int compare_bytes(const void *left, const void *right)
{
    const cp_bytes *a = left;
    const cp_bytes *b = right;
    size_t shorter = a->len < b->len ? a->len : b->len;
    int order = shorter == 0 ? 0 : memcmp(a->ptr, b->ptr, shorter);
    if (order != 0) {
        return order;
    }
    return (a->len > b->len) - (a->len < b->len);
}

static int compare_sets(const void *left, const void *right)
{
    uintptr_t a = (uintptr_t)*(const struct set *const *)left;
    uintptr_t b = (uintptr_t)*(const struct set *const *)right;
    return (a > b) - (a < b);
}

/* Leaves each set once: a request may name one set a million times. */
static size_t distinct(const struct set **sets, size_t count)
{
    if (count < 2) {
        return count;
    }
    qsort(sets, count, sizeof *sets, compare_sets);
    size_t stays = 1;
    for (size_t i = 1; i < count; i++) {
        if (sets[i] != sets[stays - 1]) {
            sets[stays++] = sets[i];
        }
    }
    return stays;
}

/* Room for `most` members. No room is needed for none. */
static bool members_begin(struct members *members, size_t most)
{
    members->count = 0;
    members->list = NULL;
    if (most > SIZE_MAX / sizeof *members->list) {
        return false;
    }
    if (most > 0) {
        members->list = malloc(most * sizeof *members->list);
    }
    return most == 0 || members->list != NULL;
}

static void members_sort(struct members *members)
{
    if (members->count > 1) {
        qsort(members->list, members->count, sizeof *members->list, compare_bytes);
    }
}

bool set_union(const struct set **sets, size_t count, struct members *members)
{
    count = distinct(sets, count);
    size_t most = 0;
    for (size_t i = 0; i < count; i++) {
        most += sets[i] == NULL ? 0 : sets[i]->members.count;
    }
    if (!members_begin(members, most)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        struct table_cursor cursor = {0, NULL};
        const struct table_node *node;
        while (sets[i] != NULL && (node = table_next(&sets[i]->members, &cursor)) != NULL) {
            members->list[members->count++] = node->key;
        }
    }
    members_sort(members);
    size_t stays = 0;
    for (size_t i = 0; i < members->count; i++) {
        if (stays == 0 || !bytes_equal(members->list[i], members->list[stays - 1])) {
            members->list[stays++] = members->list[i];
        }
    }
    members->count = stays;
    return true;
}

bool set_intersection(const struct set **sets, size_t count, struct members *members)
{
    count = distinct(sets, count);
    const struct set *smallest = count == 0 ? NULL : sets[0];
    for (size_t i = 0; i < count && smallest != NULL; i++) {
        if (sets[i] == NULL || sets[i]->members.count < smallest->members.count) {
            smallest = sets[i];
        }
    }
    if (!members_begin(members, smallest == NULL ? 0 : smallest->members.count)) {
        return false;
    }
    struct table_cursor cursor = {0, NULL};
    const struct table_node *node;
    while (smallest != NULL && (node = table_next(&smallest->members, &cursor)) != NULL) {
        size_t i = 0;
        while (i < count && set_has(sets[i], node->key)) {
            i++;
        }
        if (i == count) {
            members->list[members->count++] = node->key;
        }
    }
    members_sort(members);
    return true;
}
