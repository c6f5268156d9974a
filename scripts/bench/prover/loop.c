/*
 * The same search without Node: a plain program, one thread, nothing but the loop.
 *
 * Usage: loop SET SECONDS
 * Prints the hashes and the seconds of processor time that they took.
 */
#define _POSIX_C_SOURCE 200809L
#include "search.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CHUNK 65536

static double processor_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int count, char **arguments) {
  static uint64_t hits[CHUNK];
  const uint8_t prefix[32] = {0};
  if (count != 3) return 2;
  for (const InstructionSet *set = instruction_sets; set->name != NULL; set++) {
    if (strcmp(set->name, arguments[1]) != 0 || !set->usable()) continue;
    const double began = processor_seconds(), seconds = atof(arguments[2]);
    uint64_t nonce = 0;
    double took;
    do {
      /* No hash is at most 0, so that nothing but hashing is measured. */
      if (set->search(prefix, nonce, CHUNK, 0, hits) != 0) return 3;
      nonce += CHUNK;
      took = processor_seconds() - began;
    } while (took < seconds);
    printf("%" PRIu64 " %.9f\n", nonce, took);
    return 0;
  }
  return 1;
}
