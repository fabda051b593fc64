#ifndef CZLIB_H
#define CZLIB_H

#include <stddef.h>

/// Writes `count` bytes as one gzip member (RFC 1952) to `output` and returns its length; 0 where it does not fit into
/// `capacity` bytes, or where zlib has no memory. The same bytes always give the same member.
///
/// - level: of zlib, 1 (fastest) to 9.
size_t czlib_gzip(const unsigned char *bytes, size_t count, unsigned char *output, size_t capacity, int level);

#endif
