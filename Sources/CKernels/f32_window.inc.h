// Which taps of a window lie inside the image.

struct taps {
    size_t begin;
    size_t end;
};

static inline size_t divide_up(size_t a, size_t b) { return (a + b - 1) / b; }

/// The taps t of 0 ..< kernel for which position · stride − padding + t · dilation lies in 0 ..< extent.
static inline struct taps taps_inside(size_t position, size_t stride, size_t padding, size_t kernel, size_t dilation,
                                      size_t extent) {
    const size_t start = position * stride;
    const size_t begin = start < padding ? divide_up(padding - start, dilation) : 0;
    const size_t room = extent + padding > start ? divide_up(extent + padding - start, dilation) : 0;
    const size_t end = room < kernel ? room : kernel;
    return (struct taps){begin < end ? begin : end, end};
}

/// The element of the image, in floats, under a tap that lies inside it.
static inline size_t window_offset(const struct f32_window *w, size_t y, size_t tap_y, size_t x, size_t tap_x) {
    const size_t row = y * w->stride_height + tap_y * w->dilation_height - w->padding_top;
    const size_t column = x * w->stride_width + tap_x * w->dilation_width - w->padding_left;
    return (row * w->width + column) * w->channels;
}
