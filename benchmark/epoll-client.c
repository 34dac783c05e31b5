/*
 * The least that a client in C needs to receive a broadcast: opens connections to a WebSocket server on 127.0.0.1, sends
 * messages over the first at a steady rate, and prints the median time, in us, until the last connection had a message.
 * It polls without sleeping, reads the clock once for each read, and counts bytes: it parses and checks nothing.
 *
 * epoll-client <port> <connections> <bytes of a message> <messages a second> <messages> <first messages left out>
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

static const char request[] =
    "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

static double now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static int by_value(const void *a, const void *b) { return (*(double *)a > *(double *)b) - (*(double *)a < *(double *)b); }

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static int open_websocket(int port) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  char answer[4096];
  int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) < 0) fail("connect");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (write(fd, request, sizeof request - 1) < 0 || read(fd, answer, sizeof answer) <= 0) fail("handshake");
  return fd;
}

int main(int count, char **args) {
  if (count != 7) return 2;
  int port = atoi(args[1]), connections = atoi(args[2]), bytes = atoi(args[3]), messages = atoi(args[5]);
  int left_out = atoi(args[6]), head = bytes < 126 ? 2 : 4, *have = calloc(messages, sizeof *have);
  double every_us = 1e6 / atof(args[4]), *sent_us = calloc(messages, sizeof *sent_us);
  double *took_us = calloc(messages, sizeof *took_us);
  long *got = calloc(connections, sizeof *got);
  /* A masked text frame whose masking key is four spaces. */
  unsigned char frame[4096], buffer[65536];
  frame[0] = 0x81, frame[1] = 0x80 | (head == 2 ? bytes : 126), frame[2] = bytes >> 8, frame[3] = bytes;
  memset(frame + head, ' ', 4), memset(frame + head + 4, 'a' ^ ' ', bytes);
  int poll = epoll_create1(0), first = 0;
  static struct epoll_event events[1024];
  for (int i = 0; i < connections; i++) {
    int fd = open_websocket(port);
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = (unsigned long)i << 32 | fd};
    if (epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event) < 0) fail("epoll_ctl");
    if (i == 0) first = fd;
  }
  double from_us = now_us() + 5e4;
  for (int sent = 0, done = 0; done < messages;) {
    if (sent < messages && now_us() >= from_us + sent * every_us) {
      sent_us[sent++] = now_us();
      if (write(first, frame, head + 4 + bytes) != head + 4 + bytes) fail("write");
    }
    int ready = epoll_wait(poll, events, 1024, 0);
    for (int i = 0; i < ready; i++) {
      int receiver = events[i].data.u64 >> 32;
      long length = read((int)events[i].data.u64, buffer, sizeof buffer);
      double read_us = now_us();
      if (length <= 0) fail("read");
      long from = got[receiver] / (head + bytes), to = (got[receiver] += length) / (head + bytes);
      for (; from < to && from < messages; from++)
        if (++have[from] == connections) took_us[from] = read_us - sent_us[from], done++;
    }
  }
  qsort(took_us + left_out, messages - left_out, sizeof *took_us, by_value);
  printf("%.0f\n", took_us[left_out + (messages - left_out) / 2]);
}
