/** Where the kernel's memory holds what: shared by the generator of its text, scripts/kernel/wat.ts, and the worker that feeds it. */

/** The 32 bytes of prefix. */
export const PREFIX_OFFSET = 0;
/** The target's top 64 bits, as a little-endian number. */
export const TARGET_OFFSET = 32;
/** The zero bits that every hit's first eight bytes show, as ones, in the order of the hash's bytes. */
export const MASK_OFFSET = 40;
/** Nonces found, little-endian, eight bytes each. */
export const HITS_OFFSET = 64;
/** Most nonces that one call may hash: there is room to store every one of them. */
export const MAX_CHUNK = 65_536;
