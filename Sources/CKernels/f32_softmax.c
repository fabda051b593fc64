#include "f32_layout.h"

#include <math.h>

void f32_softmax(const float *logits, size_t count, float *probabilities) {
    float largest = logits[0];
    for (size_t i = 1; i < count; i++) {
        largest = logits[i] > largest ? logits[i] : largest;
    }
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        probabilities[i] = expf(logits[i] - largest);
        sum += probabilities[i];
    }
    const float scale = (float)(1 / sum);
    for (size_t i = 0; i < count; i++) {
        probabilities[i] *= scale;
    }
}
