/*
 * The search loop, unrolled. The file that includes this one defines, for its instruction set:
 *
 *   SEARCH           the name of the function
 *   TARGET           the attribute that permits the instructions, or nothing
 *   LANES, Lanes     how many nonces are tried at a time, and the vector of so many 64-bit words
 *   SPLAT(word)      the word in each lane
 *   NONCES(first)    the nonces from `first` up with their bytes reversed: nonces are big-endian, lanes little-endian
 *   STORE(to, a)     writes the lanes to memory
 *   ANY_ZERO(a, m)   whether `a & m` is zero in any lane
 *   XOR(a, b), XOR3(a, b, c), ROTATE(a, n) to the left by 1 to 63, CHI(a, b, c) for a ^ (~b & c)
 *
 * The compiler takes out of the loop what does not depend on the nonce, and leaves away what the hash's first word does not
 * need.
 */
#include "search.h"

#include <string.h>

/* Theta (FIPS 202, section 3.2.1): to each lane come the parity of the column to its left and, turned, that to its right. */
#define COLUMN(x, left, right) const Lanes d##x = XOR(c##left, ROTATE(c##right, 1))
#define THETA(a, x) XOR(a, d##x)
#define PARITY(a, b, c, d, e) XOR3(XOR3(a, b, c), d, e)

/* Theta and rho (section 3.2.2) of a lane in column x. */
#define MOVED(a, x, distance) ROTATE(THETA(a, x), distance)

/* Chi (section 3.2.4) of a row. */
#define ROW(r0, r1, r2, r3, r4, lane0, lane1, lane2, lane3, lane4)                                            \
  do {                                                                                                        \
    const Lanes b0 = lane0, b1 = lane1, b2 = lane2, b3 = lane3, b4 = lane4;                                   \
    r0 = CHI(b0, b1, b2);                                                                                     \
    r1 = CHI(b1, b2, b3);                                                                                     \
    r2 = CHI(b2, b3, b4);                                                                                     \
    r3 = CHI(b3, b4, b0);                                                                                     \
    r4 = CHI(b4, b0, b1);                                                                                     \
  } while (0)

