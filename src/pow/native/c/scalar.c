/* One nonce at a time, for any processor. */
#include <stdint.h>

#define SEARCH search_scalar
#define TARGET
#define LANES 1
#define Lanes uint64_t
#define SPLAT(word) ((uint64_t)(word))
#define NONCES(first) __builtin_bswap64(first)
#define STORE(to, a) (*(to) = (a))
#define ANY_ZERO(a, m) (((a) & (m)) == 0)
#define XOR(a, b) ((a) ^ (b))
#define XOR3(a, b, c) ((a) ^ (b) ^ (c))
#define ROTATE(a, n) (((a) << (n)) | ((a) >> (64 - (n))))
#define CHI(a, b, c) ((a) ^ (~(b) & (c)))
#include "kernel.h"
