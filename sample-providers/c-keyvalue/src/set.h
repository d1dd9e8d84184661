/* Sets of strings. What is read from them is sorted by bytes. */
#ifndef SET_H
#define SET_H

#include "table.h"

struct set {
    struct table members;
};

void set_init(struct set *set, const struct hash_seed *seed);
void set_free(struct set *set);

bool set_has(const struct set *set, cp_bytes member);

/* Adds a member that is not there. false: no memory, and nothing changed. */
bool set_add(struct set *set, cp_bytes member);

/* Whether there was such a member. */
bool set_remove(struct set *set, cp_bytes member);

/* Members in order, each once. `list` is the caller's to free; the strings are the sets'. */
struct members {
    cp_bytes *list;
    size_t count;
};

/* What is in any, or in all, of `count` sets, NULL standing for an empty one. The order of `sets`
 * changes. false: no memory. */
bool set_union(const struct set **sets, size_t count, struct members *members);
bool set_intersection(const struct set **sets, size_t count, struct members *members);

#endif
