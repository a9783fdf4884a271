/* The bare client: as many round trips as asked for, 20 bytes and one descriptor each.
 *
 *   client SOCKET-PATH PROCESSOR COUNT
 *
 * Prints round trips a second. */
#define _GNU_SOURCE
#include <fcntl.h>
#include "common.h"

int main(int argc, char **argv)
{
    char bytes[20] = { 0 };
    double start;
    int connection, descriptor;
    long count;

    if (argc != 4)
        fail("usage: client SOCKET-PATH PROCESSOR COUNT");
    pin(atoi(argv[2]));
    count = atol(argv[3]);
    connection = connect_to(argv[1]);
    descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        fail_with_errno("open");
    start = seconds();
    for (long i = 0; i < count; i++) {
        send_with(connection, bytes, sizeof(bytes), descriptor);
        receive_all(connection, bytes, sizeof(bytes));
    }
    printf("%.1f\n", (double)count / (seconds() - start));
    return 0;
}
