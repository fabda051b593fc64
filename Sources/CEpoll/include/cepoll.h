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

// Waits for a descriptor from now on. `is_new`: whether it is not in the set yet.
bool cepoll_set(int set, int descriptor, bool is_new, bool reads, bool writes);

void cepoll_remove(int set, int descriptor);

// What is there now, without waiting: at most `count` events, and how many.
int cepoll_take(int set, cepoll_event *events, int count);
