/* Two nonces at a time (NEON, which every 64-bit ARM processor has). */
#ifdef __aarch64__
#include <arm_neon.h>

#define SEARCH search_neon
#define TARGET
#define LANES 2
#define Lanes uint64x2_t
#define SPLAT(word) vdupq_n_u64(word)
#define BOTH vcombine_u64(vcreate_u64(0), vcreate_u64(1))
#define NONCES(first) vreinterpretq_u64_u8(vrev64q_u8(vreinterpretq_u8_u64(vaddq_u64(SPLAT(first), BOTH))))
#define STORE(to, a) vst1q_u64(to, a)
#define ANY_ZERO(a, m) ((vgetq_lane_u64(a, 0) & (m)) == 0 || (vgetq_lane_u64(a, 1) & (m)) == 0)
#define XOR(a, b) veorq_u64(a, b)
#define XOR3(a, b, c) XOR(XOR(a, b), c)
/* Shift one way, and insert what falls out of the other. */
#define ROTATE(a, n) vsriq_n_u64(vshlq_n_u64(a, n), a, 64 - (n))
#define CHI(a, b, c) XOR(a, vbicq_u64(c, b))
#include "kernel.h"

#else
/* A file of C has something in it. */
typedef int no_neon;
#endif
