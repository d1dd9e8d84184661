#define _POSIX_C_SOURCE 200809L

#include "links.h"

#include <stdlib.h>
#include <string.h>

struct link {
    struct table_node node;
    struct space *space;
    uint8_t actor[];
};

bool links_init(struct links *links)
{
    links->closed = false;
    links->seed = hash_seed_new(links);
    table_init(&links->actors, &links->seed);
    table_init(&links->shared, &links->seed);
    return pthread_mutex_init(&links->lock, NULL) == 0;
}

void links_free(struct links *links)
{
    (void)links_close(links);
    pthread_mutex_destroy(&links->lock);
}

static struct space *space_new(const struct links *links, cp_bytes name)
{
    size_t size = size_with(sizeof(struct space), name.len);
    struct space *space = size == 0 ? NULL : malloc(size);
    if (space == NULL) {
        return NULL;
    }
    if (pthread_mutex_init(&space->lock, NULL) != 0) {
        free(space);
        return NULL;
    }
    store_init(&space->store, &links->seed);
    space->links = 0;
    space->calls = 0;
    space->shared = name.len > 0;
    if (name.len > 0) {
        memcpy(space->name, name.ptr, name.len);
    }
    space->node.key.ptr = space->name;
    space->node.key.len = name.len;
    return space;
}

static void space_free(struct space *space)
{
    store_free(&space->store);
    pthread_mutex_destroy(&space->lock);
    free(space);
}

static struct link *link_new(cp_bytes actor)
{
    size_t size = size_with(sizeof(struct link), actor.len);
    struct link *link = size == 0 ? NULL : malloc(size);
    if (link != NULL) {
        if (actor.len > 0) {
            memcpy(link->actor, actor.ptr, actor.len);
        }
        link->node.key.ptr = link->actor;
        link->node.key.len = actor.len;
    }
    return link;
}

/* Takes one link from the namespace. true: nobody has it any more, and it is the caller's to free,
 * which may take its time and is therefore not done under the lock. */
static bool leave(struct links *links, struct space *space)
{
    space->links--;
    if (space->links > 0) {
        return false;
    }
    if (space->shared) {
        table_remove(&links->shared, &space->node);
        table_settle(&links->shared);
    }
    return space->calls == 0;
}

bool links_close(struct links *links)
{
    pthread_mutex_lock(&links->lock);
    bool first = !links->closed;
    links->closed = true;
    struct table_cursor cursor = {0, NULL};
    struct table_node *node;
    while ((node = table_next(&links->actors, &cursor)) != NULL) {
        struct link *link = (struct link *)node;
        if (leave(links, link->space)) {
            space_free(link->space);
        }
        free(link);
    }
    table_free(&links->actors);
    table_free(&links->shared);
    pthread_mutex_unlock(&links->lock);
    return first;
}

bool links_are_closed(struct links *links)
{
    pthread_mutex_lock(&links->lock);
    bool closed = links->closed;
    pthread_mutex_unlock(&links->lock);
    return closed;
}

static cp_status bind_new(struct links *links, cp_bytes actor, cp_bytes name)
{
    struct space *space =
        name.len == 0 ? NULL : (struct space *)table_find(&links->shared, name);
    struct space *made = space == NULL ? space_new(links, name) : NULL;
    struct link *link = link_new(actor);
    space = space == NULL ? made : space;
    if (link == NULL || space == NULL || !table_make_room(&links->actors) ||
        (made != NULL && made->shared && !table_make_room(&links->shared))) {
        if (made != NULL) {
            space_free(made);
        }
        free(link);
        return CP_NO_MEMORY;
    }
    if (made != NULL && made->shared) {
        table_insert(&links->shared, &made->node);
    }
    link->space = space;
    space->links++;
    table_insert(&links->actors, &link->node);
    return CP_OK;
}

cp_status links_bind(struct links *links, cp_bytes actor, cp_bytes name)
{
    cp_status status = CP_OK;
    pthread_mutex_lock(&links->lock);
    if (links->closed) {
        status = CP_STOPPING;
    } else if (table_find(&links->actors, actor) == NULL) {
        status = bind_new(links, actor, name);
    }
    pthread_mutex_unlock(&links->lock);
    return status;
}

cp_status links_remove(struct links *links, cp_bytes actor)
{
    struct space *unused = NULL;
    pthread_mutex_lock(&links->lock);
    bool closed = links->closed;
    struct link *link = (struct link *)table_find(&links->actors, actor);
    if (link != NULL) {
        table_remove(&links->actors, &link->node);
        table_settle(&links->actors);
        unused = leave(links, link->space) ? link->space : NULL;
    }
    pthread_mutex_unlock(&links->lock);
    free(link);
    if (unused != NULL) {
        space_free(unused);
    }
    return closed ? CP_STOPPING : CP_OK;
}

cp_status links_hold(struct links *links, cp_bytes actor, struct space **space)
{
    pthread_mutex_lock(&links->lock);
    cp_status status = links->closed ? CP_STOPPING : CP_OK;
    const struct link *link = (const struct link *)table_find(&links->actors, actor);
    *space = NULL;
    if (link != NULL) {
        *space = link->space;
        link->space->calls++;
    } else if (status == CP_OK) {
        status = CP_NOT_LINKED;
    }
    pthread_mutex_unlock(&links->lock);
    return status;
}

void links_let_go(struct links *links, struct space *space)
{
    pthread_mutex_lock(&links->lock);
    space->calls--;
    bool unused = space->calls == 0 && space->links == 0;
    pthread_mutex_unlock(&links->lock);
    if (unused) {
        space_free(space);
    }
}
