#pragma once

#include <stdbool.h>

// epoll(7), which Glibc's module does not export. All of these leave errno as the system does.

typedef struct {
    int descriptor;
    // Also where the connection is lost: reading or writing says so.
    bool is_readable;
    bool is_writable;
} cepoll_event;

// A set of descriptors to wait for; -1 where there is no descriptor left.
int cepoll_create(void);

// Waits for a descriptor until cepoll_remove(), to be readable at first; false where the system refuses.
bool cepoll_add(int set, int descriptor);

// From now on waits for a descriptor of the set to be readable, writable, both or neither. That its
// connection is reset, or at its end in both directions, is told of again and again; after a change to neither, once.
void cepoll_change(int set, int descriptor, bool reads, bool writes);

void cepoll_remove(int set, int descriptor);

enum { cepoll_most = 64 };

// What is there now, without waiting: at most cepoll_most events, and how many.
int cepoll_take(int set, cepoll_event *events);
