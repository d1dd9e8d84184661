/* A hash table of nodes that their owners allocate.
 *
 * A node is the first member of the structure that it belongs to, so inserting needs no memory and
 * cannot fail once table_make_room succeeded: callers allocate everything first and change the
 * table last. */
#ifndef TABLE_H
#define TABLE_H

#include "siphash.h"

#include <stdbool.h>

struct table_node {
    struct table_node *next; /* in the same bucket */
    uint64_t hash;
    cp_bytes key; /* belongs to the node's owner */
};

struct table {
    struct table_node **buckets; /* NULL while bucket_count is 0 */
    size_t bucket_count;         /* 0 or a power of two */
    size_t count;
    struct hash_seed seed;
};

/* Where table_next stands. */
struct table_cursor {
    size_t bucket;
    struct table_node *node;
};

bool bytes_equal(cp_bytes a, cp_bytes b);

void table_init(struct table *table, const struct hash_seed *seed);

/* Frees the table itself. Its nodes belong to the caller, who took them out or knows them. */
void table_free(struct table *table);

struct table_node *table_find(const struct table *table, cp_bytes key);

/* Makes sure that one more node can be inserted. false: no memory, and nothing changed. */
bool table_make_room(struct table *table);

/* Inserts a node whose key is set and not in the table. table_make_room came before. */
void table_insert(struct table *table, struct table_node *node);

/* Takes a node out. Buckets stay as they are, so that this is safe while walking over them. */
void table_remove(struct table *table, struct table_node *node);

/* Gives memory back after nodes were taken out. */
void table_settle(struct table *table);

/* The next node in no particular order, NULL at the end. Begin with a zeroed cursor. */
struct table_node *table_next(const struct table *table, struct table_cursor *cursor);

#endif