/* A round from the lanes s0 to s24 to the lanes r0 to r24, row by row; which lanes a row is made of is pi (section 3.2.3). */
#define ROUND(s, r, constant)                                                                                 \
  do {                                                                                                        \
    const Lanes c0 = PARITY(s##0, s##5, s##10, s##15, s##20), c1 = PARITY(s##1, s##6, s##11, s##16, s##21);    \
    const Lanes c2 = PARITY(s##2, s##7, s##12, s##17, s##22), c3 = PARITY(s##3, s##8, s##13, s##18, s##23);    \
    const Lanes c4 = PARITY(s##4, s##9, s##14, s##19, s##24);                                                 \
    COLUMN(0, 4, 1);                                                                                          \
    COLUMN(1, 0, 2);                                                                                          \
    COLUMN(2, 1, 3);                                                                                          \
    COLUMN(3, 2, 4);                                                                                          \
    COLUMN(4, 3, 0);                                                                                          \
    ROW(r##0, r##1, r##2, r##3, r##4, THETA(s##0, 0), MOVED(s##6, 1, 44), MOVED(s##12, 2, 43),                 \
        MOVED(s##18, 3, 21), MOVED(s##24, 4, 14));                                                            \
    r##0 = XOR(r##0, SPLAT(constant));                                                                        \
    ROW(r##5, r##6, r##7, r##8, r##9, MOVED(s##3, 3, 28), MOVED(s##9, 4, 20), MOVED(s##10, 0, 3),              \
        MOVED(s##16, 1, 45), MOVED(s##22, 2, 61));                                                            \
    ROW(r##10, r##11, r##12, r##13, r##14, MOVED(s##1, 1, 1), MOVED(s##7, 2, 6), MOVED(s##13, 3, 25),          \
        MOVED(s##19, 4, 8), MOVED(s##20, 0, 18));                                                             \
    ROW(r##15, r##16, r##17, r##18, r##19, MOVED(s##4, 4, 27), MOVED(s##5, 0, 36), MOVED(s##11, 1, 10),        \
        MOVED(s##17, 2, 15), MOVED(s##23, 3, 56));                                                            \
    ROW(r##20, r##21, r##22, r##23, r##24, MOVED(s##2, 2, 62), MOVED(s##8, 3, 55), MOVED(s##14, 4, 39),        \
        MOVED(s##15, 0, 41), MOVED(s##21, 1, 2));                                                             \
  } while (0)

/* Two rounds, so that the lanes are where they were. */
#define ROUNDS(first, second)                                                                                 \
  ROUND(a, e, first);                                                                                         \
  ROUND(e, a, second)

/* A one for each bit that is zero in every hit, in the order of the hash's bytes: most hashes are refused by it alone. */
static inline uint64_t mask_of(uint64_t target) {
  if (target == 0) return ~0ULL;
  const int zeros = __builtin_clzll(target);
  return zeros == 0 ? 0 : __builtin_bswap64(~0ULL << (64 - zeros));
}

TARGET size_t SEARCH(const uint8_t prefix[32], uint64_t first, size_t count, uint64_t target, uint64_t *hits) {
  uint64_t words[4];
  memcpy(words, prefix, sizeof words);
  const Lanes p0 = SPLAT(words[0]), p1 = SPLAT(words[1]), p2 = SPLAT(words[2]), p3 = SPLAT(words[3]);
  const Lanes zero = SPLAT(0), padding = SPLAT(1), end = SPLAT(1ULL << 63);
  const uint64_t mask = mask_of(target);
  size_t stored = 0;
  for (size_t done = 0; done < count; done += LANES) {
    Lanes a0 = p0, a1 = p1, a2 = p2, a3 = p3, a4 = NONCES(first + done), a5 = padding, a6 = zero, a7 = zero, a8 = zero;
    Lanes a9 = zero, a10 = zero, a11 = zero, a12 = zero, a13 = zero, a14 = zero, a15 = zero, a16 = end, a17 = zero;
    Lanes a18 = zero, a19 = zero, a20 = zero, a21 = zero, a22 = zero, a23 = zero, a24 = zero;
    Lanes e0, e1, e2, e3, e4, e5, e6, e7, e8, e9, e10, e11, e12, e13, e14, e15, e16, e17, e18, e19, e20, e21, e22, e23, e24;
    ROUNDS(0x0000000000000001ULL, 0x0000000000008082ULL);
    ROUNDS(0x800000000000808aULL, 0x8000000080008000ULL);
    ROUNDS(0x000000000000808bULL, 0x0000000080000001ULL);
    ROUNDS(0x8000000080008081ULL, 0x8000000000008009ULL);
    ROUNDS(0x000000000000008aULL, 0x0000000000000088ULL);
    ROUNDS(0x0000000080008009ULL, 0x000000008000000aULL);
    ROUNDS(0x000000008000808bULL, 0x800000000000008bULL);
    ROUNDS(0x8000000000008089ULL, 0x8000000000008003ULL);
    ROUNDS(0x8000000000008002ULL, 0x8000000000000080ULL);
    ROUNDS(0x000000000000800aULL, 0x800000008000000aULL);
    ROUNDS(0x8000000080008081ULL, 0x8000000000008080ULL);
    ROUNDS(0x0000000080000001ULL, 0x8000000080008008ULL);
    if (__builtin_expect(ANY_ZERO(a0, mask), 0)) {
      uint64_t hashes[LANES];
      STORE(hashes, a0);
      for (size_t i = 0; i < LANES && done + i < count; i++) {
        if (__builtin_bswap64(hashes[i]) <= target) hits[stored++] = first + done + i;
      }
    }
  }
  return stored;
}
