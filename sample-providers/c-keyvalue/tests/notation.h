/* Messages as people read them: {key:'k',values:['a','b'],exists:true,value:-5,none:nil}.
 *
 * One notation stands for one sequence of bytes: integers and heads in their shortest form, fields
 * in the order in which they are written. */
#ifndef NOTATION_H
#define NOTATION_H

#include <stddef.h>
#include <stdint.h>

/* Encodes into bytes[0 .. room - 1] and returns the length. Ends the process on a mistake. */
size_t notation_encode(const char *notation, uint8_t *bytes, size_t room);

/* Writes what the bytes say, "(none)" for no bytes, something in parentheses where they say nothing
 * or do not take their shortest form. */
void notation_decode(const uint8_t *bytes, size_t len, char *notation, size_t room);

/* Hexadecimal digits to bytes; returns how many. */
size_t hex_decode(const char *hex, uint8_t *bytes, size_t room);

#endif
