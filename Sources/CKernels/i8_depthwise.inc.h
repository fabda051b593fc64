// Depthwise convolution of whole numbers: four columns of a row are interleaved to quads of bytes, whose products are
// summed by one instruction. With stride 1 the same quads serve two output columns, a place. Where the next place is
// two columns of input on, two places share weights and half of their columns.

enum { most_outputs = 2 * I8_MOST_PLACES };

/// The output columns at one place, or two, and what they read. Copies of what the layer says: a byte that is written
/// may lie anywhere, and all that a pointer leads to would be read again after it.
struct depthwise_places {
    /// [kernel_height][row_columns] columns of input, those in the padding the zero point's.
    const uint8_t *const *columns;
    size_t kernel_height;
    size_t row_columns;
    size_t groups;
    size_t channels;
    const int8_t *weights;
    struct i8_finish finish;
    /// The output columns, place by place; null where there is none.
    void *output[most_outputs];
};

static inline __attribute__((always_inline)) void
depthwise_store(const struct i8_finish *finish, size_t channel, size_t count, const f32v *x, bool bytes, void *output) {
    if (bytes) {
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

static inline __attribute__((always_inline)) void depthwise_finish(const f32v *multipliers, const f32v *biases,
                                                                   const i32v *sum, f32v *x) {
#pragma clang loop unroll(full)
    for (size_t j = 0; j < 4; j++) {
        x[j] = f32_multiply_add(i8_to_floats(sum[j]), multipliers[j], biases[j]);
    }
}

static inline __attribute__((always_inline)) void depthwise_load(const float *p, f32v *x) {
#pragma clang loop unroll(full)
    for (size_t j = 0; j < 4; j++) {
        x[j] = f32_load(p + j * F32_LANES);
    }
}

// `positions`, `places` and `bytes`, and `count` of whole blocks, are constants wherever this is inlined.
static inline __attribute__((always_inline)) const int8_t *depthwise_block(const struct depthwise_places *p,
                                                                           const int8_t *weights, size_t channel,
                                                                           size_t count, const size_t positions,
                                                                           const size_t places, const bool bytes) {
    i32v sum[most_outputs][4];
#pragma clang loop unroll(full)
    for (size_t i = 0; i < places * positions; i++) {
        sum[i][0] = sum[i][1] = sum[i][2] = sum[i][3] = i8_zero();
    }
    for (size_t row = 0; row < p->kernel_height; row++) {
        const uint8_t *const *column = p->columns + row * p->row_columns;
        for (size_t group = 0; group < p->groups; group++, column += 4) {
            i8_numbers quads[I8_MOST_PLACES][4];
            i8_load_quads(column, channel, count, places, quads);
#pragma clang loop unroll(full)
            for (size_t position = 0; position < positions; position++) {
#pragma clang loop unroll(full)
                for (size_t j = 0; j < 4; j++, weights += 4 * F32_LANES) {
                    const i8_weights filter = i8_load_weights(weights);
#pragma clang loop unroll(full)
                    for (size_t place = 0; place < places; place++) {
                        i32v *s = &sum[place * positions + position][j];
                        *s = i8_dot(*s, quads[place][j], filter);
                    }
                }
            }
        }
    }
    f32v multipliers[4], biases[4], x[4];
    depthwise_load(p->finish.multipliers + channel, multipliers);
    depthwise_load(p->finish.biases + channel, biases);
#pragma clang loop unroll(full)
    for (size_t i = 0; i < places * positions; i++) {
        if (p->output[i]) {
            depthwise_finish(multipliers, biases, sum[i], x);
            depthwise_store(&p->finish, channel, count, x, bytes, p->output[i]);
        }
    }
    return weights;
}

#if I8_MOST_PLACES == 2
/// The last channels, at most half a block: two places are computed as one.
static inline __attribute__((always_inline)) void depthwise_half_block(const struct depthwise_places *p,
                                                                       const int8_t *weights, size_t channel,
                                                                       size_t count, const size_t positions) {
    i32v sum[2][4];
#pragma clang loop unroll(full)
    for (size_t i = 0; i < positions; i++) {
        sum[i][0] = sum[i][1] = sum[i][2] = sum[i][3] = i8_zero();
    }
    for (size_t row = 0; row < p->kernel_height; row++) {
        const uint8_t *const *column = p->columns + row * p->row_columns;
        for (size_t group = 0; group < p->groups; group++, column += 4) {
            i8_numbers quads[4];
            i8_load_half_quads(column, channel, count, quads);
#pragma clang loop unroll(full)
            for (size_t position = 0; position < positions; position++) {
#pragma clang loop unroll(full)
                for (size_t j = 0; j < 4; j++, weights += 4 * F32_LANES) {
                    sum[position][j] = i8_dot(sum[position][j], quads[j], i8_load_weights(weights));
                }
            }
        }
    }
    f32v multipliers[4], biases[4], x[4];
    depthwise_load(p->finish.multipliers + channel, multipliers);
    depthwise_load(p->finish.biases + channel, biases);
#pragma clang loop unroll(full)
    for (size_t i = 0; i < positions; i++) {
        // The first place has all of its columns.
        uint8_t *first = (uint8_t *)p->output[i] + channel, *second = p->output[positions + i];
        depthwise_finish(multipliers, biases, sum[i], x);
        i8_store_halves(first, second ? second + channel : NULL, x, (uint8_t)p->finish.lower, (uint8_t)p->finish.upper,
                        count);
    }
}
#endif

static inline __attribute__((always_inline)) void depthwise_at(const struct depthwise_places p, const size_t positions,
                                                               const size_t places, const bool bytes) {
    const int8_t *weights = p.weights;
    size_t channel = 0;
    for (; channel + I8_BLOCK <= p.channels; channel += I8_BLOCK) {
        weights = depthwise_block(&p, weights, channel, I8_BLOCK, positions, places, bytes);
    }
    const size_t left = p.channels - channel;
#if I8_MOST_PLACES == 2
    if (places == 2 && bytes && left > 0 && left <= I8_BLOCK / 2) {
        depthwise_half_block(&p, weights, channel, left, positions);
        return;
    }
#endif
    if (left > 0) {
        depthwise_block(&p, weights, channel, left, positions, places, bytes);
    }
}

static inline __attribute__((always_inline)) void depthwise_rows(const struct i8_depthwise *layer, const uint8_t *input,
                                                                 void *output, size_t row_begin, size_t row_end,
                                                                 const bool bytes) {
    const struct f32_window *w = &layer->window;
    const size_t positions = i8_depthwise_positions(w), groups = i8_depthwise_groups(w);
    const bool two_places = I8_MOST_PLACES == 2 && bytes && positions * w->stride_width == 2;
    const uint8_t *columns[i8_depthwise_most_columns];
    struct depthwise_places places = {
        .columns = columns,
        .kernel_height = w->kernel_height,
        .groups = groups,
        .channels = w->channels,
        .weights = layer->weights,
        .finish = layer->finish,
    };
    const size_t size = w->channels * (bytes ? sizeof(uint8_t) : sizeof(float));
    for (size_t y = row_begin; y < row_end; y++) {
        size_t outputs = 0;
        for (size_t x = 0; x < w->output_width; x += outputs) {
            const size_t count = two_places && x + positions < w->output_width ? 2 : 1;
            places.row_columns = 4 * groups + 2 * (count - 1);
            outputs = count * positions;
            // A place before the first has become one far behind the last.
            const size_t first = x * w->stride_width - w->padding_left;
            const bool is_inside = first < w->width && w->width - first >= places.row_columns;
            size_t next = 0;
            for (size_t i = 0; i < w->kernel_height; i++) {
                const size_t row = y * w->stride_height + i - w->padding_top;
                const uint8_t *line = row < w->height ? input + row * w->width * w->channels : NULL;
                if (line && is_inside) {
                    const uint8_t *column = line + first * w->channels;
                    for (size_t j = 0; j < places.row_columns; j++, column += w->channels) {
                        columns[next++] = column;
                    }
                    continue;
                }
                for (size_t j = 0; j < places.row_columns; j++) {
                    const bool is_there = line && first + j < w->width;
                    columns[next++] = is_there ? line + (first + j) * w->channels : layer->zeros;
                }
            }
            for (size_t i = 0; i < outputs; i++) {
                places.output[i] =
                    x + i < w->output_width ? (char *)output + (y * w->output_width + x + i) * size : NULL;
            }
            if (positions == 2 && count == 2) {
                depthwise_at(places, 2, I8_MOST_PLACES, bytes);
            } else if (positions == 2) {
                depthwise_at(places, 2, 1, bytes);
            } else if (count == 2) {
                depthwise_at(places, 1, I8_MOST_PLACES, bytes);
            } else {
                depthwise_at(places, 1, 1, bytes);
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
