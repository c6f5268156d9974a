/* Eight nonces at a time, with three-operand logic and rotations (AVX-512 F and BW). */
#ifdef __x86_64__
#include <immintrin.h>

#define SEARCH search_avx512
#define TARGET __attribute__((target("avx512f,avx512bw")))
#define LANES 8
#define Lanes __m512i
#define SPLAT(word) _mm512_set1_epi64((long long)(word))
#define REVERSED                                                                                              \
  _mm512_set_epi64(0x08090a0b0c0d0e0f, 0x0001020304050607, 0x08090a0b0c0d0e0f, 0x0001020304050607,             \
                   0x08090a0b0c0d0e0f, 0x0001020304050607, 0x08090a0b0c0d0e0f, 0x0001020304050607)
#define NONCES(first)                                                                                         \
  _mm512_shuffle_epi8(_mm512_add_epi64(SPLAT(first), _mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0)), REVERSED)
#define STORE(to, a) _mm512_storeu_si512(to, a)
#define ANY_ZERO(a, m) (_mm512_testn_epi64_mask(a, SPLAT(m)) != 0)
#define XOR(a, b) _mm512_xor_si512(a, b)
#define XOR3(a, b, c) _mm512_ternarylogic_epi64(a, b, c, 0x96)
#define ROTATE(a, n) _mm512_rol_epi64(a, n)
#define CHI(a, b, c) _mm512_ternarylogic_epi64(a, b, c, 0xd2)
#include "kernel.h"

#else
/* A file of C has something in it. */
typedef int no_avx512;
#endif
