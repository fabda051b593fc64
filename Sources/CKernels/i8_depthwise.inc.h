// Depthwise convolution of whole numbers: four columns of a row are interleaved to quads of bytes, whose products are
// summed by one instruction. With stride 1 the same quads serve two output columns.

/// The output columns at one place and what they read. Copies of what the layer says: a byte that is written may lie
/// anywhere, and all that a pointer leads to would be read again after it.
struct depthwise_place {
    /// [groups][4] columns of input, those in the padding the zero point's.
    const uint8_t *const *columns;
    /// Of all rows of the kernel.
    size_t groups;
    size_t channels;
    const int8_t *weights;
    struct i8_finish finish;
    /// The output column, and the one beside it; null where there is none.
    void *output[2];
};

static inline __attribute__((always_inline)) void depthwise_finish(const struct i8_finish *finish, size_t channel,
                                                                   size_t count, const i32v *sum, bool bytes,
                                                                   void *output) {
    f32v x[4];
#pragma clang loop unroll(full)
    for (size_t j = 0; j < 4; j++) {
        const size_t at = channel + j * F32_LANES;
        x[j] =
            f32_multiply_add(i8_to_floats(sum[j]), f32_load(finish->multipliers + at), f32_load(finish->biases + at));
    }
    if (bytes) {
        // What does not fit 32 bits would become the least number.
#pragma clang loop unroll(full)
        for (size_t j = 0; j < 4; j++) {
            x[j] = f32_minimum(x[j], f32_broadcast(finish->upper));
        }
        i8_store_block((uint8_t *)output + channel, x, (uint8_t)finish->lower, (uint8_t)finish->upper, count);
        return;
    }
    for (size_t j = 0; j < 4; j++) {
        float lanes[F32_LANES];
        f32_store(lanes, f32_clamp(x[j], f32_broadcast(finish->lower), f32_broadcast(finish->upper)));
        for (size_t lane = 0; lane < F32_LANES; lane++) {
            const size_t at = lane / 4 * 16 + j * 4 + lane % 4;
            if (at < count) {
                ((float *)output)[channel + at] = lanes[lane];
            }
        }
    }
}

// `positions` and `bytes`, and `count` of whole blocks, are constants wherever this is inlined.
static inline __attribute__((always_inline)) const int8_t *depthwise_block(const struct depthwise_place *place,
                                                                           const int8_t *weights, size_t channel,
                                                                           size_t count, const size_t positions,
                                                                           const bool bytes) {
    i32v sum[2][4];
#pragma clang loop unroll(full)
    for (size_t j = 0; j < 4; j++) {
        sum[0][j] = sum[1][j] = i8_zero();
    }
    const uint8_t *const *column = place->columns;
    for (size_t group = 0; group < place->groups; group++, column += 4) {
        i8_numbers quads[4];
        i8_load_quads(column, channel, count, quads);
#pragma clang loop unroll(full)
        for (size_t position = 0; position < positions; position++) {
#pragma clang loop unroll(full)
            for (size_t j = 0; j < 4; j++, weights += 4 * F32_LANES) {
                sum[position][j] = i8_dot(sum[position][j], quads[j], i8_load_weights(weights));
            }
        }
    }
    depthwise_finish(&place->finish, channel, count, sum[0], bytes, place->output[0]);
    if (positions == 2 && place->output[1]) {
        depthwise_finish(&place->finish, channel, count, sum[1], bytes, place->output[1]);
    }
    return weights;
}

static inline __attribute__((always_inline)) void depthwise_place(const struct depthwise_place place,
                                                                  const size_t positions, const bool bytes) {
    const int8_t *weights = place.weights;
    size_t channel = 0;
    for (; channel + I8_BLOCK <= place.channels; channel += I8_BLOCK) {
        weights = depthwise_block(&place, weights, channel, I8_BLOCK, positions, bytes);
    }
    if (channel < place.channels) {
        depthwise_block(&place, weights, channel, place.channels - channel, positions, bytes);
    }
}

static inline __attribute__((always_inline)) void depthwise_rows(const struct i8_depthwise *layer, const uint8_t *input,
                                                                 void *output, size_t row_begin, size_t row_end,
                                                                 const bool bytes) {
    const struct f32_window *w = &layer->window;
    const size_t positions = i8_depthwise_positions(w), groups = i8_depthwise_groups(w);
    const uint8_t *columns[i8_depthwise_most_columns];
    struct depthwise_place place = {
        .columns = columns,
        .groups = w->kernel_height * groups,
        .channels = w->channels,
        .weights = layer->weights,
        .finish = layer->finish,
    };
    const size_t size = w->channels * (bytes ? sizeof(uint8_t) : sizeof(float));
    for (size_t y = row_begin; y < row_end; y++) {
        for (size_t x = 0; x < w->output_width; x += positions) {
            size_t next = 0;
            for (size_t i = 0; i < w->kernel_height; i++) {
                // A place before the first has become one far behind the last.
                const size_t row = y * w->stride_height + i - w->padding_top;
                const uint8_t *line = row < w->height ? input + row * w->width * w->channels : NULL;
                for (size_t j = 0; j < 4 * groups; j++) {
                    const size_t column = x * w->stride_width + j - w->padding_left;
                    const bool is_inside = line && column < w->width;
                    columns[next++] = is_inside ? line + column * w->channels : layer->zeros;
                }
            }
            place.output[0] = (char *)output + (y * w->output_width + x) * size;
            place.output[1] = x + 1 < w->output_width ? (char *)place.output[0] + size : NULL;
            if (positions == 2) {
                depthwise_place(place, 2, bytes);
            } else {
                depthwise_place(place, 1, bytes);
            }
        }
    }
}

static void depthwise_bytes(const struct i8_depthwise *layer, const uint8_t *input, uint8_t *output, size_t row_begin,
                            size_t row_end) {
    depthwise_rows(layer, input, output, row_begin, row_end, true);
}

static void depthwise_floats(const struct i8_depthwise *layer, const uint8_t *input, float *output, size_t row_begin,
                             size_t row_end) {
    depthwise_rows(layer, input, output, row_begin, row_end, false);
}
