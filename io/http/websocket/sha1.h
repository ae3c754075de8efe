/*
 * sha1.h - SHA-1 (FIPS 180-4), of a little at once.
 *
 * Private to io/http/websocket/.  It is here as a handshake's checksum, which
 * is all it is good for.
 */
#ifndef GYRE_IO_HTTP_WEBSOCKET_SHA1_H
#define GYRE_IO_HTTP_WEBSOCKET_SHA1_H

#include <stddef.h>

enum { GYRE_SHA1_SIZE = 20 };

void gyre_sha1(unsigned char out[GYRE_SHA1_SIZE], const void *bytes, size_t n);

#endif
