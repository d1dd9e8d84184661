#define _POSIX_C_SOURCE 200809L

#include "siphash.h"

#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct sip {
    uint64_t v0, v1, v2, v3;
};

static uint64_t rotate(uint64_t word, unsigned bits)
{
    return (word << bits) | (word >> (64 - bits));
}

static void round_once(struct sip *s)
{
    s->v0 += s->v1;
    s->v2 += s->v3;
    s->v1 = rotate(s->v1, 13) ^ s->v0;
    s->v3 = rotate(s->v3, 16) ^ s->v2;
    s->v0 = rotate(s->v0, 32);
    s->v2 += s->v1;
    s->v0 += s->v3;
    s->v1 = rotate(s->v1, 17) ^ s->v2;
    s->v3 = rotate(s->v3, 21) ^ s->v0;
    s->v2 = rotate(s->v2, 32);
}

/* Up to eight bytes, the lowest first, whatever the machine's byte order and alignment. */
static uint64_t word_of(const uint8_t *bytes, size_t count)
{
    uint64_t word = 0;
    for (size_t i = 0; i < count; i++) {
        word |= (uint64_t)bytes[i] << (8 * i);
    }
    return word;
}

static void absorb(struct sip *s, uint64_t word)
{
    s->v3 ^= word;
    round_once(s);
    s->v0 ^= word;
}

uint64_t siphash(const struct hash_seed *seed, cp_bytes key)
{
    struct sip s = {
        seed->k0 ^ UINT64_C(0x736f6d6570736575),
        seed->k1 ^ UINT64_C(0x646f72616e646f6d),
        seed->k0 ^ UINT64_C(0x6c7967656e657261),
        seed->k1 ^ UINT64_C(0x7465646279746573),
    };
    size_t whole = key.len - key.len % 8;
    for (size_t at = 0; at < whole; at += 8) {
        absorb(&s, word_of(key.ptr + at, 8));
    }
    absorb(&s, word_of(key.ptr + whole, key.len - whole) | (uint64_t)key.len << 56);
    s.v2 ^= 0xff;
    for (int i = 0; i < 3; i++) {
        round_once(&s);
    }
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

struct hash_seed hash_seed_new(const void *address)
{
    struct hash_seed seed;
    ssize_t got = -1;
    int file = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
        got = read(file, &seed, sizeof seed);
        close(file);
    }
    if (got != (ssize_t)sizeof seed) {
        /* Second best: what somebody who only sends keys cannot see. */
        struct timespec now = {0, 0};
        clock_gettime(CLOCK_MONOTONIC, &now);
        seed.k0 = (uint64_t)now.tv_nsec ^ (uint64_t)now.tv_sec << 32;
        seed.k1 = (uint64_t)(uintptr_t)address ^ (uint64_t)(uintptr_t)&seed << 32;
    }
    return seed;
}
