/* The limit: a C function that copies a message into the caller's buffer. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

int32_t plain_echo(const uint8_t *msg, size_t len, uint8_t *reply, size_t room, size_t *written) {
    if (len > room) {
        return 1;
    }
    memcpy(reply, msg, len);
    *written = len;
    return 0;
}
