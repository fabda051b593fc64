#ifndef CIMAGING_PIXELS_H
#define CIMAGING_PIXELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// output(x, y) = input[start + x·stepX + y·stepY] for RGB8 pixels; start and steps count pixels.
/// Every index this yields must lie inside the input.
void cimaging_rearrange(const uint8_t *input, uint8_t *output, size_t outputWidth, size_t outputHeight, ptrdiff_t start,
                        ptrdiff_t stepX, ptrdiff_t stepY);

/// Inverted CMYK (255 = no ink, as Adobe's programs write JPEG) to RGB8: channel · K / 255, rounded as Pillow rounds.
void cimaging_rgb_from_inverted_cmyk(const uint8_t *cmyk, uint8_t *rgb, size_t pixels);

/// output[3i + c] = levels[256c + rgb[3i + c]], or, with blue first, levels[256c + rgb[3i + 2 − c]]
void cimaging_map_levels(const uint8_t *rgb, size_t pixels, bool blueFirst, const float *levels, float *output);

#endif
