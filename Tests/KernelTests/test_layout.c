// Packing, transposing, Winograd's transform of weights, softmax, and the little else that is no table's.

#include <math.h>
#include <string.h>

#include "check.h"
#include "cpu_affinity.h"
#include "f32_layout.h"
#include "spin.h"
#include "tests.h"

enum { planes = 36 };

static void check_panels(size_t outputs, size_t channels, size_t taps, size_t columns) {
    begin("f32_pack_panels of %zu×%zu×%zu, %zu columns", outputs, channels, taps, columns);
    const size_t elements = channels * taps, blocks = round_up(outputs, columns) / columns;
    const float *weights = noise(outputs * elements);
    float *transposed = blank(outputs * elements), *again = blank(outputs * elements);
    f32_transpose(weights, outputs, elements, transposed);
    f32_transpose(transposed, elements, outputs, again);
    float *packed = blank(blocks * columns * elements), *parts = blank(blocks * columns * elements);
    f32_pack_panels(weights, outputs, channels, taps, columns, packed);
    const size_t split = pick(0, elements);
    f32_pack_transposed(transposed, split, elements, outputs, channels, taps, columns, parts);
    f32_pack_transposed(transposed, 0, split, outputs, channels, taps, columns, parts);
    for (size_t at = 0; at < blocks * columns * elements; at++) {
        const size_t n = at / (columns * elements) * columns + at % columns;
        const size_t channel = at / columns % channels, tap = at / columns / channels % taps;
        const double expected = n < outputs ? weights[n * elements + channel * taps + tap] : 0;
        expect_near(packed[at], expected, 0, at);
        expect_near(parts[at], expected, 0, at);
    }
    for (size_t at = 0; at < outputs * elements; at++) {
        expect_near(transposed[at], weights[at % outputs * elements + at / outputs], 0, at);
        expect_near(again[at], weights[at], 0, at);
    }
}

static void check_softmax(size_t count) {
    const bool is_in_place = once_in(2);
    begin("f32_softmax of %zu, in place %d", count, is_in_place);
    const float *logits = noise_between(count, -200, 90);
    float *output = blank(count);
    if (is_in_place) {
        memcpy(output, logits, count * sizeof(float));
    }
    f32_softmax(is_in_place ? output : logits, count, output);
    double largest = -INFINITY, total = 0;
    for (size_t i = 0; i < count; i++) {
        largest = fmax(largest, logits[i]);
    }
    for (size_t i = 0; i < count; i++) {
        total += exp(logits[i] - largest);
    }
    for (size_t i = 0; i < count; i++) {
        const double expected = exp(logits[i] - largest) / total;
        expect_near(output[i], expected, 1e-6 * expected + 1e-37, i);
    }
}

void test_layout(void) {
    static const size_t columns[] = {8, 16, 32};
    for (size_t i = 0; i < 60; i++) {
        check_panels(pick(1, 70), pick(1, 40), pick(1, 9), columns[i % 3]);
        check_softmax(pick(1, 100));
    }
    begin("cpu_affinity");
    int cpus[1 << 10] = {0}, first = -1;
    const int count = cpu_affinity(cpus, 1 << 10);
    if (count < 1 || cpu_affinity(&first, 1) != 1 || first != cpus[0] || cpu_affinity(&first, 0) != 0) {
        fail("%d processors, not at least 1, or other ones where there is room for one", count);
    }
    for (int i = 1; i < count; i++) {
        if (cpus[i] <= cpus[i - 1]) {
            fail("processor %d after %d", cpus[i], cpus[i - 1]);
        }
    }
    begin("spin_pause");
    spin_pause();
}
