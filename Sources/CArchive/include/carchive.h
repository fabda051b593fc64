#pragma once

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// A zip or tar archive in memory, the tar also gzipped, once; read by libarchive one entry after another.
struct carchive;

/// What an entry is.
enum carchive_kind {
    carchive_file,
    carchive_folder,
    /// A link, a device, a pipe: nothing that holds bytes of its own.
    carchive_other,
};

/// Opens the archive; `bytes` must stay where they are until it is closed. Null where there is no memory.
///
/// Of a gzipped one at most `limit` bytes are inflated, headers and what is passed over included. What a zip inflates
/// is to be counted by who reads it: an entry that is not read to its end is perhaps inflated nevertheless.
struct carchive *_Nullable carchive_open(const void *bytes, size_t count, int64_t limit);

/// Goes to the next entry: 1 where there is one, 0 at the end, −1 where the archive cannot be read on.
int carchive_next(struct carchive *archive);

/// The entry's path in UTF-8, of `length` bytes, valid until the next call; null where it has none that is text.
const char *_Nullable carchive_path(struct carchive *archive, size_t *length);

enum carchive_kind carchive_kind(struct carchive *archive);

/// Whether the entry's bytes are encrypted.
int carchive_is_encrypted(struct carchive *archive);

/// Reads up to `count` bytes of the entry: how many, 0 at its end, −1 on an error.
long carchive_read(struct carchive *archive, void *buffer, size_t count);

/// Whether the latest error is that more than the limit came out.
int carchive_is_too_large(struct carchive *archive);

/// What the latest error was.
const char *carchive_error(struct carchive *archive);

void carchive_close(struct carchive *archive);

#pragma clang assume_nonnull end
