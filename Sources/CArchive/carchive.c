#define _GNU_SOURCE
#include "carchive.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

struct carchive {
    struct archive *archive;
    struct archive_entry *entry;
    /// libarchive translates names to the thread's locale, which must have all of Unicode.
    locale_t unicode;
};

struct carchive *carchive_open(const void *bytes, size_t count) {
    struct carchive *result = calloc(1, sizeof *result);
    if (!result)
        return NULL;
    result->archive = archive_read_new();
    if (!result->archive) {
        free(result);
        return NULL;
    }
    result->unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    locale_t previous = result->unicode ? uselocale(result->unicode) : (locale_t)0;
    // No format or filter but these is reachable for bytes from the network.
    archive_read_support_format_zip(result->archive);
    archive_read_support_format_tar(result->archive);
    archive_read_support_filter_gzip(result->archive);
    // On failure the first carchive_next fails too, with the reason.
    archive_read_open_memory(result->archive, bytes, count);
    if (previous)
        uselocale(previous);
    return result;
}

int carchive_next(struct carchive *archive) {
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
    la_ssize_t read = archive_read_data(archive->archive, buffer, count);
    return read < 0 ? -1 : (long)read;
}

const char *carchive_error(struct carchive *archive) {
    const char *text = archive_error_string(archive->archive);
    return text ? text : "unknown error";
}

void carchive_close(struct carchive *archive) {
    archive_read_free(archive->archive);
    if (archive->unicode)
        freelocale(archive->unicode);
    free(archive);
}
