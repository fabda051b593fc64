#pragma once

#include <stddef.h>

#pragma clang assume_nonnull begin

/// Packs weights [outputs][channels][taps] as [block][taps][channels][columns], a block being `columns` outputs.
/// The last block is filled up with zeros.
void f32_pack_panels(const float *weights, size_t outputs, size_t channels, size_t taps, size_t columns, float *packed);

/// Packs weights [channels][taps][outputs] as `f32_pack_panels` packs [outputs][channels][taps]: the rows from `first`
/// up to `end`, of `channels * taps`, to where they belong in `packed`.
void f32_pack_transposed(const float *weights, size_t first, size_t end, size_t outputs, size_t channels, size_t taps,
                         size_t columns, float *packed);

/// Transposes [rows][columns] to [columns][rows].
void f32_transpose(const float *source, size_t rows, size_t columns, float *destination);

/// `exp(x − max) / Σ exp(x − max)` over `count` ≥ 1 elements: no overflow, whatever the logits. In place is allowed.
void f32_softmax(const float *logits, size_t count, float *probabilities);

#pragma clang assume_nonnull end
