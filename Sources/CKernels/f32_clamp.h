#pragma once

// min(max(x, lower), upper); a NaN stays one.
static inline f32v f32_clamp(f32v x, f32v lower, f32v upper) { return f32_minimum(upper, f32_maximum(lower, x)); }
