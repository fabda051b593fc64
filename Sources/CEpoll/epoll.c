#include <sys/epoll.h>

#include "cepoll.h"

int cepoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

static bool control(int set, int operation, int descriptor, uint32_t events) {
    struct epoll_event event = {.events = events, .data = {.fd = descriptor}};
    return epoll_ctl(set, operation, descriptor, &event) == 0;
}

bool cepoll_add(int set, int descriptor) { return control(set, EPOLL_CTL_ADD, descriptor, EPOLLIN); }

void cepoll_change(int set, int descriptor, bool reads, bool writes) {
    const uint32_t events = (reads ? EPOLLIN : 0) | (writes ? EPOLLOUT : 0);
    control(set, EPOLL_CTL_MOD, descriptor, events ? events : EPOLLONESHOT);
}

void cepoll_remove(int set, int descriptor) { epoll_ctl(set, EPOLL_CTL_DEL, descriptor, 0); }

int cepoll_take(int set, cepoll_event *events) {
    struct epoll_event found[cepoll_most];
    const int taken = epoll_wait(set, found, cepoll_most, 0);
    for (int i = 0; i < taken; i++) {
        const bool is_lost = found[i].events & (EPOLLHUP | EPOLLERR);
        events[i] = (cepoll_event){
            .descriptor = found[i].data.fd,
            .is_readable = is_lost || found[i].events & EPOLLIN,
            .is_writable = is_lost || found[i].events & EPOLLOUT,
        };
    }
    return taken > 0 ? taken : 0;
}
