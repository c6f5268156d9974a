/* Which instruction sets there are, and which of them this machine has. */
#include "search.h"

static int always(void) { return 1; }

#ifdef __x86_64__
/* The compiler's own test, which asks the operating system as well whether it keeps the registers. */
static int has_avx512(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw");
}

static int has_avx2(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") != 0;
}
#endif

const InstructionSet instruction_sets[] = {
#ifdef __x86_64__
    {"avx512", has_avx512, search_avx512},
    {"avx2", has_avx2, search_avx2},
#endif
#ifdef __aarch64__
    {"neon", always, search_neon},
#endif
    {"scalar", always, search_scalar},
    {NULL, NULL, NULL},
};
