#include "czlib.h"

#include <limits.h>
#include <zlib.h>

size_t czlib_gzip(const unsigned char *bytes, size_t count, unsigned char *output, size_t capacity, int level) {
    if (count > UINT_MAX || capacity > UINT_MAX)
        return 0;
    z_stream stream = {0};
    // 16 more than the window's bits asks for gzip instead of zlib's own format; 8 is the usual memory level.
    if (deflateInit2(&stream, level, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return 0;
    stream.next_in = (z_const Bytef *)bytes;
    stream.avail_in = (uInt)count;
    stream.next_out = output;
    stream.avail_out = (uInt)capacity;
    const int result = deflate(&stream, Z_FINISH);
    const size_t length = stream.total_out;
    deflateEnd(&stream);
    return result == Z_STREAM_END ? length : 0;
}
