#include "jpeg.h"

#include <setjmp.h>
#include <stdio.h> // before jpeglib.h, which needs FILE and size_t
#include <stdlib.h>
#include <string.h>

#include <jerror.h>
#include <jpeglib.h>

struct cimaging_jpeg {
    struct jpeg_decompress_struct decompressor;
    struct jpeg_error_mgr errors;
    jmp_buf failure;
    char message[JMSG_LENGTH_MAX];
    cimaging_jpeg_region region;
    size_t bytesPerPixel;
};

static void fail(j_common_ptr common) {
    cimaging_jpeg *jpeg = common->client_data;
    common->err->format_message(common, jpeg->message);
    longjmp(jpeg->failure, 1);
}

static bool isBenign(int code) {
    return code == JWRN_EXTRANEOUS_DATA || code == JWRN_JFIF_MAJOR || code == JWRN_ADOBE_XFORM ||
           code == JWRN_BOGUS_PROGRESSION || code == JWRN_NOT_SEQUENTIAL;
}

/// A negative level is a warning: the library would go on and paint what is missing grey.
static void hear(j_common_ptr common, int level) {
    if (level < 0 && !isBenign(common->err->msg_code)) {
        fail(common);
    }
}

cimaging_jpeg *cimaging_jpeg_open(const uint8_t *bytes, size_t count) {
    cimaging_jpeg *jpeg = calloc(1, sizeof *jpeg);
    if (jpeg == NULL) {
        return NULL;
    }
    jpeg->decompressor.err = jpeg_std_error(&jpeg->errors);
    jpeg->errors.error_exit = fail;
    jpeg->errors.emit_message = hear;
    jpeg->decompressor.client_data = jpeg;
    if (setjmp(jpeg->failure)) {
        cimaging_jpeg_close(jpeg);
        return NULL;
    }
    jpeg_create_decompress(&jpeg->decompressor);
    jpeg_mem_src(&jpeg->decompressor, bytes, count);
    return jpeg;
}

void cimaging_jpeg_close(cimaging_jpeg *jpeg) {
    jpeg_destroy_decompress(&jpeg->decompressor);
    free(jpeg);
}

bool cimaging_jpeg_read_header(cimaging_jpeg *jpeg, cimaging_jpeg_header *header) {
    const j_decompress_ptr decompressor = &jpeg->decompressor;
    if (setjmp(jpeg->failure)) {
        return false;
    }
    jpeg_read_header(decompressor, TRUE);
    header->width = decompressor->image_width;
    header->height = decompressor->image_height;
    header->hasInks = decompressor->jpeg_color_space == JCS_CMYK || decompressor->jpeg_color_space == JCS_YCCK;
    header->hasManyScans = jpeg_has_multiple_scans(decompressor);
    return true;
}

/// The library chooses its interpolation by the width; below this it would choose another than for the whole picture.
static const size_t narrowest = 16;

bool cimaging_jpeg_begin(cimaging_jpeg *jpeg, unsigned divisor, cimaging_jpeg_region *region) {
    const j_decompress_ptr decompressor = &jpeg->decompressor;
    if (setjmp(jpeg->failure)) {
        return false;
    }
    const bool hasInks = decompressor->jpeg_color_space == JCS_CMYK || decompressor->jpeg_color_space == JCS_YCCK;
    decompressor->out_color_space = hasInks ? JCS_CMYK : JCS_RGB;
    decompressor->scale_num = 1;
    decompressor->scale_denom = divisor;
    decompressor->dct_method = JDCT_ISLOW;
    jpeg_start_decompress(decompressor);
    if (region->left + region->width > decompressor->output_width ||
        region->top + region->height > decompressor->output_height) {
        ERREXIT(decompressor, JERR_BAD_CROP_SPEC);
    }

    // The outermost pixels have no neighbours to interpolate from.
    const size_t left = region->left > 0 ? region->left - 1 : 0;
    const size_t right = region->left + region->width + 1;
    JDIMENSION offset = 0;
    JDIMENSION width = decompressor->output_width;
    if (right < width || left > 0) {
        const size_t end = right < width ? right : width;
        if (end - left >= narrowest) {
            offset = (JDIMENSION)left;
            width = (JDIMENSION)(end - left);
            jpeg_crop_scanline(decompressor, &offset, &width);
        }
    }
    region->left = offset;
    region->width = width;
    jpeg->region = *region;
    jpeg->bytesPerPixel = hasInks ? 4 : 3;
    return true;
}

/// Whether the end of the image follows what has been read.
static bool hasEnd(j_decompress_ptr decompressor) {
    if (jpeg_input_complete(decompressor) || decompressor->unread_marker == JPEG_EOI) {
        return true;
    }
    const JOCTET *next = decompressor->src->next_input_byte;
    const JOCTET *end = next + decompressor->src->bytes_in_buffer;
    while (end - next >= 2 && (next = memchr(next, 0xFF, (size_t)(end - next) - 1)) != NULL) {
        if (*++next == JPEG_EOI) {
            return true;
        }
    }
    return false;
}

bool cimaging_jpeg_read(cimaging_jpeg *jpeg, uint8_t *output) {
    const j_decompress_ptr decompressor = &jpeg->decompressor;
    if (setjmp(jpeg->failure)) {
        return false;
    }
    const size_t stride = jpeg->bytesPerPixel * jpeg->region.width;
    const size_t top = jpeg->region.top;
    const size_t bottom = top + jpeg->region.height;
    if (top > 0) {
        jpeg_skip_scanlines(decompressor, (JDIMENSION)top);
    }
    // What is written below must fit the region.
    if (decompressor->output_scanline != top || decompressor->output_width != jpeg->region.width ||
        (size_t)decompressor->output_components != jpeg->bytesPerPixel) {
        ERREXIT(decompressor, JERR_BAD_CROP_SPEC);
    }
    while (decompressor->output_scanline < bottom) {
        JSAMPROW rows[16];
        const size_t first = decompressor->output_scanline;
        const size_t most = sizeof rows / sizeof *rows;
        const size_t count = bottom - first < most ? bottom - first : most;
        for (size_t row = 0; row < count; row++) {
            rows[row] = output + stride * (first + row - top);
        }
        jpeg_read_scanlines(decompressor, rows, (JDIMENSION)count);
    }
    if (bottom == decompressor->output_height) {
        jpeg_finish_decompress(decompressor);
    } else if (!hasEnd(decompressor)) {
        WARNMS(decompressor, JWRN_JPEG_EOF);
    }
    return true;
}

const char *cimaging_jpeg_message(const cimaging_jpeg *jpeg) { return jpeg->message; }
