/*
 * The search as an addon of Node. It exports
 *
 *   instructionSets(): string[]      those that this machine has, the widest first
 *   search(set, prefix, first, count, target, hits): number
 *
 * `search` tries `count` nonces from the bigint `first` up, stores in the BigUint64Array `hits` those whose hash's first 64 bits
 * are at most the bigint `target`, and returns how many it stored. It throws a RangeError at anything that does not fit.
 */
#define NAPI_VERSION 8
#include <node_api.h>

#include "search.h"

#include <string.h>

/* The error that an argument is answered with. */
static napi_value refuse(napi_env env, const char *message) {
  napi_throw_range_error(env, NULL, message);
  return NULL;
}

static const InstructionSet *set_named(const char *name) {
  for (const InstructionSet *set = instruction_sets; set->name != NULL; set++) {
    if (strcmp(set->name, name) == 0 && set->usable()) return set;
  }
  return NULL;
}

static napi_value list(napi_env env, napi_callback_info info) {
  (void)info;
  napi_value names;
  uint32_t count = 0;
  if (napi_create_array(env, &names) != napi_ok) return NULL;
  for (const InstructionSet *set = instruction_sets; set->name != NULL; set++) {
    napi_value name;
    if (!set->usable()) continue;
    if (napi_create_string_utf8(env, set->name, NAPI_AUTO_LENGTH, &name) != napi_ok) return NULL;
    if (napi_set_element(env, names, count++, name) != napi_ok) return NULL;
  }
  return names;
}

/* The bytes of a typed array of one kind; NULL for anything else. */
static void *elements(napi_env env, napi_value value, napi_typedarray_type expected, size_t *length) {
  bool is_typed = false;
  napi_typedarray_type type;
  void *data = NULL;
  if (napi_is_typedarray(env, value, &is_typed) != napi_ok || !is_typed) return NULL;
  if (napi_get_typedarray_info(env, value, &type, length, &data, NULL, NULL) != napi_ok) return NULL;
  return type == expected ? data : NULL;
}

static napi_value search(napi_env env, napi_callback_info info) {
  size_t given = 6, prefix_length = 0, room = 0;
  napi_value arguments[6], result;
  char name[16];
  uint64_t first, target;
  uint32_t count;
  bool lossless = true;

  if (napi_get_cb_info(env, info, &given, arguments, NULL, NULL) != napi_ok) return NULL;
  if (given < 6) return refuse(env, "search takes six arguments");
  if (napi_get_value_string_utf8(env, arguments[0], name, sizeof name, NULL) != napi_ok) {
    return refuse(env, "The instruction set must be a string");
  }
  const InstructionSet *set = set_named(name);
  if (set == NULL) return refuse(env, "This machine does not have the instruction set");
  const uint8_t *prefix = elements(env, arguments[1], napi_uint8_array, &prefix_length);
  if (prefix == NULL || prefix_length != 32) return refuse(env, "The prefix must be a Uint8Array of 32 bytes");
  if (napi_get_value_bigint_uint64(env, arguments[2], &first, &lossless) != napi_ok || !lossless) {
    return refuse(env, "The first nonce must be a bigint below 2^64");
  }
  if (napi_get_value_uint32(env, arguments[3], &count) != napi_ok) return refuse(env, "The count must be a number");
  if (napi_get_value_bigint_uint64(env, arguments[4], &target, &lossless) != napi_ok || !lossless) {
    return refuse(env, "The target must be a bigint below 2^64");
  }
  uint64_t *hits = elements(env, arguments[5], napi_biguint64_array, &room);
  if (hits == NULL || room < count) return refuse(env, "The hits must be a BigUint64Array with room for the count");

  const size_t stored = set->search(prefix, first, count, target, hits);
  return napi_create_uint32(env, (uint32_t)stored, &result) == napi_ok ? result : NULL;
}

NAPI_MODULE_INIT() {
  napi_value function;
  if (napi_create_function(env, "instructionSets", NAPI_AUTO_LENGTH, list, NULL, &function) != napi_ok) return NULL;
  if (napi_set_named_property(env, exports, "instructionSets", function) != napi_ok) return NULL;
  if (napi_create_function(env, "search", NAPI_AUTO_LENGTH, search, NULL, &function) != napi_ok) return NULL;
  if (napi_set_named_property(env, exports, "search", function) != napi_ok) return NULL;
  return exports;
}
