/* One namespace: keys that hold a string, a list or a set. Its owner locks it.
 *
 * Lists and sets are never empty: a key whose last item goes is gone itself. `now` and deadlines
 * are milliseconds on a clock that never goes back. */
#ifndef STORE_H
#define STORE_H

#include "list.h"
#include "set.h"

#define STORE_FOREVER UINT64_MAX

struct store {
    struct table entries;
    size_t swept; /* the bucket that is looked at next for what has expired */
};

enum store_kind {
    STORE_NOTHING,
    STORE_STRING,
    STORE_LIST,
    STORE_SET
};

enum store_result {
    STORE_OK,
    STORE_NO_MEMORY, /* nothing changed, as with all that follow */
    STORE_OTHER_KIND,
    STORE_NOT_A_NUMBER,
    STORE_OVERFLOW,
    STORE_FULL /* the count would not fit a reply */
};

void store_init(struct store *store, const struct hash_seed *seed);
void store_free(struct store *store);

/* What the key holds; STORE_NOTHING when it is missing or has expired. */
enum store_kind store_kind(struct store *store, cp_bytes key, uint64_t now);

/* `*string` is NULL when the key is missing. */
enum store_result store_string(struct store *store, cp_bytes key, uint64_t now,
                               const struct kept **string);
/* Adds to a number, which a missing key holds as 0. An expiry stays as it is. */
enum store_result store_add(struct store *store, cp_bytes key, int32_t more, uint64_t now,
                            int32_t *total);
/* Whatever the key held is replaced. */
enum store_result store_set(struct store *store, cp_bytes key, cp_bytes string, uint64_t deadline,
                            uint64_t now);
/* Removes the key, whatever it holds. */
void store_delete(struct store *store, cp_bytes key, uint64_t now);

/* `*list` is NULL when the key is missing. */
enum store_result store_list(struct store *store, cp_bytes key, uint64_t now,
                             const struct list **list);
enum store_result store_list_push(struct store *store, cp_bytes key, cp_bytes string, uint64_t now,
                                  int32_t *count);
enum store_result store_list_remove(struct store *store, cp_bytes key, cp_bytes string,
                                    uint64_t now, int32_t *removed);
enum store_result store_list_clear(struct store *store, cp_bytes key, uint64_t now);

/* `*set` is NULL when the key is missing. */
enum store_result store_members(struct store *store, cp_bytes key, uint64_t now,
                                const struct set **set);
enum store_result store_member_add(struct store *store, cp_bytes key, cp_bytes member, uint64_t now,
                                   int32_t *changed);
enum store_result store_member_remove(struct store *store, cp_bytes key, cp_bytes member,
                                      uint64_t now, int32_t *changed);

#endif
