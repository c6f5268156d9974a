/* Four nonces at a time (AVX2). */
#ifdef __x86_64__
#include <immintrin.h>

#define SEARCH search_avx2
#define TARGET __attribute__((target("avx2")))
#define LANES 4
#define Lanes __m256i
#define SPLAT(word) _mm256_set1_epi64x((long long)(word))
#define REVERSED                                                                                              \
  _mm256_set_epi64x(0x08090a0b0c0d0e0f, 0x0001020304050607, 0x08090a0b0c0d0e0f, 0x0001020304050607)
#define NONCES(first) _mm256_shuffle_epi8(_mm256_add_epi64(SPLAT(first), _mm256_set_epi64x(3, 2, 1, 0)), REVERSED)
#define STORE(to, a) _mm256_storeu_si256((__m256i *)(to), a)
#define ANY_ZERO(a, m)                                                                                        \
  (_mm256_movemask_epi8(_mm256_cmpeq_epi64(_mm256_and_si256(a, SPLAT(m)), _mm256_setzero_si256())) != 0)
#define XOR(a, b) _mm256_xor_si256(a, b)
#define XOR3(a, b, c) XOR(XOR(a, b), c)
/* There is no rotation: the word is shifted both ways. */
#define ROTATE(a, n) _mm256_or_si256(_mm256_slli_epi64(a, n), _mm256_srli_epi64(a, 64 - (n)))
#define CHI(a, b, c) XOR(a, _mm256_andnot_si256(b, c))
#include "kernel.h"

#else
/* A file of C has something in it. */
typedef int no_avx2;
#endif
