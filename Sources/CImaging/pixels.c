#include "pixels.h"

#include <string.h>

void cimaging_rearrange(const uint8_t *input, uint8_t *output, size_t outputWidth, size_t outputHeight, ptrdiff_t start,
                        ptrdiff_t stepX, ptrdiff_t stepY) {
    // Tiles keep the lines of both images in cache while a transposition strides through one of them.
    const size_t tile = 32;
    for (size_t top = 0; top < outputHeight; top += tile) {
        const size_t bottom = top + tile < outputHeight ? top + tile : outputHeight;
        for (size_t left = 0; left < outputWidth; left += tile) {
            const size_t right = left + tile < outputWidth ? left + tile : outputWidth;
            for (size_t y = top; y < bottom; y++) {
                for (size_t x = left; x < right; x++) {
                    const ptrdiff_t source = start + (ptrdiff_t)x * stepX + (ptrdiff_t)y * stepY;
                    memcpy(output + 3 * (y * outputWidth + x), input + 3 * source, 3);
                }
            }
        }
    }
}

/// a · b / 255, rounded to nearest.
static uint8_t scaled(uint32_t a, uint32_t b) {
    const uint32_t product = a * b + 128;
    return (uint8_t)(((product >> 8) + product) >> 8);
}

void cimaging_rgb_from_inverted_cmyk(const uint8_t *cmyk, uint8_t *rgb, size_t pixels) {
    for (size_t i = 0; i < pixels; i++) {
        const uint8_t black = cmyk[4 * i + 3];
        for (size_t channel = 0; channel < 3; channel++) {
            const uint32_t ink = 255u - cmyk[4 * i + channel];
            rgb[3 * i + channel] = (uint8_t)(black - scaled(ink, black));
        }
    }
}

void cimaging_map_levels(const uint8_t *rgb, size_t pixels, bool blueFirst, const float *levels, float *output) {
    const size_t first = blueFirst ? 2 : 0;
    for (size_t i = 0; i < pixels; i++) {
        output[3 * i] = levels[rgb[3 * i + first]];
        output[3 * i + 1] = levels[256 + rgb[3 * i + 1]];
        output[3 * i + 2] = levels[512 + rgb[3 * i + 2 - first]];
    }
}
