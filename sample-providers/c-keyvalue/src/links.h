/* The linked actors and their namespaces.
 *
 * A namespace belongs to the links that lead to it: an actor's own to one, a shared one to all that
 * name it. It is gone with the last of them. A call that is using it at that moment keeps its
 * memory until it has ended, so nothing is waited for and no lock of links is held during a call. */
#ifndef LINKS_H
#define LINKS_H

#include "store.h"

#include <pthread.h>

/* A namespace. */
struct space {
    struct table_node node; /* in links.shared, when it is there */
    pthread_mutex_t lock;   /* of store */
    struct store store;
    size_t links; /* how many lead here; this and what follows: under the lock of links */
    size_t calls; /* how many are using it */
    bool shared;
    uint8_t name[];
};

struct links {
    pthread_mutex_t lock; /* of everything here; held for a look-up or a change, never longer */
    bool closed;
    struct hash_seed seed;
    struct table actors; /* of struct link: actor to namespace */
    struct table shared; /* of struct space, by name */
};

/* false: no memory. */
bool links_init(struct links *links);

/* No call is in progress. */
void links_free(struct links *links);

/* Removes all links. From now on everything answers CP_STOPPING. false: it was closed before. */
bool links_close(struct links *links);

bool links_are_closed(struct links *links);

/* Links an actor, to the shared namespace of that name, or to one of its own when the name is
 * empty. Nothing changes when it is linked already. */
cp_status links_bind(struct links *links, cp_bytes actor, cp_bytes name);

/* Nothing happens when it is not linked. */
cp_status links_remove(struct links *links, cp_bytes actor);

/* The actor's namespace, to be let go. CP_NOT_LINKED when it has none. */
cp_status links_hold(struct links *links, cp_bytes actor, struct space **space);
void links_let_go(struct links *links, struct space *space);

#endif
