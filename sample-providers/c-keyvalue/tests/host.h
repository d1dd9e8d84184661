/* The host's side, as small as a test needs it: the library, replies, calls. */
#ifndef HOST_H
#define HOST_H

#include "capability_provider.h"

#include <stdbool.h>

/* A reply: a sink that keeps what it is given. All zero but for the table to begin with. */
struct answer {
    cp_sink head;
    cp_status status; /* what the call returned */
    uint8_t *bytes;
    size_t len;
    size_t room;
    size_t reserved; /* how much room the last reserve promised */
    char text[1024]; /* of a failure */
    size_t given;    /* how many buffers changed their owner */
    cp_buffer kept;  /* the last of them, not freed while `keep` is set */
    bool keep;
    bool refuse;         /* nothing can be had */
    void (*during)(void *); /* called from inside every function of the sink */
    void *during_with;
};

/* Loads the library once for all tests. Ends the process when that cannot be done. */
void host_open(const char *path);
const cp_descriptor *host_descriptor(void);
const cp_host *host_itself(void);

/* A provider that is configured, and its end: destroyed with or without a stop before. */
cp_provider *provider_new(void);
void provider_end(cp_provider *provider);
cp_provider *provider_unconfigured(void);

void answer_begin(struct answer *answer);
void answer_end(struct answer *answer);

/* Calls with a copy of the payload that ends where its memory ends. */
cp_status call_bytes(cp_provider *provider, const char *actor, const char *op,
                     const uint8_t *payload, size_t len, struct answer *answer);

/* Calls with a request that the caller filled. */
cp_status call_request(cp_provider *provider, const cp_request *request, struct answer *answer);

/* Calls with a message in the notation; the answer is kept until the next call on this thread.
 * Returns the reply in the notation, or "!STATUS text". */
const char *say(cp_provider *provider, const char *actor, const char *op, const char *message);

/* Links an actor, to a namespace when `name` is not NULL; unlinks it. */
const char *link_actor(cp_provider *provider, const char *actor, const char *name);
const char *unlink_actor(cp_provider *provider, const char *actor);

/* Checks that a call answers what is expected, which for a failure is "!STATUS" and part of its
 * text behind a blank. */
#define SAYS(provider, actor, op, message, expected) \
    check_says(__FILE__, __LINE__, provider, actor, op, message, expected)
void check_says(const char *file, int line, cp_provider *provider, const char *actor,
                const char *op, const char *message, const char *expected);

/* The library's memory, when it was built to ask for it here: how many requests succeed before one
 * fails, and how many there were. */
extern long memory_until_failure; /* negative: none fails */
extern long memory_requests;
extern size_t memory_largest; /* the largest of them */

#endif
