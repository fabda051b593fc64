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

/// Where the first of these taps lies in the image, in floats; 0 where there are none.
static inline size_t window_offset(const struct f32_window *w, size_t y, struct taps vertical, size_t x,
                                   struct taps horizontal) {
    if (vertical.begin == vertical.end || horizontal.begin == horizontal.end) {
        return 0;
    }
    const size_t row = y * w->stride_height + vertical.begin * w->dilation_height - w->padding_top;
    const size_t column = x * w->stride_width + horizontal.begin * w->dilation_width - w->padding_left;
    return (row * w->width + column) * w->channels;
}
