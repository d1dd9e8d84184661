/* SipHash-1-3: a keyed hash, so that an actor cannot choose keys that all fall into one bucket. */
#ifndef SIPHASH_H
#define SIPHASH_H

#include "capability_provider.h"

struct hash_seed {
    uint64_t k0;
    uint64_t k1;
};

/* A seed that differs from run to run. `address` is anything that the allocator placed. */
struct hash_seed hash_seed_new(const void *address);

uint64_t siphash(const struct hash_seed *seed, cp_bytes key);

#endif
