#define _GNU_SOURCE
#include "carchive.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

/// What may be inflated from one entry to the next: names and extended headers of some MB are an attack, and libarchive
/// keeps lists of sparse files' parts in memory.
static const int64_t header_limit = 4 << 20;

struct carchive {
    struct archive *archive;
    struct archive_entry *entry;
    /// Inflates what the other one reads; null where the bytes are not compressed. libarchive would inflate by itself,
    /// but what it skips, and filters upon filters, without end.
    struct archive *gzip;
    /// What may still be inflated in all, and before `carchive_next` returns.
    int64_t rest, header_rest;
    int is_inflating, is_too_large;
    /// Bytes of entries that were read, of as many as there are: entries may lie upon one another.
    int64_t consumed, count;
    /// libarchive translates names to the thread's locale, which must have all of Unicode.
    locale_t unicode;
    char block[1 << 16];
};

/// libarchive's `archive_read_callback`.
static la_ssize_t inflate_block(struct archive *archive, void *context, const void **block) {
    struct carchive *source = context;
    struct archive_entry *entry;
    if (!source->is_inflating && archive_read_next_header(source->gzip, &entry) != ARCHIVE_OK) {
        archive_set_error(archive, EINVAL, "it begins as gzip and holds nothing");
        return -1;
    }
    source->is_inflating = 1;
    la_ssize_t count = archive_read_data(source->gzip, source->block, sizeof source->block);
    if (count < 0) {
        archive_set_error(archive, EINVAL, "%s", archive_error_string(source->gzip));
        return -1;
    }
    source->rest -= count;
    source->header_rest -= count;
    if (source->rest < 0 || source->header_rest < 0) {
        source->is_too_large = source->rest < 0;
        archive_set_error(archive, EINVAL, "its headers are longer than %d bytes", (int)header_limit);
        return -1;
    }
    *block = source->block;
    return count;
}

struct carchive *carchive_open(const void *bytes, size_t count, int64_t limit) {
    struct carchive *result = calloc(1, sizeof *result);
    if (!result)
        return NULL;
    result->rest = limit;
    result->header_rest = header_limit;
    result->count = (int64_t)count;
    int is_gzip = count >= 2 && memcmp(bytes, "\x1f\x8b", 2) == 0;
    result->archive = archive_read_new();
    result->gzip = is_gzip ? archive_read_new() : NULL;
    if (!result->archive || (is_gzip && !result->gzip)) {
        carchive_close(result);
        return NULL;
    }
    result->unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    locale_t previous = result->unicode ? uselocale(result->unicode) : (locale_t)0;
    // No format or filter but these is reachable for bytes from the network. On failure the first carchive_next fails
    // too, with the reason.
    archive_read_support_format_tar(result->archive);
    if (is_gzip) {
        archive_read_support_format_raw(result->gzip);
        // Exactly one filter, whatever the bytes within begin with.
        archive_read_append_filter(result->gzip, ARCHIVE_FILTER_GZIP);
        archive_read_open_memory(result->gzip, bytes, count);
        archive_read_open2(result->archive, result, NULL, inflate_block, NULL, NULL);
    } else {
        archive_read_support_format_zip(result->archive);
        archive_read_open_memory(result->archive, bytes, count);
    }
    if (previous)
        uselocale(previous);
    return result;
}

int carchive_next(struct carchive *archive) {
    archive->header_rest = header_limit;
    locale_t previous = archive->unicode ? uselocale(archive->unicode) : (locale_t)0;
    int status = archive_read_next_header(archive->archive, &archive->entry);
    if (previous)
        uselocale(previous);
    if (status == ARCHIVE_EOF)
        return 0;
    return status == ARCHIVE_OK || status == ARCHIVE_WARN ? 1 : -1;
}

const char *carchive_path(struct carchive *archive, size_t *length) {
    locale_t previous = archive->unicode ? uselocale(archive->unicode) : (locale_t)0;
    // Names that are not declared as UTF-8 are bytes.
    const char *path = archive_entry_pathname_utf8(archive->entry);
    if (!path)
        path = archive_entry_pathname(archive->entry);
    if (previous)
        uselocale(previous);
    *length = path ? strlen(path) : 0;
    return path;
}

enum carchive_kind carchive_kind(struct carchive *archive) {
    if (archive_entry_hardlink(archive->entry))
        return carchive_other;
    switch (archive_entry_filetype(archive->entry)) {
    case AE_IFREG:
        return carchive_file;
    case AE_IFDIR:
        return carchive_folder;
    default:
        return carchive_other;
    }
}

int carchive_is_encrypted(struct carchive *archive) { return archive_entry_is_encrypted(archive->entry); }

long carchive_read(struct carchive *archive, void *buffer, size_t count) {
    archive->header_rest = INT64_MAX;
    int64_t before = archive_filter_bytes(archive->archive, 0);
    la_ssize_t read = archive_read_data(archive->archive, buffer, count);
    if (!archive->gzip) {
        archive->consumed += archive_filter_bytes(archive->archive, 0) - before;
        if (archive->consumed > archive->count) {
            archive_set_error(archive->archive, EINVAL, "its entries overlap");
            return -1;
        }
    }
    return read < 0 ? -1 : (long)read;
}

int carchive_is_too_large(struct carchive *archive) { return archive->is_too_large; }

const char *carchive_error(struct carchive *archive) {
    const char *text = archive_error_string(archive->archive);
    return text ? text : "unknown error";
}

void carchive_close(struct carchive *archive) {
    if (archive->archive)
        archive_read_free(archive->archive);
    if (archive->gzip)
        archive_read_free(archive->gzip);
    if (archive->unicode)
        freelocale(archive->unicode);
    free(archive);
}
