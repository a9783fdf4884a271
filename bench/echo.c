/* A back-end that answers every message with as many bytes, and closes every descriptor that comes with it: the peer of
 * both clients of the benchmark.
 *
 *   echo SOCKET-PATH PROCESSOR
 *
 * Listens, says "ready" on standard output, and serves one connection after the other until it is ended. */
#define _GNU_SOURCE
#include "common.h"

static void serve(int connection)
{
    char bytes[4096];

    for (;;) {
        union control control;
        struct iovec part = { .iov_base = bytes, .iov_len = sizeof(bytes) };
        struct msghdr message = {
            .msg_iov = &part, .msg_iovlen = 1,
            .msg_control = control.bytes, .msg_controllen = sizeof(control.bytes),
        };
        ssize_t got = recvmsg(connection, &message, MSG_CMSG_CLOEXEC);
        struct cmsghdr *header;

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return;
        for (header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
            size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);

            for (size_t i = 0; i < count; i++) {
                int descriptor;

                memcpy(&descriptor, CMSG_DATA(header) + i * sizeof(int), sizeof(int));
                close(descriptor);
            }
        }
        if (send(connection, bytes, (size_t)got, MSG_NOSIGNAL) != got)
            return;
    }
}

int main(int argc, char **argv)
{
    int listener;

    if (argc != 3)
        fail("usage: echo SOCKET-PATH PROCESSOR");
    pin(atoi(argv[2]));
    listener = listen_at(argv[1]);
    puts("ready");
    fflush(stdout);
    for (;;) {
        int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

        if (connection < 0)
            fail_with_errno("accept");
        serve(connection);
        close(connection);
    }
}
