/* The bare loop: a back-end process for every round, the same messages, and its end.
 *
 *   migration SCRIPT PROCESSOR COUNT PROGRAM ARGUMENT…
 *
 * The script holds a line a message: its bytes in hexadecimal, the length of the reply (0: none), and what goes with it
 * ("-": nothing, "save": the writing end of a pipe that is then read to its end). The program inherits a listening
 * socket as descriptor 3. Prints rounds a second. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/wait.h>
#include "common.h"

enum { MESSAGES = 64, BYTES = 512, LISTENER = 3 };

static struct message {
    unsigned char bytes[BYTES];
    size_t length, reply;
    int save;
} messages[MESSAGES];
static size_t message_count;

static void load(const char *path)
{
    char line[2 * BYTES + 64], hex[2 * BYTES + 1], extra[16];
    FILE *file = fopen(path, "re");

    if (!file)
        fail_with_errno(path);
    while (fgets(line, sizeof(line), file)) {
        struct message *message = &messages[message_count];

        if (message_count == MESSAGES || sscanf(line, "%1024s %zu %15s", hex, &message->reply, extra) != 3)
            fail("the script is malformed");
        message->length = strlen(hex) / 2;
        for (size_t i = 0; i < message->length; i++) {
            unsigned byte;

            if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
                fail("the script is malformed");
            message->bytes[i] = (unsigned char)byte;
        }
        message->save = !strcmp(extra, "save");
        message_count++;
    }
    fclose(file);
}

static void drain(int descriptor)
{
    static char bytes[1 << 16];
    ssize_t got;

    while ((got = read(descriptor, bytes, sizeof(bytes))) != 0)
        if (got < 0 && errno != EINTR)
            fail_with_errno("read");
}

static void converse(int connection)
{
    for (size_t i = 0; i < message_count; i++) {
        struct message *message = &messages[i];
        unsigned char reply[BYTES];
        int ends[2] = { -1, -1 };

        if (message->save && pipe2(ends, O_CLOEXEC) < 0)
            fail_with_errno("pipe2");
        send_with(connection, message->bytes, message->length, ends[1]);
        if (message->reply)
            receive_all(connection, reply, message->reply);
        if (message->save) {
            close(ends[1]);
            drain(ends[0]);
            close(ends[0]);
        }
    }
}

static void round_trip(char **program, const char *path)
{
    int listener = listen_at(path), connection, status;
    pid_t child = vfork();

    if (child < 0)
        fail_with_errno("vfork");
    if (child == 0) {
        int null = open("/dev/null", O_WRONLY);

        if (dup2(null, 2) < 0 || (listener == LISTENER ? fcntl(LISTENER, F_SETFD, 0) : dup2(listener, LISTENER)) < 0)
            _exit(126);
        execvp(program[0], program);
        _exit(127);
    }
    connection = connect_to(path);
    close(listener);
    converse(connection);
    close(connection);
    if (waitpid(child, &status, 0) != child)
        fail_with_errno("waitpid");
    if (WIFEXITED(status) && WEXITSTATUS(status) >= 126)
        fail("the back-end could not be started");
    unlink(path);
}

int main(int argc, char **argv)
{
    char path[] = "/tmp/vhost-check-bench-XXXXXX", socket_path[sizeof(path) + 8];
    double start;
    long count;

    if (argc < 5)
        fail("usage: migration SCRIPT PROCESSOR COUNT PROGRAM ARGUMENT...");
    load(argv[1]);
    pin(atoi(argv[2]));
    count = atol(argv[3]);
    if (!mkdtemp(path))
        fail_with_errno("mkdtemp");
    snprintf(socket_path, sizeof(socket_path), "%s/s", path);
    start = seconds();
    for (long i = 0; i < count; i++)
        round_trip(argv + 4, socket_path);
    printf("%.1f\n", (double)count / (seconds() - start));
    rmdir(path);
    return 0;
}
