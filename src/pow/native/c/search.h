/* What searches, and for which processors. */
#ifndef NATIVE_SEARCH_H
#define NATIVE_SEARCH_H

#include <stddef.h>
#include <stdint.h>

#if !defined(__BYTE_ORDER__) || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "The search is written for little-endian processors"
#endif

/*
 * Tries `count` nonces from `first` up, which may pass 2^63 but not 2^64. Stores those for which the first 64 bits of
 * keccak256(prefix || nonce) are at most `target`, ascending, and returns how many they are. `hits` has room for `count`.
 */
typedef size_t Search(const uint8_t prefix[32], uint64_t first, size_t count, uint64_t target, uint64_t *hits);

/* One set of instructions that the search is compiled for. */
typedef struct {
  const char *name;
  /* Whether processor and operating system have it. */
  int (*usable)(void);
  Search *search;
} InstructionSet;

/* All that were compiled, the widest first. Ends with one without a name. */
extern const InstructionSet instruction_sets[];

Search search_avx512, search_avx2, search_neon, search_scalar;

#endif
