#ifndef CIMAGING_JPEG_H
#define CIMAGING_JPEG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// One JPEG file on its way through libjpeg. Its errors jump out of the library; here they end the call that met them,
/// which returns false. A warning that leaves the pixels as they were meant (stray bytes between segments, odd header
/// fields) is none; any other, such as data that is missing or cannot be decoded, is an error.
typedef struct cimaging_jpeg cimaging_jpeg;

typedef struct {
    size_t width;
    size_t height;
    /// CMYK or YCCK: four components instead of three.
    bool hasInks;
    /// Progressive, or a scan for each component: nothing can be shown before the last of them.
    bool hasManyScans;
} cimaging_jpeg_header;

/// Pixels of a picture, from its upper left corner.
typedef struct {
    size_t left;
    size_t top;
    size_t width;
    size_t height;
} cimaging_jpeg_region;

/// NULL where memory is missing. The bytes must stay in place until the JPEG is closed.
cimaging_jpeg *cimaging_jpeg_open(const uint8_t *bytes, size_t count);
void cimaging_jpeg_close(cimaging_jpeg *jpeg);

bool cimaging_jpeg_read_header(cimaging_jpeg *jpeg, cimaging_jpeg_header *header);

/// After the header: decodes at a `divisor`-th of the size (1, 2, 4 or 8), both sides rounded up, of which `region` is
/// wanted. Its columns are widened to those that will be read: whole blocks, and the neighbours that the chroma of the
/// wanted ones is interpolated from. Wanted pixels equal those of the whole picture; the others need not.
bool cimaging_jpeg_begin(cimaging_jpeg *jpeg, unsigned divisor, cimaging_jpeg_region *region);

/// After that: the widened region's rows, RGB8 or, with inks, CMYK8 as stored. What lies below it is not decoded; the
/// file must go on to its end all the same.
bool cimaging_jpeg_read(cimaging_jpeg *jpeg, uint8_t *output);

/// Why a call returned false.
const char *cimaging_jpeg_message(const cimaging_jpeg *jpeg);

#endif
