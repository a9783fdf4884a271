/* What the C programs of the benchmark share. */
#ifndef BENCH_COMMON_H
#define BENCH_COMMON_H

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* Room for the control message of a few descriptors, aligned as the kernel wants it. */
union control {
    char bytes[CMSG_SPACE(16 * sizeof(int))];
    struct cmsghdr align;
};

static inline void fail(const char *what)
{
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static inline void fail_with_errno(const char *call)
{
    fprintf(stderr, "%s: %s\n", call, strerror(errno));
    exit(1);
}

static inline void pin(int processor)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET((size_t)processor, &set);
    if (sched_setaffinity(0, sizeof(set), &set) < 0)
        fail_with_errno("sched_setaffinity");
}

static inline double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static inline struct sockaddr_un address_of(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    if (strlen(path) >= sizeof(address.sun_path))
        fail("the path of the socket is too long");
    strcpy(address.sun_path, path);
    return address;
}

static inline int listen_at(const char *path)
{
    struct sockaddr_un address = address_of(path);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (listener < 0)
        fail_with_errno("socket");
    if (bind(listener, (struct sockaddr *)&address, sizeof(address)) < 0)
        fail_with_errno("bind");
    if (listen(listener, 8) < 0)
        fail_with_errno("listen");
    return listener;
}

static inline int connect_to(const char *path)
{
    struct sockaddr_un address = address_of(path);
    int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (connection < 0)
        fail_with_errno("socket");
    if (connect(connection, (struct sockaddr *)&address, sizeof(address)) < 0)
        fail_with_errno("connect");
    return connection;
}

/* Send all bytes, with one descriptor where `descriptor` is not negative. */
static inline void send_with(int connection, const void *bytes, size_t length, int descriptor)
{
    union control control;
    struct iovec part = { .iov_base = (void *)bytes, .iov_len = length };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

    if (descriptor >= 0) {
        struct cmsghdr *header;

        memset(&control, 0, sizeof(control));
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(sizeof(int));
        header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &descriptor, sizeof(int));
    }
    if (sendmsg(connection, &message, MSG_NOSIGNAL) != (ssize_t)length)
        fail_with_errno("sendmsg");
}

/* Receive exactly `length` bytes. */
static inline void receive_all(int connection, void *bytes, size_t length)
{
    size_t have = 0;

    while (have < length) {
        ssize_t got = recv(connection, (char *)bytes + have, length - have, 0);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            fail_with_errno("recv");
        if (got == 0)
            fail("the connection was closed");
        have += (size_t)got;
    }
}

#endif
