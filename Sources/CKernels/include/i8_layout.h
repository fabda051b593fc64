#pragma once

#include <stddef.h>
#include <stdint.h>

#include "i8_kernels.h"

#pragma clang assume_nonnull begin

/// Rounds weights, [outputs][elements], to whole multiples of `scales`, [outputs], within −128 … 127.
void i8_round_weights(const float *weights, const float *scales, size_t outputs, size_t elements, int8_t *rounded);

/// Packs weights [outputs][channels][taps · merged] as [panel][taps][quads][columns][4], a panel being `columns`
/// outputs, and a quad four of the numbers [merged][channels] of a tap. What is filled up is zeros.
void i8_pack_panels(const int8_t *weights, size_t outputs, size_t channels, size_t taps, size_t merged, size_t columns,
                    int8_t *packed);

/// Packs filters [channels][kernel_height][kernel_width] as `i8_depthwise` has them, `block` channels a block.
void i8_pack_depthwise(const int8_t *weights, const struct f32_window *window, size_t block, int8_t *packed);

/// Packs a number for each channel in the same order; what is filled up is zeros.
void i8_pack_depthwise_floats(const float *values, size_t channels, size_t block, float *packed);

#pragma clang assume_nonnull end
