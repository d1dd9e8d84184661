#include "table.h"

#include <stdlib.h>
#include <string.h>

#define FEWEST_BUCKETS 8

bool bytes_equal(cp_bytes a, cp_bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

void table_init(struct table *table, const struct hash_seed *seed)
{
    table->buckets = NULL;
    table->bucket_count = 0;
    table->count = 0;
    table->seed = *seed;
}

void table_free(struct table *table)
{
    free(table->buckets);
    table->buckets = NULL;
    table->bucket_count = 0;
    table->count = 0;
}

static struct table_node **bucket_of(const struct table *table, uint64_t hash)
{
    return &table->buckets[(size_t)hash & (table->bucket_count - 1)];
}

struct table_node *table_find(const struct table *table, cp_bytes key)
{
    if (table->count == 0) {
        return NULL;
    }
    uint64_t hash = siphash(&table->seed, key);
    struct table_node *node = *bucket_of(table, hash);
    while (node != NULL && !(node->hash == hash && bytes_equal(node->key, key))) {
        node = node->next;
    }
    return node;
}

static void link_in(struct table *table, struct table_node *node)
{
    struct table_node **bucket = bucket_of(table, node->hash);
    node->next = *bucket;
    *bucket = node;
}

static bool resize(struct table *table, size_t bucket_count)
{
    struct table_node **old = table->buckets;
    size_t old_count = table->bucket_count;
    struct table_node **buckets = calloc(bucket_count, sizeof *buckets);
    if (buckets == NULL) {
        return false;
    }
    table->buckets = buckets;
    table->bucket_count = bucket_count;
    for (size_t i = 0; i < old_count; i++) {
        struct table_node *node = old[i];
        while (node != NULL) {
            struct table_node *next = node->next;
            link_in(table, node);
            node = next;
        }
    }
    free(old);
    return true;
}

bool table_make_room(struct table *table)
{
    if (table->count < table->bucket_count) {
        return true;
    }
    if (table->bucket_count == 0) {
        return resize(table, FEWEST_BUCKETS);
    }
    if (table->bucket_count <= SIZE_MAX / 2 / sizeof(struct table_node *)) {
        /* When this fails the chains get longer, which is no reason to refuse a node. */
        (void)resize(table, table->bucket_count * 2);
    }
    return true;
}

void table_insert(struct table *table, struct table_node *node)
{
    node->hash = siphash(&table->seed, node->key);
    link_in(table, node);
    table->count++;
}

void table_remove(struct table *table, struct table_node *node)
{
    struct table_node **at = bucket_of(table, node->hash);
    while (*at != node) {
        at = &(*at)->next;
    }
    *at = node->next;
    table->count--;
}

void table_settle(struct table *table)
{
    if (table->count == 0) {
        table_free(table);
    } else if (table->bucket_count > FEWEST_BUCKETS && table->count < table->bucket_count / 8) {
        (void)resize(table, table->bucket_count / 4);
    }
}

struct table_node *table_next(const struct table *table, struct table_cursor *cursor)
{
    struct table_node *node = cursor->node;
    while (node == NULL && cursor->bucket < table->bucket_count) {
        node = table->buckets[cursor->bucket++];
    }
    cursor->node = node == NULL ? NULL : node->next;
    return node;
}
